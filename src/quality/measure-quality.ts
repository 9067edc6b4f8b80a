// Everything at once, for `gandl quality`.
import type { Dataset } from "../data/index.ts";
import type { Generator } from "../models/index.ts";
import type { QualityRecord } from "../schema/index.ts";
import { type RealReferenceOptions, realReference } from "./real-reference.ts";
import { type ScoreOptions, scoreGenerator } from "./score-generator.ts";

/** @see RealReferenceOptions and ScoreOptions, which say what each means. */
export interface MeasureQualityOptions extends RealReferenceOptions, ScoreOptions {
  /** Borrowed; give the moving average's. */
  readonly generator: Generator;
  /** Borrowed, and open as long as this runs. */
  readonly dataset: Dataset;
}

/**
 * How good a generator's images are, beside what one half of the real images scores against the other.
 *
 * Real images are cropped as in training, and not augmented; all are grey levels in [−1, 1]. Fréchet distance, precision and recall
 * depend on the number of images, so compare `realHalves` with `generatedAtHalfSize`, and `generated` with other measurements of
 * the same n. Equal seeds and batch sizes give equal records on one device.
 * @throws as {@link realReference} and {@link scoreGenerator}.
 * @example
 * ```ts no-run
 * const extractor = randomConvExtractor({ imageChannels: 5, resolutionPx: 256 });
 * const record = await measureQuality({ generator, dataset, extractor, nImages: 5000, seed: 1 });
 * console.log(record.generatedAtHalfSize.frechetDistance, record.realHalves.frechetDistance);
 * ```
 */
export async function measureQuality(options: MeasureQualityOptions): Promise<QualityRecord> {
  const { generator, dataset, seed, truncation = 1 } = options;
  const reference = await realReference(dataset, options);
  const scores = await scoreGenerator(generator, reference, options);
  const { id, version, description, dim, form } = reference.extractor;
  return {
    kind: "gandl-quality",
    schemaVersion: 1,
    extractor: { id, version, description, dim },
    dataset: reference.dataset,
    channels: [...reference.channels],
    resolutionPx: form.resolutionPx,
    ...{ seed, truncation, realHalves: reference.realHalves, ...scores },
  };
}
