// Two conditions in the latent space of a generator that was told none: which seeds its own discriminator takes for which.
import { setImmediate as breathe } from "node:timers/promises";
import { extent, SeededRandom } from "../../core/index.ts";
import type { Dataset } from "../../data/index.ts";
import { type Checkpoint, type Encoder, ImageCutter, matchChannels, openLibtorchEncoder } from "../../embed/index.ts";
import { mean, sortedQuantile } from "../../math/index.ts";
import type { Generator } from "../../models/index.ts";
import { profileTable } from "../../profiles/index.ts";
import { type ConditionAxis, conditionAxis } from "../../tasks/index.ts";
import { generateImages, type ImageRecipe, maxLevelOf, seedRecipe } from "../../train/index.ts";
import { noSuchCondition } from "./errors.ts";

/** Where two conditions lie. */
export interface ConditionEnds {
  /** Seeds whose images score like each condition, the most alike first. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** In words: how well the encoder tells real images apart, and how far generated ones reach. */
  readonly told: string;
}

/** What was looked at. */
export interface ConditionEndsOptions {
  readonly from: string;
  readonly to: string;
  readonly truncation: number;
  readonly signal: AbortSignal;
  /** Real images of each condition that the axis is found on. @default 128 */
  readonly nReal?: number;
  /** Seeds that are judged, 1 upwards. @default 192 */
  readonly nSeeds?: number;
}

const TAP = "blocks_gap";
/** Of the seeds judged, at each end. */
const END_SHARE = 1 / 16;
/** Below, the encoder hardly tells the conditions apart on plates that it was not fitted on. */
const HARDLY = 0.65;
/** The quantile of real images' scores at which a walk ends. */
const CLEARLY = 0.9;
/** Images of a condition below which no direction is found on them. */
const FEWEST = 8;
const BATCH = 16;

/**
 * Finds the linear direction that tells real images of two conditions apart in the discriminator's features, judges generated images by
 * it, and takes seeds that lie where real images of either lie. The network needs no labels; the direction does, and it is as good as its AUC says.
 * @param dataset the one trained on; borrowed. @throws GanDlError `no-such-condition`, `channel-mismatch`; the signal's reason.
 */
export async function findConditionEnds(
  generator: Generator,
  checkpoint: Checkpoint,
  dataset: Dataset,
  { from, to, truncation, signal, nReal = 128, nSeeds = 192 }: ConditionEndsOptions,
): Promise<ConditionEnds> {
  const rows = [from, to].map((name) => rowsOfCondition(dataset, name, nReal));
  const encoder = await openLibtorchEncoder(checkpoint, [TAP]);
  try {
    const real = await realFeatures(encoder, dataset, rows.flat(), signal);
    const axis = axisOf(dataset, rows, real, [from, to]);
    const judged = await judgeSeeds(generator, encoder, axis, { truncation, nSeeds, signal });
    const onAxis = scoresByCondition(axis, real, rows);
    const ends = seedsNear(judged, onAxis, Math.max(1, Math.round(nSeeds * END_SHARE)));
    return { ...ends, told: inWords({ from, to, axis, judged, real: onAxis, ends: [ends.from, ends.to] }) };
  } finally {
    await encoder.close();
  }
}

/**
 * The seeds of each half whose scores lie nearest to where real images clearly are of one condition: not the outermost, which lie where no
 * real image does while a generator is young.
 */
function seedsNear(judged: Float64Array, real: readonly Float64Array[], k: number) {
  const sorted = [...judged.keys()].sort((a, b) => judged[a]! - judged[b]!);
  const half = Math.floor(sorted.length / 2);
  const nearest = (among: readonly number[], score: number) =>
    [...among]
      .sort((a, b) => Math.abs(judged[a]! - score) - Math.abs(judged[b]! - score))
      .slice(0, k)
      .map((i) => i + 1);
  return {
    from: nearest(sorted.slice(0, half), sortedQuantile(real[0]!, 1 - CLEARLY)),
    to: nearest(sorted.slice(half), sortedQuantile(real[1]!, CLEARLY)),
  };
}

/** Names of conditions with images enough to find a direction on, most images first. */
export function conditionsOf(dataset: Dataset): string[] {
  const count = new Map<string, number>();
  for (const { condition } of dataset.sites) if (condition) count.set(condition, (count.get(condition) ?? 0) + 1);
  return [...count]
    .filter(([, n]) => n >= FEWEST)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([name]) => name);
}

/** Images of a condition, untreated ones where there are some, in turn from all plates. */
function rowsOfCondition(dataset: Dataset, name: string, most: number): number[] {
  const all = [...dataset.sites.keys()].filter((row) => dataset.sites[row]!.condition === name);
  const untreated = all.filter((row) => !dataset.sites[row]!.treatment);
  const rows = SeededRandom.forPart(1, `condition ${name}`).shuffle(untreated.length >= FEWEST ? untreated : all);
  if (rows.length < FEWEST) throw noSuchCondition(name, conditionsOf(dataset), FEWEST);
  const rank = new Map<string, number>();
  const turn = rows.map((row) => {
    const plate = dataset.sites[row]!.plate_id;
    rank.set(plate, (rank.get(plate) ?? 0) + 1);
    return { row, turn: rank.get(plate)! };
  });
  return turn
    .sort((a, b) => a.turn - b.turn)
    .slice(0, most)
    .map(({ row }) => row);
}

/** `[n,f]`, one square from the middle of each image. */
async function realFeatures(encoder: Encoder, dataset: Dataset, rows: readonly number[], signal: AbortSignal) {
  const { manifest } = dataset;
  const { header } = encoder;
  const cutter = new ImageCutter({
    ...{ manifest, sources: matchChannels(header.channels, manifest.channels, {}), tilePx: header.model.resolutionPx },
    ...{ resizeFactor: 1, input: header.input ?? "stored", tiles: "centre" },
  });
  const parts: Float32Array[] = [];
  for (let start = 0; start < rows.length; start += BATCH) {
    signal.throwIfAborted();
    await breathe(); // LibTorch holds the thread while it computes
    const some = rows.slice(start, start + BATCH);
    const features = await encoder.run(cutter.cut(await dataset.readImages(some)), some.length);
    parts.push(features.get(TAP)!);
  }
  return joined(parts);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function axisOf(
  dataset: Dataset,
  rows: readonly number[][],
  features: Float32Array,
  names: readonly string[],
): ConditionAxis {
  const sites = rows.flat().map((row) => dataset.sites[row]!);
  const nFeatures = features.length / sites.length;
  const metadata = new Map([
    ["plate_id", sites.map((site) => site.plate_id)],
    ["well_id", sites.map((site) => site.well_id)],
    ["condition", rows.flatMap((own, k) => own.map(() => names[k]!))],
  ]);
  const featureNames = Array.from({ length: nFeatures }, (_, j) => `feature_${j}`);
  const table = profileTable({ features, featureNames, metadata });
  const [negative, positive] = names.map((name) => ({ condition: [name] }));
  return conditionAxis(table, { negative: negative!, positive: positive!, seed: 1 });
}

const scoreOf = ({ weights, bias }: ConditionAxis, features: Float32Array, row: number) => {
  const f = weights.length;
  let sum = bias;
  for (let j = 0; j < f; j++) sum += weights[j]! * features[row * f + j]!;
  return sum;
};

/** The score of each seed's image, from seed 1 on. */
async function judgeSeeds(
  generator: Generator,
  encoder: Encoder,
  axis: ConditionAxis,
  { truncation, nSeeds, signal }: { truncation: number; nSeeds: number; signal: AbortSignal },
): Promise<Float64Array> {
  const maxLevel = maxLevelOf(encoder.header.dtype);
  const recipes = Array.from({ length: nSeeds }, (_, i): ImageRecipe => seedRecipe(i + 1, truncation));
  const scores = new Float64Array(nSeeds);
  let waiting: Float32Array[] = [];
  let done = 0;
  const judge = async () => {
    const n = waiting.length;
    const features = (await encoder.run(joined(waiting), n)).get(TAP)!;
    for (let i = 0; i < n; i++) scores[done++] = scoreOf(axis, features, i);
    waiting = [];
  };
  for await (const { data } of generateImages(generator, recipes, { maxLevel, signal })) {
    waiting.push(data.map((level) => (level / maxLevel) * 2 - 1));
    if (waiting.length === BATCH) await judge();
  }
  signal.throwIfAborted();
  if (waiting.length > 0) await judge();
  return scores;
}

/** Scores of the real images, a sorted list a condition. */
function scoresByCondition(axis: ConditionAxis, features: Float32Array, rows: readonly number[][]): Float64Array[] {
  let at = 0;
  return rows.map((own) => Float64Array.from(own, () => scoreOf(axis, features, at++)).sort());
}

interface Words {
  readonly from: string;
  readonly to: string;
  readonly axis: ConditionAxis;
  readonly judged: Float64Array;
  readonly real: readonly Float64Array[];
  readonly ends: readonly (readonly number[])[];
}

function inWords({ from, to, axis, judged, real, ends }: Words): string {
  const short = (v: number) => v.toFixed(1).replace("-", "−");
  const [low, high] = extent(judged);
  const medians = real.map((scores) => short(sortedQuantile(scores, 0.5)));
  const reached = ends.map((seeds) => short(mean(seeds.map((seed) => judged[seed - 1]!))));
  const auc = axis.heldOut?.auc.value;
  const known =
    auc === undefined
      ? "Plates with both conditions are too few to say how well the encoder tells them apart."
      : `On plates held out the encoder tells real images of the two apart at AUC ${auc.toFixed(2)}${auc < HARDLY ? ": hardly, so do not take this walk for the condition" : ""}.`;
  return `${known} Along its direction real ${from} lies at ${medians[0]} and real ${to} at ${medians[1]} (medians); of ${judged.length} seeds judged, between ${short(low)} and ${short(high)}, the walk takes those near ${reached[0]} and ${reached[1]}.`;
}
