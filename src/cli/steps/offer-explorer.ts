// The end of a demo on a terminal: the explorer's address, and an offer to open it. Scripts get the command instead.
import { createInterface } from "node:readline/promises";
import { openBrowser } from "../commands/serve.ts";
import type { View } from "../view.ts";

/** A running explorer. */
export interface RunningExplorer {
  /** Where a browser finds it. */
  readonly address: string;
  close(): Promise<void>;
}

export interface OfferOptions {
  /** What `--no-serve` and `--json` turn off. */
  readonly serve: boolean;
  /** Serves a folder; called only on a terminal. */
  readonly start: (folder: string) => Promise<RunningExplorer>;
  /** Whether a person sits at both ends. @default both standard streams are terminals */
  readonly isTerminal?: boolean;
  /** Waits for Enter (true) or the end of it all (false). @default from standard input, until Ctrl-C */
  readonly ask?: (question: string) => Promise<boolean>;
  /** @default the system's browser */
  readonly open?: (url: string) => void;
}

/** What a script or a reader of a log does to look at a folder. */
export const serveCommand = (folder: string): string =>
  `gandl serve ${/^[\w./~-]+$/.test(folder) ? folder : JSON.stringify(folder)}`;

/**
 * Without a terminal, or where it is not wanted, nothing is started and nothing waits. On a terminal the explorer is served until Ctrl-C.
 */
export async function offerExplorer(view: View, folder: string, options: OfferOptions): Promise<void> {
  const { serve, start, ask = askForEnter, open = openBrowser } = options;
  const isTerminal = options.isTerminal ?? (process.stdin.isTTY === true && process.stderr.isTTY === true);
  if (!serve || !isTerminal) {
    view.line(`Look at it in the explorer: ${serveCommand(folder)}`);
    return;
  }
  const explorer = await start(folder);
  try {
    view.line(`The explorer: ${explorer.address}`);
    const wanted = await ask("Enter opens it in a browser, Ctrl-C ends it. ");
    if (!wanted) return;
    open(explorer.address);
    await ask("Ctrl-C ends the explorer. ");
  } finally {
    await explorer.close();
  }
}

async function askForEnter(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<false>((resolve) => {
    lines.once("SIGINT", () => resolve(false));
    lines.once("close", () => resolve(false));
  });
  try {
    return await Promise.race([lines.question(question).then(() => true), ended]);
  } finally {
    lines.close();
  }
}
