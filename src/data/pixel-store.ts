// Decoded images in, stored shards out: maps grey levels, counts them and hashes them on the way.
import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ChannelStatistics, IntensityMapping } from "../schema/dataset.ts";
import { ChannelHistogram } from "./channel-histogram.ts";
import { cannotWrite } from "./errors.ts";
import {
  type IntensityKind,
  type LevelRange,
  mapLevels,
  PERCENTILE_RANGE,
  percentileRange,
  STANDARDISED_SD_RANGE,
  standardisedRange,
} from "./intensity.ts";
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

const SPOOL = "spool";

/** What is known of the pixels once all are stored. */
export interface StoredPixels {
  readonly shape: ImageShape;
  readonly shards: readonly ShardEntry[];
  /** One a channel, over the stored grey levels. */
  readonly statistics: readonly ChannelStatistics[];
  readonly mapping: IntensityMapping;
}

/**
 * Stores images one by one.
 *
 * The percentile mapping needs every pixel before it can map the first, so images wait in a spool of decoded shards
 * (decoding twice would cost far more than writing twice); the other mappings store at once.
 */
export class PixelStore {
  /** Type and size of a stored image. */
  readonly shape: ImageShape;
  readonly #root: string;
  readonly #decoded: ImageShape;
  readonly #intensity: IntensityKind;
  readonly #writer: ShardWriter;
  readonly #spool: ShardWriter | null;
  readonly #stored: readonly ChannelHistogram[];
  readonly #sourceLevels: readonly ChannelHistogram[];
  readonly #mapped: Pixels;
  readonly #hash = createHash("sha256");

  private constructor(root: string, decoded: ImageShape, intensity: IntensityKind, shardBytes: number) {
    this.shape = intensity === "none" ? decoded : { ...decoded, dtype: "uint8" };
    this.#root = root;
    this.#decoded = decoded;
    this.#intensity = intensity;
    this.#writer = new ShardWriter(root, "shards", this.shape, shardBytes);
    this.#spool = intensity === "percentile" ? new ShardWriter(root, SPOOL, decoded, shardBytes) : null;
    const histograms = (dtype: "uint8" | "uint16") =>
      Array.from({ length: decoded.channels }, () => new ChannelHistogram(dtype));
    this.#stored = histograms(this.shape.dtype);
    this.#sourceLevels = this.#spool === null ? [] : histograms(decoded.dtype);
    this.#mapped = allocatePixels(this.shape.dtype, valuesPerImage(this.shape));
  }

  /** @param root the data set's (temporary) folder. @throws GanDlError `cannot-write`. */
  static async create(
    root: string,
    decoded: ImageShape,
    intensity: IntensityKind,
    shardBytes: number,
  ): Promise<PixelStore> {
    try {
      await mkdir(join(root, "shards"));
      if (intensity === "percentile") await mkdir(join(root, SPOOL));
    } catch (error) {
      throw cannotWrite(root, error);
    }
    return new PixelStore(root, decoded, intensity, shardBytes);
  }

  /** Bytes that `nImages` will take on disk while the import runs. */
  static bytesNeeded(decoded: ImageShape, intensity: IntensityKind, nImages: number): number {
    const stored = intensity === "none" ? decoded : { ...decoded, dtype: "uint8" as const };
    return nImages * (bytesPerImage(stored) + (intensity === "percentile" ? bytesPerImage(decoded) : 0));
  }

  /** Takes the next image `[c,h,w]`; borrowed until the promise resolves. @throws GanDlError `cannot-write`. */
  async add(image: Pixels): Promise<void> {
    if (this.#spool !== null) {
      this.#eachPlane(image, (plane, c) => this.#sourceLevels[c]!.add(plane));
      await this.#spool.append(image);
    } else if (this.#intensity === "none") {
      await this.#store(image);
    } else {
      await this.#map(image, (plane) => standardisedRange(plane));
    }
  }

  /** Stores what waits in the spool, yielding how many images are done, and finishes the shards. */
  async *finish(): AsyncGenerator<number, StoredPixels> {
    if (this.#spool === null) return this.#result(await this.#writer.close(), this.#simpleMapping());
    const spooled = await this.#spool.close();
    const ranges = this.#sourceLevels.map(percentileRange);
    const reader = new ShardReader(this.#root, spooled, this.#decoded);
    const image = allocatePixels(this.#decoded.dtype, valuesPerImage(this.#decoded));
    try {
      for (let i = 0; i < reader.nImages; i++) {
        await reader.read(i, 0, image.length, image, 0);
        await this.#map(image, (_, c) => ranges[c]!);
        yield i + 1;
      }
    } finally {
      reader.close();
    }
    const shards = await this.#writer.close();
    await rm(join(this.#root, SPOOL), { recursive: true });
    return this.#result(shards, { kind: "percentile", ...PERCENTILE_RANGE, perChannel: ranges });
  }

  /** SHA-256 over every stored pixel, in order, then over `text`. Call once, at the end. */
  fingerprint(text: string): string {
    return this.#hash.update(text).digest("hex");
  }

  /** Closes what is open after an error. */
  async abandon(): Promise<void> {
    await this.#writer.abandon();
    await this.#spool?.abandon();
  }

  #simpleMapping(): IntensityMapping {
    return this.#intensity === "none"
      ? { kind: "none" }
      : { kind: "standardise-per-image", sdRange: STANDARDISED_SD_RANGE };
  }

  #result(shards: readonly ShardEntry[], mapping: IntensityMapping): StoredPixels {
    return { shape: this.shape, shards, mapping, statistics: this.#stored.map((histogram) => histogram.statistics()) };
  }

  async #map(image: Pixels, rangeOf: (plane: Pixels, channel: number) => LevelRange): Promise<void> {
    const mapped = this.#mapped as Uint8Array;
    const size = this.shape.heightPx * this.shape.widthPx;
    this.#eachPlane(image, (plane, c) =>
      mapLevels(plane, rangeOf(plane, c), mapped.subarray(c * size, (c + 1) * size)),
    );
    await this.#store(mapped);
  }

  async #store(image: Pixels): Promise<void> {
    this.#eachPlane(image, (plane, c) => this.#stored[c]!.add(plane));
    this.#hash.update(image);
    await this.#writer.append(image);
  }

  #eachPlane(image: Pixels, visit: (plane: Pixels, channel: number) => void): void {
    const size = this.shape.heightPx * this.shape.widthPx;
    for (let c = 0; c < this.shape.channels; c++) visit(image.subarray(c * size, (c + 1) * size), c);
  }
}
