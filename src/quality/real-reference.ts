// The real side of every comparison, worked out once: images drawn as training draws them, described by an extractor.
import { setImmediate as breathe } from "node:timers/promises";
import { BatchSampler, type Dataset, type ImageBatch, standardiseImage } from "../data/index.ts";
import { dotProducts, type FeatureRows } from "../math/index.ts";
import type { InputKind, SetScores } from "../schema/index.ts";
import { type Comparison, compareSets, type FeatureSet, featureSet, firstRows } from "./compare-sets.ts";
import { missingChannels, tooFewImages } from "./errors.ts";
import { expectForm, type FeatureExtractor, type GreyImages } from "./feature-extractor.ts";

/** How far a measurement is. */
export interface QualityProgress {
  readonly stage: "real images" | "generated images" | "path lengths" | "comparing";
  readonly done: number;
  readonly total: number;
}

export interface RealReferenceOptions {
  readonly extractor: FeatureExtractor;
  /** Images on either side; fewer where the data set has fewer and crops are whole images. @default 5000 */
  readonly nImages?: number;
  /** Channels to look at, in the generator's order. @default all, in the data set's */
  readonly channels?: readonly string[];
  /** Plates (by plate_id) to leave out. @default none */
  readonly excludePlates?: readonly string[];
  /** What the generator was trained on: stored grey levels, or each crop standardised by channel. @default "stored" */
  readonly input?: InputKind;
  /** Draws images, crops and subsets. */
  readonly seed: number;
  /** @default 32 */
  readonly batchSize?: number;
  /** Size and number of the kernel distance's subsets, and what multiplies. @default 1000, 50, plain JavaScript */
  readonly comparison?: Partial<Omit<Comparison, "seed">>;
  readonly onProgress?: (progress: QualityProgress) => void;
  readonly signal?: AbortSignal;
}

/** What {@link scoreGenerator} compares with; nothing in it is tied to open files. */
export interface RealReference {
  readonly extractor: Pick<FeatureExtractor, "id" | "version" | "description" | "dim" | "form">;
  readonly dataset: { readonly id: string; readonly fingerprint: string };
  readonly channels: readonly string[];
  readonly comparison: Comparison;
  /** All images that were asked for. */
  readonly all: FeatureSet;
  /** One half of the images, none of which is in the other half. */
  readonly half: FeatureSet;
  /** That half against the other: what no generator can be expected to beat. */
  readonly realHalves: SetScores;
}

/** The fewest images of a half that the metrics can be computed from. */
const MIN_HALF = 8;

/**
 * Draws real images (random crops, every image once an epoch, neither turned nor flipped), describes them, and compares one half
 * with the other.
 *
 * Keeps 4·n·d bytes of features, which the kernel distance and the manifolds need. Equal seeds give equal references.
 * @param dataset borrowed, while this runs. @throws GanDlError `images-too-small`, `images-do-not-fit`, `missing-channels`,
 * `too-few-images`, `unknown-plate`; what the extractor throws; AbortError.
 */
export async function realReference(dataset: Dataset, options: RealReferenceOptions): Promise<RealReference> {
  const { extractor, seed, nImages = 5000, onProgress = () => {} } = options;
  const { manifest } = dataset;
  const channels = options.channels ?? manifest.channels.map(({ name }) => name);
  const comparison = { products: dotProducts, subsetSize: 1000, nSubsets: 50, ...options.comparison, seed };
  const draw = realImages(dataset, channels, options);
  const whole = Math.min(manifest.heightPx, manifest.widthPx) === extractor.form.resolutionPx;
  const n = whole ? Math.min(nImages, draw.nImages) : nImages; // a whole image cannot be drawn twice and count twice
  const nHalf = Math.min(n, Math.floor(draw.nImages / 2));
  if (nHalf < MIN_HALF) throw tooFewImages(Math.min(n, draw.nImages), 2 * MIN_HALF);
  const nDrawn = Math.max(n, 2 * nHalf);
  const rows = await describeImages(extractor, nDrawn, draw.next, "real images", options);
  onProgress({ stage: "comparing", done: 0, total: 1 });
  await breathe();
  const { products } = comparison;
  const all = featureSet(firstRows(rows, n), products);
  const { origin } = all.manifold;
  const half = nHalf === n ? all : featureSet(firstRows(rows, nHalf), products, origin);
  const other = { ...rows, data: rows.data.subarray(nHalf * rows.d, 2 * nHalf * rows.d), n: nHalf };
  const realHalves = compareSets(half, featureSet(other, products, origin), comparison);
  onProgress({ stage: "comparing", done: 1, total: 1 });
  const { id, version, description, dim, form } = extractor;
  return {
    extractor: { id, version, description, dim, form },
    dataset: { id: manifest.id, fingerprint: manifest.fingerprint },
    ...{ channels, comparison, all, half, realHalves },
  };
}

/** Features of `n` images that `next` draws batch by batch; lets timers and signals in after each. */
export async function describeImages(
  extractor: FeatureExtractor,
  n: number,
  next: () => GreyImages,
  stage: QualityProgress["stage"],
  { onProgress = () => {}, signal }: Pick<RealReferenceOptions, "onProgress" | "signal">,
): Promise<FeatureRows> {
  const data = new Float32Array(n * extractor.dim);
  for (let done = 0; done < n; ) {
    const rows = await extractor.extract(next());
    const taken = Math.min(rows.n, n - done);
    data.set(rows.data.subarray(0, taken * rows.d), done * rows.d);
    done += taken;
    onProgress({ stage, done, total: n });
    await breathe();
    signal?.throwIfAborted();
  }
  return { data, n, d: extractor.dim };
}

function realImages(
  dataset: Dataset,
  channels: readonly string[],
  { extractor, seed, batchSize = 32, excludePlates, input = "stored" }: RealReferenceOptions,
): { nImages: number; next: () => GreyImages } {
  const have = dataset.manifest.channels.map(({ name }) => name);
  const missing = channels.filter((name) => !have.includes(name));
  if (missing.length > 0) throw missingChannels(missing, have);
  const planes = channels.map((name) => have.indexOf(name));
  const { resolutionPx } = extractor.form;
  expectForm("the real images", [1, channels.length, resolutionPx, resolutionPx], extractor.form);
  const sampler = new BatchSampler(dataset, {
    ...{ batchSize, resolutionPx, seed, augment: "none", residentBytes: 0 }, // training may already hold them in memory
    ...(excludePlates ? { excludePlates } : {}),
  });
  const maxLevel = dataset.manifest.dtype === "uint8" ? 255 : 65535;
  return { nImages: sampler.nImages, next: () => greyImages(sampler.next(), planes, maxLevel, input) };
}

/** Stored levels of the chosen planes to [−1, 1], as training does. */
function greyImages(
  { data, shape }: ImageBatch,
  planes: readonly number[],
  maxLevel: number,
  input: InputKind,
): GreyImages {
  const [n, c, h, w] = shape;
  const out = new Float32Array(n * planes.length * h * w);
  let at = 0;
  for (let i = 0; i < n; i++)
    for (const plane of planes) {
      const from = (i * c + plane) * h * w;
      for (let p = 0; p < h * w; p++) out[at++] = data[from + p]! / (maxLevel / 2) - 1;
    }
  const sides = [n, planes.length, h, w] as const;
  if (input === "standardised") standardiseImage(out, sides);
  return { data: out, shape: sides };
}
