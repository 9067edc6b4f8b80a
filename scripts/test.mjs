#!/usr/bin/env node
// Runs everything that must hold before a change lands: lint and format, types, then the tests. The last line counts tests.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const filters = process.argv.slice(2);
const node = (script, ...args) =>
  spawnSync(process.execPath, [join(root, script), ...args], { cwd: root, stdio: "inherit" }).status === 0;

const failed = [];
if (filters.length === 0) {
  if (!node("node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."))
    failed.push("lint and format (npm run format mends most)");
  if (!node("node_modules/typescript/bin/tsc", "--noEmit", "-p", "tsconfig.test.json")) failed.push("types");
  if (!node("node_modules/typescript/bin/tsc", "--noEmit", "-p", "explorer")) failed.push("types of the explorer");
}

const folder = mkdtempSync(join(tmpdir(), "gandl-test-"));
const json = join(folder, "results.json");
const passed = node(
  "node_modules/vitest/vitest.mjs",
  "run",
  "--reporter=default",
  "--reporter=json",
  "--reporter=./scripts/failures-reporter.mjs",
  `--outputFile.json=${json}`,
  ...filters,
);
let counts = null;
try {
  const results = JSON.parse(readFileSync(json, "utf8"));
  counts = {
    passed: results.numPassedTests,
    failed: results.numFailedTests,
    skipped: results.numPendingTests + results.numTodoTests,
  };
} catch {
  failed.push("vitest, which wrote no results");
}
rmSync(folder, { recursive: true, force: true });

if (!passed) failed.push("tests");
if (counts && counts.passed + counts.failed === 0) failed.push("no test ran");
for (const what of failed) console.log(`FAILED: ${what}`);
if (counts) console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = failed.length === 0 ? 0 : 1;
