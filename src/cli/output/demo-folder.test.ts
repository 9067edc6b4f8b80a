import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { messageOf } from "../../core/message-of.fixture.ts";
import { clearDemoFolder } from "./demo-folder.ts";

const root = mkdtempSync(join(tmpdir(), "gandl-demo-folder-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it("replaces what a demo made, and nothing beside it", async () => {
  const out = join(root, "demo");
  await clearDemoFolder(out);
  mkdirSync(join(out, "run"));
  writeFileSync(join(out, "run/checkpoint"), "of the demo");
  writeFileSync(join(out, "notes.txt"), "mine");
  await clearDemoFolder(out);
  expect(existsSync(join(out, "run"))).toBe(false);
  expect(readFileSync(join(out, "notes.txt"), "utf8")).toBe("mine");
});

it("refuses a folder whose runs and data no demo made", async () => {
  const out = join(root, "work");
  mkdirSync(join(out, "run"), { recursive: true });
  writeFileSync(join(out, "run/checkpoint"), "three days");
  writeFileSync(join(out, "summary.json"), "{}");
  expect(await messageOf("folder-not-empty", () => clearDemoFolder(out))).toMatch(
    /work holds run, summary\.json, which no demo made\.\n.*replaces.*\n {2}fix: choose another --out/,
  );
  expect(readFileSync(join(out, "run/checkpoint"), "utf8")).toBe("three days");
  expect(await messageOf("bad-output", () => clearDemoFolder(join(out, "summary.json/x")))).toContain("not a folder");
});
