// Another implementation, in a process of its own, that runs the same iteration when told to: rounds alternate with ours.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Phase } from "./arithmetic.ts";
import { peerFailed, peerNotFound } from "./errors.ts";
import type { BenchOptions, PeerVariant } from "./options.ts";
import { packageRoot } from "./package-root.ts";
import { configOf, LAZY, PERIOD_STEPS, type TrainingSize } from "./training-sizes.ts";

/** What the peer can be told to do: a phase, a step with all of them, or a period of steps. */
export type PeerWork = Phase | "step" | "period";

/** Files that a checkout must have. */
const NEEDED = ["training/networks.py", "training/loss.py", "torch_utils", "dnnlib"];
/** Lines of its error output kept for a message. */
const KEPT_LINES = 3;

/** A running peer in one variant; `close()` it. */
export interface Peer {
  /** Its version of torch, and where it is. */
  readonly description: string;
  /** Does the work once. @returns its seconds, by its own clock. @throws GanDlError `peer-failed`. */
  run(size: TrainingSize, work: PeerWork): Promise<number>;
  close(): void;
}

interface Answer {
  readonly ready?: string;
  readonly seconds?: number;
  readonly error?: string;
}

/**
 * Starts the peer in one variant, in `directory`, a checkout of NVlabs/stylegan2-ada-pytorch.
 * @throws GanDlError `peer-not-found`, `peer-failed`.
 */
export async function startPeer(
  directory: string,
  options: Pick<BenchOptions, "python" | "threads" | "device" | "precision"> & { readonly variant: PeerVariant },
): Promise<Peer> {
  const missing = NEEDED.find((name) => !existsSync(join(directory, name)));
  if (missing !== undefined) throw peerNotFound(directory, missing);
  const { python, threads, device, precision, variant } = options;
  const script = join(packageRoot, "bench/peer.py");
  const child = spawn(python, [script, directory, String(threads), device, precision, variant]);
  const answers = new Answers(child, python);
  const { ready = "" } = await answers.next();
  return {
    description: ready,
    run: async (size, work) => {
      child.stdin.write(`${JSON.stringify({ size: forPeer(size), work })}\n`);
      const { seconds } = await answers.next();
      if (seconds === undefined) throw peerFailed(python, "it answered without a time.");
      return seconds;
    },
    close: () => {
      child.stdin.end();
      child.kill();
    },
  };
}

/** Sizes and settings as bench/peer.py reads them: the same as ours. */
function forPeer(size: TrainingSize) {
  const { model, loss, pathLength, optimiser } = configOf(size);
  return {
    ...size,
    ...LAZY,
    periodSteps: PERIOD_STEPS,
    styleMixing: model.styleMixing,
    minibatchStdGroup: model.minibatchStdGroup,
    r1Gamma: loss.kind === "logistic" ? loss.r1Gamma : 0,
    pathLengthWeight: pathLength.weight,
    learningRate: optimiser.learningRate,
    beta2: optimiser.beta2,
  };
}

/** The lines that the child answers with, one a question; a child that ends or says an error fails whoever waits. */
class Answers {
  readonly #python: string;
  readonly #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  readonly #early: Answer[] = [];
  readonly #lastWords: string[] = [];
  #failure: Error | null = null;

  constructor(child: ChildProcessWithoutNullStreams, python: string) {
    this.#python = python;
    createInterface(child.stdout).on("line", (line) => this.#read(line));
    createInterface(child.stderr).on("line", (line) => {
      this.#lastWords.push(line);
      if (this.#lastWords.length > KEPT_LINES) this.#lastWords.shift();
    });
    child.on("error", (error) => this.#fail(`${python} cannot be started: ${error.message}.`, error));
    child.on("close", (code) =>
      this.#fail(`it ended with ${code}: ${this.#lastWords.join(" | ") || "without a word"}.`, null),
    );
    child.stdin.on("error", () => {}); // the child's end says it better
  }

  next(): Promise<Answer> {
    const early = this.#early.shift();
    if (early) return Promise.resolve(early);
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #read(line: string): void {
    try {
      this.#take(JSON.parse(line) as Answer);
    } catch (error) {
      this.#fail(`it said what is no answer: ${line}`, error as Error);
    }
  }

  #take(answer: Answer): void {
    const waiting = answer.error === undefined ? this.#waiting.shift() : undefined;
    if (answer.error !== undefined) this.#fail(answer.error, null);
    else if (waiting) waiting.resolve(answer);
    else this.#early.push(answer);
  }

  #fail(why: string, cause: Error | null): void {
    this.#failure ??= peerFailed(this.#python, why, cause);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}
