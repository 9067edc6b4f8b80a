import { expect, it } from "vitest";
import { GanDlError, isGanDlError } from "./errors.ts";

const error = new GanDlError("bad-config", {
  what: "a.json has no seed.",
  why: "runs must repeat.",
  fix: "add a seed.",
  cause: "c",
});

it("says what, why and how to fix, in that order", () => {
  expect(error.message).toBe("a.json has no seed.\n  why: runs must repeat.\n  fix: add a seed.");
  expect(error.cause).toBe("c");
});

it("is recognised by code, and other errors are not", () => {
  expect(isGanDlError(error)).toBe(true);
  expect(isGanDlError(error, "bad-config")).toBe(true);
  expect(isGanDlError(error, "other")).toBe(false);
  expect(isGanDlError(new Error("x"))).toBe(false);
});
