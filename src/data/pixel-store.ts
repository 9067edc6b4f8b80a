// Decoded images in, stored shards out: evens out the light, maps grey levels, counts and hashes them on the way.
import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ChannelStatistics, IntensityMapping } from "../schema/dataset.ts";
import { ChannelHistogram } from "./channel-histogram.ts";
import { cannotWrite } from "./errors.ts";
import { applyGains } from "./illumination.ts";
import {
  type IntensityPlan,
  type LevelRange,
  mapLevels,
  percentileRange,
  STANDARDISED_SD_RANGE,
  standardisedRange,
} from "./intensity.ts";
import { PlateLedger } from "./plate-ledger.ts";
import {
  allocatePixels,
  bytesPerImage,
  type ImageShape,
  type Pixels,
  type ShardEntry,
  ShardReader,
  ShardWriter,
  valuesPerImage,
} from "./shards.ts";

const SHARDS = "shards";
/** Below the data set's folder while the import runs. */
export const WORK = "work";
const SPOOL = `${WORK}/spool`;

/** What is known of the pixels once all are stored. */
export interface StoredPixels {
  readonly shape: ImageShape;
  readonly shards: readonly ShardEntry[];
  /** One a channel, over the stored grey levels. */
  readonly statistics: readonly ChannelStatistics[];
  readonly mapping: IntensityMapping;
}

/** What a store is for. */
export interface StoreSpec {
  /** Of the images that are added. */
  readonly decoded: ImageShape;
  readonly intensity: IntensityPlan;
  /** Whether flat fields will be estimated, and so are known only when all images are there. */
  readonly estimatesLight: boolean;
  readonly plateIds: readonly string[];
  readonly shardBytes: number;
}

/** Factors `[h,w]` of one plate, one a channel. */
export type PlateGains = (plate: number) => Promise<readonly Float32Array[]>;

/**
 * Stores images one by one.
 *
 * Percentiles and estimated flat fields need every pixel before the first can be stored, so images wait in a spool of
 * decoded shards (decoding twice would cost far more than writing twice); otherwise they are stored at once. What was
 * flushed survives a kill: {@link PixelStore.open} goes on behind it.
 */
export class PixelStore {
  /** Type and size of a stored image. */
  readonly shape: ImageShape;
  readonly #root: string;
  readonly #spec: StoreSpec;
  readonly #incoming: ShardWriter;
  readonly #stored: readonly ChannelHistogram[];
  readonly #mapped: Pixels;
  readonly #hash = createHash("sha256");
  #writer: ShardWriter;

  private constructor(root: string, spec: StoreSpec, incoming: ShardWriter) {
    this.shape = storedShape(spec);
    this.#root = root;
    this.#spec = spec;
    this.#incoming = incoming;
    this.#writer = incoming;
    this.#stored = Array.from({ length: spec.decoded.channels }, () => new ChannelHistogram(this.shape.dtype));
    this.#mapped = allocatePixels(this.shape.dtype, valuesPerImage(this.shape));
  }

  /** @param nImages how many an earlier, killed import had flushed here. @throws GanDlError `cannot-write`. */
  static async open(root: string, spec: StoreSpec, nImages = 0): Promise<PixelStore> {
    const spools = isSpooled(spec);
    try {
      if (spools) await rm(join(root, SHARDS), { recursive: true, force: true }); // mapping starts over; decoding does not
      for (const folder of [SHARDS, ...(spools ? [SPOOL] : [])]) await mkdir(join(root, folder), { recursive: true });
    } catch (error) {
      throw cannotWrite(root, error);
    }
    const shape = spools ? spec.decoded : storedShape(spec);
    const incoming = await ShardWriter.resume(root, spools ? SPOOL : SHARDS, shape, spec.shardBytes, nImages);
    const store = new PixelStore(root, spec, incoming);
    if (!spools && nImages > 0) for await (const image of incoming.readBack()) store.#count(image);
    return store;
  }

  /** Bytes that `nImages` take once stored. */
  static storedBytes(spec: StoreSpec, nImages: number): number {
    return nImages * bytesPerImage(storedShape(spec));
  }

  /** Bytes that `nImages` will take on disk while the import runs. */
  static bytesNeeded(spec: StoreSpec, nImages: number): number {
    return PixelStore.storedBytes(spec, nImages) + (isSpooled(spec) ? nImages * bytesPerImage(spec.decoded) : 0);
  }

  /** Takes the next image `[c,h,w]`; borrowed until the promise resolves. @throws GanDlError `cannot-write`. */
  async add(image: Pixels): Promise<void> {
    if (isSpooled(this.#spec)) await this.#incoming.append(image);
    else await this.#store(this.#map(image, null));
  }

  /** Waits until the disk has every image added so far. @throws GanDlError `cannot-write`. */
  async flush(): Promise<void> {
    await this.#incoming.flush();
  }

  /**
   * Stores what waits in the spool, yielding how many images are done, and finishes the shards.
   * @param ledger the counts of all images added. @param plateOf the plate of each image.
   * @param gains factors that even out the light, where they were estimated.
   */
  async *finish(
    ledger: PlateLedger,
    plateOf: ArrayLike<number>,
    gains: PlateGains | null,
  ): AsyncGenerator<number, StoredPixels> {
    const incoming = await this.#incoming.close();
    if (!isSpooled(this.#spec)) {
      if (isAsDecoded(this.#spec)) await addPlates(ledger, this.#stored);
      return this.#result(incoming, null);
    }
    const { decoded, shardBytes, intensity } = this.#spec;
    const reader = new ShardReader(this.#root, incoming, decoded);
    this.#writer = new ShardWriter(this.#root, SHARDS, this.shape, shardBytes);
    try {
      const isPerPlate = intensity.kind === "percentile-per-plate";
      const counts =
        gains === null || !intensity.kind.startsWith("percentile")
          ? ledger
          : await this.#recount(reader, plateOf, gains, ledger);
      const ranges = await percentileRanges(counts, this.#spec);
      let done = 0;
      for await (const [image, plate] of lit(reader, plateOf, gains)) {
        await this.#store(this.#map(image, ranges[isPerPlate ? plate : 0] ?? null));
        yield ++done;
      }
      const shards = await this.#writer.close();
      return this.#result(shards, ranges);
    } finally {
      reader.close();
    }
  }

  /** SHA-256 over every stored pixel, in order, then over `text`. Call once, at the end. */
  fingerprint(text: string): string {
    return this.#hash.update(text).digest("hex");
  }

  /** Closes what is open after an error. */
  async abandon(): Promise<void> {
    await this.#incoming.abandon();
    await this.#writer.abandon();
  }

  /** The grey levels as they are once the light is even. */
  async #recount(
    reader: ShardReader,
    plateOf: ArrayLike<number>,
    gains: PlateGains,
    raw: PlateLedger,
  ): Promise<PlateLedger> {
    const folder = join(this.#root, WORK, "evened");
    await rm(folder, { recursive: true, force: true });
    const ledger = await PlateLedger.open(folder, { ...raw.form, reduced: null }, 0);
    let version = 0;
    for await (const [image, plate] of lit(reader, plateOf, gains)) {
      await ledger.add(plate, image);
      if (ledger.isFull) await ledger.save(++version);
    }
    return ledger;
  }

  #result(shards: readonly ShardEntry[], ranges: readonly (readonly LevelRange[])[] | null): StoredPixels {
    const mapping = mappingOf(this.#spec, ranges);
    return { shape: this.shape, shards, mapping, statistics: this.#stored.map((histogram) => histogram.statistics()) };
  }

  /** The image in stored grey levels: itself when they stay, else the store's own memory. @param ranges one a channel. */
  #map(image: Pixels, ranges: readonly LevelRange[] | null): Pixels {
    const { kind, ranges: told } = this.#spec.intensity;
    if (kind === "none") return image;
    const mapped = this.#mapped as Uint8Array;
    const size = this.shape.heightPx * this.shape.widthPx;
    eachPlane(image, this.shape, (plane, c) => {
      const range = kind === "standardise-per-image" ? standardisedRange(plane) : (ranges ?? told)[c]!;
      mapLevels(plane, range, mapped.subarray(c * size, (c + 1) * size));
    });
    return mapped;
  }

  async #store(image: Pixels): Promise<void> {
    this.#count(image);
    await this.#writer.append(image);
  }

  #count(image: Pixels): void {
    if (!isAsDecoded(this.#spec)) eachPlane(image, this.shape, (plane, c) => this.#stored[c]!.add(plane));
    this.#hash.update(image);
  }
}

const isSpooled = (spec: StoreSpec) => spec.estimatesLight || spec.intensity.kind.startsWith("percentile");

/** Whether images are stored with the grey levels that the ledger counted. */
const isAsDecoded = (spec: StoreSpec) => spec.intensity.kind === "none" && !spec.estimatesLight;

const storedShape = ({ decoded, intensity }: StoreSpec): ImageShape =>
  intensity.kind === "none" ? decoded : { ...decoded, dtype: "uint8" };

function eachPlane(image: Pixels, shape: ImageShape, visit: (plane: Pixels, channel: number) => void): void {
  const size = shape.heightPx * shape.widthPx;
  for (let c = 0; c < shape.channels; c++) visit(image.subarray(c * size, (c + 1) * size), c);
}

/** Every image of the spool with its plate, its light evened out; borrowed until the next. */
async function* lit(
  reader: ShardReader,
  plateOf: ArrayLike<number>,
  gains: PlateGains | null,
): AsyncGenerator<[image: Pixels, plate: number]> {
  const image = allocatePixels(reader.shape.dtype, valuesPerImage(reader.shape));
  for (let i = 0; i < reader.nImages; i++) {
    await reader.read(i, 0, image.length, image, 0);
    const plate = plateOf[i]!;
    const factors = gains === null ? null : await gains(plate);
    if (factors !== null) eachPlane(image, reader.shape, (plane, c) => applyGains(plane, factors[c]!));
    yield [image, plate];
  }
}

/** Ranges of each channel, once for all plates or once a plate; empty when the mapping needs no percentile. */
async function percentileRanges(ledger: PlateLedger, spec: StoreSpec): Promise<LevelRange[][]> {
  const { intensity, decoded, plateIds } = spec;
  if (intensity.kind === "percentile-per-plate") {
    const perPlate: LevelRange[][] = plateIds.map(() => []);
    for (const plate of ledger.plates)
      perPlate[plate] = (await ledger.plate(plate)).histograms.map((histogram) =>
        percentileRange(histogram, intensity),
      );
    return perPlate;
  }
  if (intensity.kind !== "percentile") return [];
  const all = Array.from({ length: decoded.channels }, () => new ChannelHistogram(decoded.dtype));
  await addPlates(ledger, all);
  return [all.map((histogram) => percentileRange(histogram, intensity))];
}

/** Adds the counts of every plate to one histogram a channel. */
async function addPlates(ledger: PlateLedger, all: readonly ChannelHistogram[]): Promise<void> {
  for (const plate of ledger.plates) {
    const { histograms } = await ledger.plate(plate);
    for (const [c, histogram] of histograms.entries()) all[c]!.addCounts(histogram.counts());
  }
}

function mappingOf(spec: StoreSpec, ranges: readonly (readonly LevelRange[])[] | null): IntensityMapping {
  const { kind, lowPercent, highPercent, ranges: told } = spec.intensity;
  if (kind === "none") return { kind };
  if (kind === "standardise-per-image") return { kind, sdRange: STANDARDISED_SD_RANGE };
  if (kind === "linear") return { kind, perChannel: [...told] };
  if (kind === "percentile") return { kind, lowPercent, highPercent, perChannel: [...(ranges?.[0] ?? [])] };
  const perPlate = spec.plateIds.map((plateId, i) => ({ plateId, perChannel: [...(ranges?.[i] ?? [])] }));
  return { kind, lowPercent, highPercent, perPlate };
}
