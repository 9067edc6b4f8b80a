// Which of the ways in which the peer's networks can run a row is held against: the one asked for, or the fastest here.
import { isGanDlError } from "gan-dl/core";
import { peerFailed } from "./errors.ts";
import { type BenchOptions, PEER_VARIANTS, type PeerVariant } from "./options.ts";
import { type Peer, type PeerWork, startPeer } from "./peer.ts";
import { shortNumber } from "./table.ts";
import type { TrainingSize } from "./training-sizes.ts";

/** Seconds that a variant may take to be ready for a row while there are others; compiling takes minutes. */
const LONGEST_WARM_UP = 240;
/** A variant's round is repeated while it took less than this, and the fastest counts. */
const CALIBRATING_SECONDS = 3;

/** What a row has the peer do, and how its rate is told. */
export interface PeerTask {
  readonly size: TrainingSize;
  readonly work: PeerWork;
  readonly unit: "img/s" | "ms";
  /** Images, or times that the work is done, in a run of it. */
  readonly amount: number;
}

/** The peer of one row. */
export interface RowPeer {
  readonly variant: PeerVariant;
  /** The variants' rates, where the fastest was looked for. */
  readonly note: string | null;
  /** Does the work once. @returns its seconds. @throws GanDlError `peer-failed`. */
  run(): Promise<number>;
  /** Where a first run that is not counted would take long. */
  warmUp?(): Promise<number>;
}

/** A running checkout, in the variants asked for; `close()` it. */
export interface PeerSource {
  /** Versions, threads, folder and which variant. */
  readonly description: string;
  /**
   * Warms up what is asked for, and where that is the fastest, measures each variant once, keeps the fastest and closes the others.
   * @throws GanDlError `peer-failed`.
   */
  forRow(task: PeerTask): Promise<RowPeer>;
  close(): void;
}

export interface PeerSourceOptions
  extends Pick<BenchOptions, "peerVariant" | "python" | "threads" | "device" | "precision"> {
  /** Told what takes long. */
  readonly onProgress?: (text: string) => void;
  /** @default 240 */
  readonly longestWarmUp?: number;
}

/**
 * Starts the peer in `directory`, a checkout of NVlabs/stylegan2-ada-pytorch.
 * @throws GanDlError `peer-not-found`, `peer-failed`.
 */
export async function startPeerSource(directory: string, options: PeerSourceOptions): Promise<PeerSource> {
  const { peerVariant } = options;
  const variants = new Variants(directory, options, peerVariant === "fastest" ? PEER_VARIANTS : [peerVariant]);
  const { description } = await variants.started(peerVariant === "fastest" ? "plain" : peerVariant);
  const which = peerVariant === "fastest" ? "in each row the fastest of its variants" : peerVariant;
  return {
    description: `${description}, ${which}`,
    forRow: (task) => variants.forRow(task),
    close: () => variants.close(),
  };
}

class Variants {
  readonly #directory: string;
  readonly #options: PeerSourceOptions;
  readonly #all: readonly PeerVariant[];
  readonly #running = new Map<PeerVariant, Peer>();
  /** Why a variant is not tried again. */
  readonly #leftOut = new Map<PeerVariant, string>();

  constructor(directory: string, options: PeerSourceOptions, all: readonly PeerVariant[]) {
    this.#directory = directory;
    this.#options = options;
    this.#all = all;
  }

  async started(variant: PeerVariant): Promise<Peer> {
    const running = this.#running.get(variant);
    if (running) return running;
    const peer = await startPeer(this.#directory, { ...this.#options, variant });
    this.#running.set(variant, peer);
    return peer;
  }

  async forRow(task: PeerTask): Promise<RowPeer> {
    // The penalties differentiate twice, which compiled graphs cannot: there compile is plain.
    const isPenalty = task.work === "path-length" || task.work === "r1";
    const candidates = this.#all.filter((variant) => this.#all.length === 1 || variant !== "compile" || !isPenalty);
    const seconds = new Map<PeerVariant, number>();
    for (const variant of candidates) {
      if (this.#leftOut.has(variant)) continue;
      try {
        seconds.set(variant, await this.#calibrated(variant, task));
      } catch (error) {
        if (!isGanDlError(error, "peer-failed") || variant === this.#all[0]) throw error;
        this.#leftOut.set(variant, firstLine(error.say.why));
        this.#close(variant);
      }
    }
    const fastest = [...seconds].reduce((best, next) => (next[1] < best[1] ? next : best))[0];
    for (const variant of [...this.#running.keys()]) if (variant !== fastest) this.#close(variant);
    const peer = await this.started(fastest);
    return {
      variant: fastest,
      note: this.#all.length === 1 ? null : noteOn(seconds, this.#leftOut, task),
      run: () => peer.run(task.size, task.work),
      ...(task.work === "period" && { warmUp: () => peer.run(task.size, warmUpOf(task.work)) }),
    };
  }

  /** Seconds of the work once warm; of the warm-up itself where there is no other variant to choose. */
  async #calibrated(variant: PeerVariant, { size, work }: PeerTask): Promise<number> {
    const { onProgress = () => {}, longestWarmUp = LONGEST_WARM_UP, python } = this.#options;
    onProgress(`peer, ${variant}: warming up${variant === "compile" ? ", which may take minutes" : ""}`);
    const peer = await this.started(variant);
    const warm = peer.run(size, warmUpOf(work));
    if (this.#all.length === 1) return warm;
    await within(longestWarmUp, warm, python);
    onProgress(`peer, ${variant}: one round`);
    let least = Number.POSITIVE_INFINITY;
    for (let spent = 0; spent < CALIBRATING_SECONDS; ) {
      const seconds = await peer.run(size, work);
      least = Math.min(least, seconds);
      spent += Math.max(seconds, CALIBRATING_SECONDS / 8);
    }
    return least;
  }

  #close(variant: PeerVariant): void {
    this.#running.get(variant)?.close();
    this.#running.delete(variant);
  }

  close(): void {
    for (const variant of [...this.#running.keys()]) this.#close(variant);
  }
}

/** A period takes long; one step has all of its phases. */
const warmUpOf = (work: PeerWork): PeerWork => (work === "period" ? "step" : work);

async function within<T>(seconds: number, work: Promise<T>, python: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const why = `its warm-up took more than ${seconds} s`;
    timer = setTimeout(() => reject(peerFailed(python, why)), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {}); // it ends when its process is closed
  }
}

/** `peer variants: plain 20.1, channels-last 18.9 img/s; compile left out: torch 1.13.0 has no torch.compile`. */
function noteOn(
  seconds: ReadonlyMap<PeerVariant, number>,
  leftOut: ReadonlyMap<PeerVariant, string>,
  { unit, amount }: PeerTask,
): string {
  const rate = (taken: number) => shortNumber(unit === "ms" ? (1000 * taken) / amount : amount / taken);
  const rates = [...seconds].map(([variant, taken]) => `${variant} ${rate(taken)}`).join(", ");
  const reasons = [...leftOut].map(([variant, why]) => `; ${variant} left out: ${why}`).join("");
  return `peer variants: ${rates} ${unit}${reasons}`;
}

const firstLine = (text: string): string => (text.split("\n")[0] ?? "").replace(/\.$/, "");
