// Scoring checkpoints while a run goes on, and remembering the best.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Dataset } from "../data/index.ts";
import { type RealReference, randomConvExtractor, realReference, scoreGenerator } from "../quality/index.ts";
import { BestCheckpoint, type ResolvedTrainConfig, type TrainEvent } from "../schema/index.ts";
import type { Gan } from "./gan.ts";
import type { Labels } from "./labels.ts";
import { jsonOrNull, writeWhole } from "./run-folder.ts";

type QualityEvent = Extract<TrainEvent, { kind: "quality" }>;
type Extractor = ReturnType<typeof randomConvExtractor>;

/** The best checkpoint of a run by its stated metric, or null where none was scored. */
export async function bestCheckpoint(folder: string): Promise<BestCheckpoint | null> {
  const text = await readFile(join(folder, "best.json"), "utf8").catch(() => "null");
  const best = BestCheckpoint.safeParse(jsonOrNull(text));
  return best.success ? best.data : null;
}

/**
 * Generated images of a checkpoint against real ones, by features that nobody trained (never the discriminator's own, which the
 * generator is trained to please). Seeds are the run's, so that a resumed run scores as an unbroken one.
 */
export class QualityWatch {
  readonly #folder: string;
  readonly #config: ResolvedTrainConfig;
  readonly #labels: Labels | null;
  readonly #extractor: Extractor;
  readonly #reference: RealReference;

  private constructor(
    folder: string,
    config: ResolvedTrainConfig,
    labels: Labels | null,
    extractor: Extractor,
    reference: RealReference,
  ) {
    this.#folder = folder;
    this.#config = config;
    this.#labels = labels;
    this.#extractor = extractor;
    this.#reference = reference;
  }

  /** Describes the real side once; null when the configuration asks for none. @throws as `realReference`. */
  static async open(
    folder: string,
    config: ResolvedTrainConfig,
    dataset: Dataset,
    labels: Labels | null,
    signal: AbortSignal | undefined,
  ): Promise<QualityWatch | null> {
    if (config.quality === null) return null;
    const { resolutionPx, excludePlates, input } = config.data;
    const extractor = randomConvExtractor({ imageChannels: dataset.manifest.channels.length, resolutionPx });
    const options = { extractor, nImages: config.quality.nImages, excludePlates, input, seed: config.seed };
    const reference = await realReference(dataset, { ...options, ...(signal ? { signal } : {}) });
    return new QualityWatch(folder, config, labels, extractor, reference);
  }

  /** Scores the moving average's images; `file` becomes the best checkpoint when none before it was better. */
  async score(gan: Gan, file: string, stamp: Pick<QualityEvent, "time" | "kimg" | "step">): Promise<QualityEvent> {
    await wait(0); // let Ctrl-C in before seconds of work
    const { metric = "kernel" } = this.#config.quality ?? {};
    const { generated } = await scoreGenerator(gan.generatorEma, this.#reference, {
      extractor: this.#extractor,
      seed: this.#config.seed,
      nPathPairs: 0,
      ...(this.#labels ? { classes: this.#labels.ofSite } : {}),
    });
    const { frechetDistance, kernelDistance, precision, recall } = generated;
    const value = metric === "frechet" ? frechetDistance : kernelDistance.value;
    const before = await bestCheckpoint(this.#folder);
    const isBest = before === null || before.metric !== metric || value < before.value || before.step > stamp.step;
    if (isBest) {
      const best: BestCheckpoint = {
        file,
        metric,
        value,
        kimg: stamp.kimg,
        step: stamp.step,
        features: this.#features,
      };
      await writeWhole(join(this.#folder, "best.json"), JSON.stringify(best, null, 2));
    }
    const { realHalves } = this.#reference;
    return {
      ...{ kind: "quality", ...stamp, file, features: this.#features, nImages: generated.nOther },
      ...{ frechetDistance, kernelDistance: kernelDistance.value, precision, recall, isBest },
      realFrechetDistance: realHalves.frechetDistance,
      realKernelDistance: realHalves.kernelDistance.value,
    };
  }

  get #features(): string {
    return `${this.#extractor.id} ${this.#extractor.version}`;
  }
}
