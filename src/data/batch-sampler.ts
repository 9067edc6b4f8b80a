// Training images: every image once an epoch in a fresh order, a random crop of each, turned and flipped.
import { SeededRandom, type SeededRandomState } from "../core/seeded-random.ts";
import { copyTurned, DIHEDRAL_COUNT } from "./dihedral.ts";
import { badSamplerState, imagesTooSmall, noTrainingImages, unknownPlates } from "./errors.ts";
import type { Dataset, ImageBatch } from "./open-dataset.ts";
import { allocatePixels, bytesPerImage, type Pixels, valuesPerImage } from "./shards.ts";

/** How training images are drawn. */
export interface BatchSamplerOptions {
  readonly batchSize: number;
  /** Side of the crops. */
  readonly resolutionPx: number;
  /** Turn and flip at random, or not. */
  readonly augment: "dihedral" | "none";
  /** Equal seeds give equal batches, bit for bit, on every machine. */
  readonly seed: number;
  /** Plates (by plate_id) to leave out. @default none */
  readonly excludePlates?: readonly string[];
  /** Data sets up to this size are held in memory; larger ones are read image by image. @default 1 GiB */
  readonly residentBytes?: number;
}

/** Where a sampler stands: plain JSON. */
export interface BatchSamplerState {
  readonly fingerprint: string;
  readonly settings: string;
  readonly epoch: number;
  /** Images of this epoch already drawn. */
  readonly position: number;
  /** The order's generator as it was before this epoch was shuffled. */
  readonly order: SeededRandomState;
  readonly crops: SeededRandomState;
}

const DEFAULT_RESIDENT_BYTES = 1024 ** 3;

/**
 * Draws training batches from an open data set, without end ({@link openDataset} has an example that runs).
 * @example
 * ```ts no-run
 * const sampler = new BatchSampler(dataset, { batchSize: 32, resolutionPx: 64, augment: "dihedral", seed: 1 });
 * const { data, shape } = sampler.next(); // [32,c,64,64]
 * const resumed = BatchSampler.restore(dataset, options, JSON.parse(JSON.stringify(sampler.state())));
 * ```
 */
export class BatchSampler {
  readonly #dataset: Dataset;
  readonly #options: BatchSamplerOptions;
  readonly #pool: Int32Array;
  readonly #batch: Pixels;
  readonly #drawn: Int32Array;
  readonly #resident: Pixels | null;
  /** The rows of one image that a crop needs, when images are not resident. */
  readonly #strip: Pixels;
  #epoch = 0;
  #position = 0;
  #order: SeededRandom;
  #orderAtEpochStart: SeededRandomState;
  #crops: SeededRandom;
  #shuffled: Int32Array;

  /**
   * @param dataset borrowed; it must stay open as long as the sampler draws.
   * @throws GanDlError `images-too-small`, `unknown-plate`, `no-training-images`.
   */
  constructor(dataset: Dataset, options: BatchSamplerOptions) {
    const { shape } = dataset.shards;
    const { batchSize, resolutionPx } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) throw new RangeError(`a batch of ${batchSize} images`);
    if (Math.min(shape.heightPx, shape.widthPx) < resolutionPx)
      throw imagesTooSmall(shape.heightPx, shape.widthPx, resolutionPx);
    this.#dataset = dataset;
    this.#options = options;
    this.#pool = trainingImages(dataset, options.excludePlates ?? []);
    this.#batch = allocatePixels(shape.dtype, batchSize * shape.channels * resolutionPx ** 2);
    this.#drawn = new Int32Array(batchSize);
    this.#strip = allocatePixels(shape.dtype, resolutionPx * shape.widthPx);
    const limit = options.residentBytes ?? DEFAULT_RESIDENT_BYTES;
    this.#resident = bytesPerImage(shape) * dataset.shards.nImages <= limit ? readAll(dataset) : null;
    this.#order = SeededRandom.forPart(options.seed, "training order");
    this.#orderAtEpochStart = this.#order.state();
    this.#crops = SeededRandom.forPart(options.seed, "training crops");
    this.#shuffled = this.#order.shuffle(this.#pool.slice());
  }

  /** Images that an epoch holds. */
  get nImages(): number {
    return this.#pool.length;
  }

  /** The epoch that the next image belongs to, from 0. */
  get epoch(): number {
    return this.#epoch + (this.#position === this.#pool.length ? 1 : 0);
  }

  /**
   * Returns the next `[batchSize,c,r,r]` images in stored grey levels; a batch may reach into the next epoch.
   *
   * The memory is the sampler's and is overwritten by the next call.
   * @throws GanDlError `damaged-dataset`.
   */
  next(): ImageBatch {
    const { batchSize, resolutionPx } = this.#options;
    const { channels } = this.#dataset.shards.shape;
    for (let i = 0; i < batchSize; i++) this.#drawn[i] = this.#drawInto(i * channels * resolutionPx ** 2);
    return { data: this.#batch, shape: [batchSize, channels, resolutionPx, resolutionPx], positions: this.#drawn };
  }

  /** Everything that a bit-exact resume needs. */
  state(): BatchSamplerState {
    return {
      fingerprint: this.#dataset.manifest.fingerprint,
      settings: settingsOf(this.#options),
      epoch: this.#epoch,
      position: this.#position,
      order: this.#orderAtEpochStart,
      crops: this.#crops.state(),
    };
  }

  /**
   * A sampler whose next batch is the one that was next when `state` was taken.
   * @throws GanDlError `bad-sampler-state` when the data set or the options are others; and as the constructor.
   */
  static restore(dataset: Dataset, options: BatchSamplerOptions, state: BatchSamplerState): BatchSampler {
    if (state.fingerprint !== dataset.manifest.fingerprint) throw badSamplerState("the data set is another");
    const settings = settingsOf(options);
    if (state.settings !== settings) throw badSamplerState(`it was taken with ${state.settings}, not ${settings}`);
    const sampler = new BatchSampler(dataset, options);
    if (!(state.position >= 0 && state.position <= sampler.#pool.length))
      throw badSamplerState(`position ${state.position} of ${sampler.#pool.length} images`);
    sampler.#order = SeededRandom.fromState(state.order);
    sampler.#orderAtEpochStart = state.order;
    sampler.#shuffled = sampler.#order.shuffle(sampler.#pool.slice());
    sampler.#crops = SeededRandom.fromState(state.crops);
    sampler.#epoch = state.epoch;
    sampler.#position = state.position;
    return sampler;
  }

  #nextImage(): number {
    if (this.#position === this.#pool.length) {
      this.#epoch++;
      this.#position = 0;
      this.#orderAtEpochStart = this.#order.state();
      this.#shuffled = this.#order.shuffle(this.#pool.slice());
    }
    return this.#shuffled[this.#position++]!;
  }

  /** Draws one image to a place in the batch; gives its position in the data set. */
  #drawInto(at: number): number {
    const { shape } = this.#dataset.shards;
    const side = this.#options.resolutionPx;
    const image = this.#nextImage();
    // Every draw takes the same three numbers, so that no setting shifts the stream of another.
    const top = this.#crops.integer(shape.heightPx - side + 1);
    const left = this.#crops.integer(shape.widthPx - side + 1);
    const drawn = this.#crops.integer(DIHEDRAL_COUNT);
    const element = this.#options.augment === "dihedral" ? drawn : 0;
    const plane = shape.heightPx * shape.widthPx;
    for (let c = 0; c < shape.channels; c++) {
      const out = at + c * side * side;
      if (this.#resident !== null) {
        const start = (image * shape.channels + c) * plane;
        const pixels = this.#resident.subarray(start, start + plane);
        copyTurned(pixels, shape.widthPx, top, left, side, element, this.#batch, out);
      } else {
        const offset = c * plane + top * shape.widthPx;
        this.#dataset.shards.readSync(image, offset, side * shape.widthPx, this.#strip, 0);
        copyTurned(this.#strip, shape.widthPx, 0, left, side, element, this.#batch, out);
      }
    }
    return image;
  }
}

function trainingImages(dataset: Dataset, excludePlates: readonly string[]): Int32Array {
  const plates = new Set(dataset.sites.map((site) => site.plate_id));
  const unknown = excludePlates.filter((plate) => !plates.has(plate));
  if (unknown.length > 0) throw unknownPlates(unknown, [...plates].sort());
  const kept = dataset.sites.flatMap((site, i) => (excludePlates.includes(site.plate_id) ? [] : [i]));
  if (kept.length === 0) throw noTrainingImages(dataset.manifest.id);
  return Int32Array.from(kept);
}

function readAll(dataset: Dataset): Pixels {
  const { shape, nImages } = dataset.shards;
  const size = valuesPerImage(shape);
  const all = allocatePixels(shape.dtype, nImages * size);
  for (let i = 0; i < nImages; ) {
    const run = dataset.shards.runLength(i);
    dataset.shards.readSync(i, 0, run * size, all, i * size);
    i += run;
  }
  return all;
}

/** The options that decide which images come: a resumed sampler must have the same. */
function settingsOf(options: BatchSamplerOptions): string {
  const { batchSize, resolutionPx, augment, seed, excludePlates = [] } = options;
  return JSON.stringify({ batchSize, resolutionPx, augment, seed, excludePlates });
}
