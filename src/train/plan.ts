// What a run will be, before it is: for `gandl train --dry-run`. Needs no LibTorch.
import {
  channelsAt,
  countParameters,
  describeDiscriminator,
  describeGenerator,
  type ParameterSpec,
  resolutionsOf,
} from "../models/index.ts";
import type { ResolvedTrainConfig } from "../schema/index.ts";
import { shapeOf } from "./gan.ts";

export interface TrainPlan {
  readonly config: ResolvedTrainConfig;
  readonly nSteps: number;
  readonly generatorParameters: number;
  readonly discriminatorParameters: number;
  /** Parameters of each block of both networks. */
  readonly blocks: readonly { readonly name: string; readonly parameters: number }[];
  /**
   * At its largest, on the CPU: the process, weights with moments and average, and the feature maps of one step. Within −4 to +9 % of
   * the peak resident memory of seven runs at 32 to 128 px, in batches of 4 to 32.
   */
  readonly memoryBytes: number;
}

/** Node with LibTorch and DuckDB loaded, and what a run holds whatever its size; as measured. */
const PROCESS_BYTES = 330e6;
/**
 * Copies alive at once of one network's feature maps (one a resolution), at the largest: several a layer, both networks, real and
 * generated, gradients. Fitted to the peaks in `plan.test.ts`, 34 to 43 one by one.
 */
const LIVE_MAPS = 40;

/**
 * Sizes, steps and memory of a run. @param imageChannels channels of the data set.
 * @example
 * ```ts
 * import { planTraining, resolveTrainConfig } from "gan-dl/train";
 * const schedule = { durationKimg: 100, batchSize: 32, checkpointEveryKimg: 10, sampleEveryKimg: 10 };
 * const config = resolveTrainConfig({ data: { dataset: "screen", resolutionPx: 256 }, schedule }, "config.json");
 * console.assert(planTraining(config, 5).discriminatorParameters === 24_001_217);
 * ```
 */
export function planTraining(config: ResolvedTrainConfig, imageChannels: number): TrainPlan {
  const shape = shapeOf(config, imageChannels);
  const generator = describeGenerator(shape);
  const discriminator = describeDiscriminator(shape);
  const [g, d] = [countParameters(generator), countParameters(discriminator)];
  const pixels = resolutionsOf(shape).reduce((sum, r) => sum + channelsAt(shape, r) * r * r, 0);
  const weightBytes = 4 * (g * 5 + d * 4); // parameter, gradient, two moments, and the generator's average
  return {
    config,
    nSteps: Math.ceil((config.schedule.durationKimg * 1000) / config.schedule.batchSize),
    generatorParameters: g,
    discriminatorParameters: d,
    blocks: [...blocksOf("generator", generator), ...blocksOf("discriminator", discriminator)],
    memoryBytes: PROCESS_BYTES + weightBytes + 4 * LIVE_MAPS * pixels * config.schedule.batchSize,
  };
}

function blocksOf(network: string, specs: readonly ParameterSpec[]): { name: string; parameters: number }[] {
  const groups = new Map<string, ParameterSpec[]>();
  for (const spec of specs) {
    const parts = spec.name.split(".");
    const name = parts[0] === "synthesis" || parts[0] === "blocks" ? `${parts[0]}.${parts[1]}` : (parts[0] as string);
    groups.set(name, [...(groups.get(name) ?? []), spec]);
  }
  return [...groups].map(([name, group]) => ({ name: `${network} ${name}`, parameters: countParameters(group) }));
}
