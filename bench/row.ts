// What a row of the bench is made of.
import type { BenchOptions } from "./options.ts";
import type { PeerSource } from "./peer-variants.ts";

/** One way to do a row's work. */
export interface Variant {
  /** What the table calls it. */
  readonly name: string;
  /** Units of work (calls, images, iterations) that one run does. */
  readonly amount: number;
  /** Does the work once; gives the seconds it took where those are not the seconds of the call. */
  run(): unknown;
  /** What to do instead of a first run that is not counted, where a whole one would be long. */
  warmUp?(): unknown;
}

/** What a row is told in: images, or time, for a unit of work. */
export type Unit = "img/s" | "s" | "ms" | "µs" | "GFLOP/s" | "GB/s";

/** What a unit of work cannot do without. */
export interface Cost {
  /** Floating-point operations; a multiplication and an addition are two. */
  readonly flop?: number;
  /** Bytes read and written at the least. */
  readonly bytes?: number;
}

/** A figure that must hold (docs/performance.md). */
export interface Bar {
  readonly of: "median" | "ratio" | "peerRatio" | "shareOfPeak" | "peakGb";
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** A row that is ready to be measured. */
export interface Prepared {
  readonly unit: Unit;
  readonly ours: Variant;
  /** The same work, or what ours is held against, in another form. */
  readonly against?: Variant;
  /** The same work by the checkout that the user supplies, by the name of the variant that it runs in. */
  readonly peer?: Variant;
  /** Of one unit of work; its share of the machine's rates is measured where it is given. */
  readonly cost?: Cost;
  /** The row is one of the machine's rates itself, and has no share of it. */
  readonly isMachineRate?: true;
  readonly bars?: readonly Bar[];
  /** The most memory that the work held, in GB, asked for at the end; of rows that run in a process of their own. */
  peakGb?(): number;
  /** A remark that only the measurement allows, asked for at the end. */
  note?(): string;
  dispose?(): unknown;
}

/** What rows are prepared with. */
export interface BenchContext {
  /** The checkout to compare with, if there is one. */
  readonly peer: Pick<PeerSource, "forRow"> | null;
  /** Where to train. */
  readonly device: string;
  /** Of the feature maps in training. */
  readonly precision: BenchOptions["precision"];
  /** Threads of one operation, ours and the peer's. */
  readonly threads: number;
  /** A new empty folder, removed at the end. */
  folder(): string;
}

/** One row of the bench: adding one is a file in `rows/` and a line in `registry.ts`. */
export interface BenchRow {
  /** Parts from the general to the particular, separated by `/`. */
  readonly name: string;
  readonly title: string;
  /** Rounds unless --rounds says otherwise. */
  readonly rounds: number;
  /** It trains on the context's device, and each run ends by waiting for it, and in the context's precision. */
  readonly isWholeTraining?: true;
  /** It would take a CPU hours. */
  readonly needsCard?: true;
  prepare(context: BenchContext): Prepared | Promise<Prepared>;
}
