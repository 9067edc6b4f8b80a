// Every command, in the order in which `gandl --help` lists them. Each file adds one command and loads its work lazily.
import type { Command } from "commander";

/** Adds one command to the program. */
export type AddCommand = (program: Command) => void;

export const COMMANDS: readonly AddCommand[] = [];
