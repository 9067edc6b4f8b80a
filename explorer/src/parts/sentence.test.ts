import { expect, it } from "vitest";
import { imageTooSmall, pageBroken, unreadableFile } from "../encoder/errors.ts";
import { sentence } from "./sentence.ts";

const said = (error: Error) => error.message.split("\n").map(sentence).join(" ");

it("says an error as sentences, each with its capital and without why and fix", () => {
  expect(said(imageTooSmall("16 × 16 px", 64))).toBe(
    "The image is 16 × 16 px; the encoder needs at least 64 × 64 px of it. It sees squares of the size that it was trained on. Drop the whole field of view, at the pixel size of the screen.",
  );
  expect(said(pageBroken("model.onnx", "it is cut short."))).toMatch(
    /^The page's file model\.onnx .* It is cut short\. Open/,
  );
});

it("leaves names of files as they are", () => {
  expect(said(unreadableFile("the.png", "it is cut short."))).toMatch(/^the\.png cannot be read\. It is cut/);
  expect(said(unreadableFile("fix.png", "why not."))).toMatch(/^fix\.png cannot be read\. Why not\./);
});
