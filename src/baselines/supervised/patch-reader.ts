// Patches of stored images as a supervised network takes them: squares on a grid, standardised stain by stain.
import { copyTurned, type Dataset, type Pixels, standardiseImage, tileOrigins } from "../../data/index.ts";
import type { PatchGrid } from "../../math/index.ts";
import { patchTooLarge } from "./errors.ts";

/** How grey levels become a network's input. */
export type PatchInput = "dataset" | "image" | "unit";

export interface PatchReaderOptions {
  /** Side of a patch; null: the whole image, which must then be square to be turned. */
  readonly patchPx: number | null;
  /** Distance of neighbours; a last patch lies flush with the image's end. @default patchPx */
  readonly stridePx?: number | null;
  /**
   * `dataset`: minus the channel's mean over the data set, over its standard deviation; `image`: the same over the patch, ±3 sd to ±1,
   * clipped; `unit`: the channel's 0.5th to 99.5th percentile to 0 … 1, clipped.
   */
  readonly input: PatchInput;
  /** Positions of the stored channels to give, in this order. @default all of them */
  readonly channels?: readonly number[];
}

/** Reads patches of an open data set, which it borrows. */
export class PatchReader {
  readonly grid: PatchGrid;
  readonly nPatches: number;
  readonly nChannels: number;
  readonly heightPx: number;
  readonly widthPx: number;
  readonly #dataset: Dataset;
  readonly #channels: readonly number[];
  readonly #input: PatchInput;

  /** @throws GanDlError `images-too-small`. */
  constructor(dataset: Dataset, { patchPx, stridePx, input, channels }: PatchReaderOptions) {
    const { heightPx, widthPx, channels: stored } = dataset.manifest;
    const side = patchPx ?? Math.min(heightPx, widthPx);
    if (side > Math.min(heightPx, widthPx)) throw patchTooLarge(heightPx, widthPx, side);
    const stride = stridePx ?? side;
    [this.heightPx, this.widthPx] = [heightPx, widthPx];
    this.grid = {
      rowsPx: tileOrigins(heightPx, side, stride),
      columnsPx: tileOrigins(widthPx, side, stride),
      patchPx: side,
    };
    this.nPatches = this.grid.rowsPx.length * this.grid.columnsPx.length;
    this.#dataset = dataset;
    this.#channels = channels ?? stored.map((_, i) => i);
    this.nChannels = this.#channels.length;
    this.#input = input;
  }

  /** `[n,c,p,p]` of n patches. */
  shapeOf(n: number): [number, number, number, number] {
    return [n, this.nChannels, this.grid.patchPx, this.grid.patchPx];
  }

  /** Every patch of one image, row by row, `[patches,c,p,p]`; new memory. */
  async readImage(image: number): Promise<Float32Array> {
    const { data } = await this.#dataset.readImages([image]);
    const size = this.#patchSize();
    const out = new Float32Array(this.nPatches * size);
    for (let patch = 0; patch < this.nPatches; patch++) this.#cut(data, 0, this.#originOf(patch), 0, out, patch * size);
    return this.#scaled(out, this.nPatches);
  }

  /**
   * One patch of each image, `[n,c,p,p]`; new memory. Only the rows that a patch lies on are read.
   * @param turns of the eight turns and flips, one an image. @default upright
   */
  async read(images: ArrayLike<number>, patches: ArrayLike<number>, turns?: ArrayLike<number>): Promise<Float32Array> {
    const { shards, manifest } = this.#dataset;
    const { heightPx, widthPx, dtype } = manifest;
    const { patchPx } = this.grid;
    const size = this.#patchSize();
    const out = new Float32Array(images.length * size);
    const strip = new (dtype === "uint8" ? Uint8Array : Uint16Array)(patchPx * widthPx);
    for (let i = 0; i < images.length; i++) {
      const [top, left] = this.#originOf(patches[i]!);
      for (const [k, channel] of this.#channels.entries()) {
        await shards.read(images[i]!, (channel * heightPx + top) * widthPx, strip.length, strip, 0);
        copyTurned<Pixels | Float32Array>(
          strip,
          widthPx,
          0,
          left,
          patchPx,
          turns?.[i] ?? 0,
          out,
          i * size + k * patchPx ** 2,
        );
      }
    }
    return this.#scaled(out, images.length);
  }

  #patchSize(): number {
    return this.nChannels * this.grid.patchPx ** 2;
  }

  #originOf(patch: number): [top: number, left: number] {
    const { rowsPx, columnsPx } = this.grid;
    return [rowsPx[Math.floor(patch / columnsPx.length)] ?? 0, columnsPx[patch % columnsPx.length] ?? 0];
  }

  #cut(image: Pixels, start: number, [top, left]: [number, number], turn: number, out: Float32Array, at: number): void {
    const { patchPx } = this.grid;
    const { heightPx, widthPx } = this;
    for (const [k, channel] of this.#channels.entries()) {
      const from = start + channel * heightPx * widthPx;
      const plane = image.subarray(from, from + heightPx * widthPx) as Pixels;
      copyTurned<Pixels | Float32Array>(plane, widthPx, top, left, patchPx, turn, out, at + k * patchPx ** 2);
    }
  }

  #scaled(values: Float32Array, n: number): Float32Array {
    if (this.#input === "image") {
      standardiseImage(values, this.shapeOf(n));
      return values;
    }
    const plane = this.grid.patchPx ** 2;
    const scales = this.#channels.map((channel) => scaleOf(this.#dataset, channel, this.#input));
    for (let from = 0; from < values.length; from += plane) {
      const { offset, factor, clip } = scales[(from / plane) % scales.length]!;
      for (let i = from; i < from + plane; i++) {
        const value = (values[i]! - offset) * factor;
        values[i] = clip ? Math.min(1, Math.max(0, value)) : value;
      }
    }
    return values;
  }
}

function scaleOf(dataset: Dataset, channel: number, input: PatchInput) {
  const statistics = dataset.manifest.channels[channel]?.statistics;
  if (!statistics) throw new Error(`internal: the data set has no channel ${channel}`);
  const { mean, sd, p0_5: low, p99_5: high } = statistics;
  const over = (range: number) => (range > 0 ? 1 / range : 0); // a channel that never varies says nothing
  if (input === "unit") return { offset: low, factor: over(high - low), clip: true };
  return { offset: mean, factor: over(sd), clip: false };
}
