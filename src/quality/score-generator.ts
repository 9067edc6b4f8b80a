// A generator against a real reference: what checkpoints of one run are ranked by.
import { setImmediate as breathe } from "node:timers/promises";
import { SeededRandom } from "../core/index.ts";
import { type FeatureRows, perceptualPathLength } from "../math/index.ts";
import type { Generator, NoiseMode } from "../models/index.ts";
import type { PathLength, SetScores } from "../schema/index.ts";
import { fromArray, noGrad, Rng, stack, type Tensor, TensorScope } from "../tensor/index.ts";
import { compareSets, featureSet, firstRows } from "./compare-sets.ts";
import { otherExtractor } from "./errors.ts";
import { expectForm, type FeatureExtractor, type GreyImages } from "./feature-extractor.ts";
import { describeImages, type QualityProgress, type RealReference } from "./real-reference.ts";

export interface ScoreOptions {
  /** The one that the reference was made with. */
  readonly extractor: FeatureExtractor;
  /** Draws latents and noise: equal seeds and batch sizes give equal scores on one device. */
  readonly seed: number;
  /** 1 for all that was learned, towards 0 for likelier images. @default 1 */
  readonly truncation?: number;
  /** For a generator that is told classes: the classes of real images, which those of generated ones are drawn from. */
  readonly classes?: Int32Array;
  /** Pairs for the path length; 0 leaves it out. @default as many as real images, at most 1000 */
  readonly nPathPairs?: number;
  /** @default 32 */
  readonly batchSize?: number;
  readonly onProgress?: (progress: QualityProgress) => void;
  readonly signal?: AbortSignal;
}

/** How good a generator's images are, each figure with the number of images behind it. */
export interface GeneratorScores {
  /** Against all real images of the reference, as many generated as real. */
  readonly generated: SetScores;
  /** Against one real half, as many as in the reference's `realHalves`, so that the two may be compared. */
  readonly generatedAtHalfSize: SetScores;
  readonly pathLength: PathLength | null;
}

/** Distance of two styles whose images a path length compares, as a share of the way to another style. */
const PATH_EPSILON = 1e-4;

/**
 * Draws as many images as the reference has, describes them and compares.
 *
 * Between batches the event loop runs, so call it while nothing else uses the generator. For the ranking of checkpoints keep seed and
 * reference the same: latents are then the same too.
 * @param generator borrowed; give the moving average's. @throws GanDlError `other-extractor`, `images-do-not-fit`; AbortError.
 */
export async function scoreGenerator(
  generator: Generator,
  reference: RealReference,
  options: ScoreOptions,
): Promise<GeneratorScores> {
  const { extractor, onProgress = () => {} } = options;
  const name = ({ id, version }: Pick<FeatureExtractor, "id" | "version">) => `${id} ${version}`;
  if (name(extractor) !== name(reference.extractor)) throw otherExtractor(name(reference.extractor), name(extractor));
  const { imageChannels, resolutionPx } = generator.shape;
  expectForm("the generated images", [1, imageChannels, resolutionPx, resolutionPx], extractor.form);
  const { all, half, comparison } = reference;
  const rows = await generatedRows(generator, all.rows.n, options);
  const pathLength = await pathLengthOf(generator, options.nPathPairs ?? Math.min(all.rows.n, 1000), options);
  onProgress({ stage: "comparing", done: 0, total: 1 });
  await breathe();
  const { products } = comparison;
  const { origin } = all.manifold;
  const generated = compareSets(all, featureSet(rows, products, origin), comparison);
  const fewer = firstRows(rows, half.rows.n);
  const generatedAtHalfSize =
    half === all ? generated : compareSets(half, featureSet(fewer, products, origin), comparison);
  onProgress({ stage: "comparing", done: 1, total: 1 });
  return { generated, generatedAtHalfSize, pathLength };
}

async function generatedRows(generator: Generator, n: number, options: ScoreOptions): Promise<FeatureRows> {
  const { extractor, seed, batchSize = 32 } = options;
  const styles = stylesOf(generator, SeededRandom.forPart(seed, "quality latents"), options);
  const rng = new Rng(seed, deviceOf(generator));
  const next = () => imagesOf(generator, () => styles(batchSize), "random", rng);
  try {
    return await describeImages(extractor, n, next, "generated images", options);
  } finally {
    rng.dispose();
  }
}

/** Images of styles a tiny step apart, on the way from one random style to another; the noise stays. */
async function pathLengthOf(generator: Generator, nPairs: number, options: ScoreOptions): Promise<PathLength | null> {
  if (nPairs === 0) return null;
  const { extractor, seed, batchSize = 32 } = options;
  const styles = stylesOf(generator, SeededRandom.forPart(seed, "quality paths"), options);
  const nPaths = Math.max(1, Math.floor(batchSize / 2));
  const pairs = () => {
    const [start, end] = [styles(nPaths), styles(nPaths)];
    return stack([start, start.add(end.sub(start).mul(PATH_EPSILON))], 1).reshape([2 * nPaths, -1]); // start, end, start, …
  };
  const next = () => imagesOf(generator, pairs, "const");
  const { data, d } = await describeImages(extractor, 2 * nPairs, next, "path lengths", options);
  const every = (offset: number): FeatureRows => {
    const rows = new Float32Array(nPairs * d);
    for (let i = 0; i < nPairs; i++) rows.set(data.subarray((2 * i + offset) * d, (2 * i + offset + 1) * d), i * d);
    return { data: rows, n: nPairs, d };
  };
  return { value: perceptualPathLength(every(0), every(1), PATH_EPSILON), nPairs, epsilon: PATH_EPSILON };
}

const deviceOf = (generator: Generator): string => generator.parameters.get("synthesis.const")?.device ?? "cpu";

/** Styles `[n,styleDim]` of latents drawn outside of LibTorch: the same on every device, and however they are cut into batches. */
function stylesOf(
  generator: Generator,
  random: SeededRandom,
  { truncation = 1, classes }: ScoreOptions,
): (n: number) => Tensor {
  const { latentDim, nClasses = 0 } = generator.shape;
  if (nClasses > 0 && !classes?.length) throw new Error("internal: a generator with classes was scored without any");
  const device = deviceOf(generator);
  return (n) => {
    const values = new Float32Array(n * latentDim);
    const labels = new Float32Array(n * nClasses);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < latentDim; k++) values[i * latentDim + k] = random.normal();
      if (nClasses > 0 && classes) labels[i * nClasses + (classes[random.integer(classes.length)] ?? 0)] = 1;
    }
    const told = nClasses > 0 ? fromArray(labels, [n, nClasses]).to({ device }) : null;
    return generator.truncate(generator.map(fromArray(values, [n, latentDim]).to({ device }), told), truncation);
  };
}

/** Synthesised images in [−1, 1], clipped as a picture would be; frees all else. @param w makes styles `[n,styleDim]`. */
function imagesOf(generator: Generator, w: () => Tensor, noise: NoiseMode, rng?: Rng): GreyImages {
  using _scope = new TensorScope();
  return noGrad(() => {
    const image = generator.synthesise(generator.broadcast(w()), { noise, ...(rng ? { rng } : {}) });
    const [n = 0, c = 0, h = 0, width = 0] = image.shape;
    return { data: image.clamp(-1, 1).to({ device: "cpu" }).toFloat32Array(), shape: [n, c, h, width] };
  });
}
