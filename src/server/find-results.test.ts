import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { TaskRun } from "../schema/index.ts";
import { findResults } from "./find-results.ts";

const root = mkdtempSync(join(tmpdir(), "gandl-results-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const run = (question: string): TaskRun => ({
  ...{ task: "hits", title: "t", question, encoder: "e", split: "s", nWells: 1, nImages: 1, nPlates: 1, seed: 1 },
  ...{ results: [], notes: [] },
});

it("finds lists of task results, newest first, and nothing else", async () => {
  const write = (file: string, content: unknown, age: number) => {
    mkdirSync(join(root, file, ".."), { recursive: true });
    writeFileSync(join(root, file), typeof content === "string" ? content : JSON.stringify(content));
    utimesSync(join(root, file), 1000 - age, 1000 - age);
  };
  write("a/old.json", [run("old")], 9);
  write("new.json", [run("new"), run("second")], 1);
  write("a/b/c/deep.json", [run("deep")], 5);
  write("a/b/c/d/too-deep.json", [run("never")], 5);
  write(".hidden/x.json", [run("never")], 5);
  write("checkpoints/x.json", [run("never")], 5);
  write("other.json", { kind: "gandl-dataset" }, 5);
  write("list.json", [1, 2], 5);
  write("empty.json", [], 5);
  write("half.json", '[{"task":', 5);
  const found = await findResults(root);
  expect(found.map(({ file, runs }) => [file, runs.map(({ question }) => question)])).toEqual([
    ["new.json", ["new", "second"]],
    ["a/b/c/deep.json", ["deep"]],
    ["a/old.json", ["old"]],
  ]);
  expect(await findResults(join(root, "none"))).toEqual([]);
});
