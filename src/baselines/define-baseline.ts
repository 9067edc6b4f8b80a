// What a system that we compare with is: its name and source, its parameters, and a run over a data set that yields progress and ends in a result.
import type { z } from "zod";
import type { Dataset } from "../data/index.ts";
import type { Site } from "../schema/index.ts";

/** What a run is given. */
export interface BaselineContext {
  /** Borrowed; stays open. */
  readonly dataset: Dataset;
  /** Decides everything that is drawn; equal seeds give equal results on one machine. */
  readonly seed: number;
  /** Aborting makes the run reject with its reason, after what it can continue from is on disk. */
  readonly signal: AbortSignal;
  /** The folder for checkpoints, made when first asked for; it is kept, so that a run continues from what an earlier one left there. */
  workFolder(): Promise<string>;
}

/** One row of features a site. */
export interface BaselineEmbedding {
  /** Row-major `[n,f]`, finite; kept, not copied. */
  readonly features: Float32Array;
  /** `feature_0` … or `Image_{channel}_{what}`: by these names tables of profiles know their features. */
  readonly featureNames: readonly string[];
  /** The site of each row. @default every site of the data set, in its order */
  readonly sites?: readonly Site[];
}

/** How well a treatment works, by this system. Further columns are the system's own. */
export interface BaselineScore {
  readonly treatment: string;
  /** null: over all doses. */
  readonly dose_um: number | null;
  /** Larger is better; null: the system gives none, e.g. for too few images. */
  readonly score: number | null;
  readonly [column: string]: string | number | null;
}

/** What a run ends in: an embedding, scores, or both. */
export interface BaselineResult {
  readonly embedding?: BaselineEmbedding;
  readonly scores?: readonly BaselineScore[];
  /** What a report calls what made the rows. @default the system's title */
  readonly encoder?: string;
  /** What ran its network, if it has one. @default "none" */
  readonly runtime?: "onnxruntime" | "libtorch" | "none";
  /** In the system's own words, e.g. `{ weights: "from scratch" }`; JSON values. */
  readonly provenance: Readonly<Record<string, unknown>>;
}

/** What a run yields; `finished` is the last, and once. */
export type BaselineEvent =
  | {
      readonly kind: "progress";
      readonly stage: string;
      readonly done: number;
      /** 0: unknown. */
      readonly total: number;
      readonly detail?: string;
    }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "finished"; readonly result: BaselineResult };

/** A system that we compare with; parameters and their reasons stand in its schema. */
export interface Baseline<Schema extends z.ZodObject = z.ZodObject> {
  readonly id: string;
  readonly title: string;
  /** One sentence: how it gets from an image to numbers. */
  readonly description: string;
  /** Where it was published, or that it is ours. */
  readonly citation: string;
  /** Which labels it learns from; null: none. */
  readonly needsLabels: string | null;
  /** Every key with a default (unless only the user can know it) and a `describe` that gives the reason. */
  readonly params: Schema;
  /** Parameters of a run that takes minutes on two cores, as the table in docs/results.md runs it; null: it needs files of its own. */
  readonly small: z.input<Schema> | null;
  run(context: BaselineContext, params: z.output<Schema>): AsyncGenerator<BaselineEvent>;
}

/**
 * Gives a system its types.
 * @example
 * ```ts
 * import { defineBaseline } from "gan-dl/baselines";
 * import { z } from "zod";
 * const size = defineBaseline({
 *   ...{ id: "size", title: "Image size", description: "Counts pixels.", citation: "none", needsLabels: null, small: {} },
 *   params: z.strictObject({ factor: z.number().default(1).describe("1: pixels are pixels") }),
 *   async *run({ dataset }, { factor }) {
 *     const features = new Float32Array(dataset.sites.length).fill(dataset.manifest.heightPx * factor);
 *     yield { kind: "finished", result: { embedding: { features, featureNames: ["feature_0"] }, provenance: {} } };
 *   },
 * });
 * console.assert(size.params.parse({}).factor === 1);
 * ```
 */
export function defineBaseline<Schema extends z.ZodObject>(baseline: Baseline<Schema>): Baseline<Schema> {
  return baseline;
}
