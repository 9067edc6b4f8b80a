#!/usr/bin/env node
// The `gandl` command. Reads argv, loads the one command asked for, and turns errors into exit codes: 2 for the user's
// mistake, 1 for ours, 130 after Ctrl-C.
import { Command, CommanderError, Option } from "commander";
import { isGanDlError } from "../core/errors.ts";
import { COMMANDS } from "./commands/index.ts";
import { fileFault, isFileFault, resultLost } from "./output/errors.ts";
import { packageVersion } from "./package-version.ts";

function program(): Command {
  const gandl = new Command("gandl")
    .description(
      "Learns what cells look like without a single label, and turns that into drug-screen answers.\n\n" +
        "images ──import──▶ dataset ──train──▶ run ──embed──▶ embedding ──evaluate──▶ results ──report──▶ one HTML page",
    )
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show help; every command has its own with an example")
    .addOption(new Option("--verbose", "show stack traces and lower errors").default(false))
    .showHelpAfterError("(add --help for what a command takes)")
    .exitOverride()
    .addHelpText(
      "after",
      "\nStart here:\n  gandl demo                        everything on a synthetic screen, in minutes, into demo/report.html\n" +
        "  gandl demo --data DIR_OR_ZIP      the same on your images\n  gandl doctor                      is this machine ready?",
    );
  for (const add of COMMANDS) add(gandl);
  for (const command of gandl.commands) command.exitOverride();
  return gandl;
}

function explain(thrown: unknown, verbose: boolean): number {
  const error = isFileFault(thrown) ? fileFault(thrown) : thrown;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed its message
  if (error instanceof DOMException && error.name === "AbortError") return 130; // Ctrl-C: the command has said what is kept
  if (isGanDlError(error)) {
    console.error(`\nerror: ${error.message}`);
    if (verbose) console.error(error.stack, error.cause ?? "");
    return 2;
  }
  console.error(`\nThis is a fault of gan-dl, not of yours. Please report it with the lines below.`);
  console.error(error instanceof Error ? error.stack : error);
  return 1;
}

// `gandl … | head` has read enough: no fault. A result that nobody can read, as on a full disk, is one.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") process.exitCode = explain(resultLost(error), false);
});
process.stderr.on("error", () => {}); // nobody is left to tell

const gandl = program();
try {
  await gandl.parseAsync(process.argv);
} catch (error) {
  process.exitCode = explain(error, gandl.opts().verbose === true);
}
