#!/usr/bin/env node
// Brings a fresh clone to a state in which everything runs, or says in one sentence why it cannot be done here. Safe to run again:
// what has not changed is not done again. In the syntax of Node 12, as refusals.mjs says.
import { here, verdictOn } from "./refusals.mjs";

const HELP = `Usage: npm run setup [-- --for-tests] [--help]

Checks Node, the system and the C++ compiler, installs LibTorch where none is found (Debian/Ubuntu, by apt-get), runs npm ci,
builds the native addon, compiles TypeScript and builds the explorer. Each step is skipped when nothing it depends on has changed.

  --for-tests   also see to Chromium, which the browser tests drive (they are skipped by name without it)
  LIBTORCH=DIR  use this LibTorch instead of looking for one
  CXX=NAME      use this C++ compiler

Example: LIBTORCH=/opt/libtorch npm run setup`;

function fail(text) {
  console.error(`\nset-up failed: ${text}`);
  process.exitCode = 1;
}

function main() {
  if (process.argv.includes("--help")) return console.log(HELP);
  const { refusal, warning } = verdictOn(here());
  if (refusal) return fail(`${refusal.what}\n  fix: ${refusal.fix}`);
  if (warning) console.error(`[setup] warning: ${warning}`);
  return import("./setup-steps.mjs").then(({ setUp, SetupError }) =>
    setUp().catch((error) => fail(error instanceof SetupError ? error.message : error.stack)),
  );
}

main();
