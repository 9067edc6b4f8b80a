// From stored images to what the encoder takes: channels in its order, its pixel size, its squares, its range.
// Module by module, not by the room's index: the browser page cuts images by this very file, and must not reach Node.
import { copyTurned, DIHEDRAL_COUNT } from "../data/dihedral.ts";
import { ImageResizer } from "../data/image-resizer.ts";
import type { ImageBatch } from "../data/open-dataset.ts";
import type { Pixels } from "../data/shards.ts";
import { standardiseImage } from "../data/standardise-image.ts";
import type { DatasetManifest, InputKind, Views } from "../schema/index.ts";
import type { ChannelSource } from "./match-channels.ts";
import { planTiles, type TileOptions, type TilePlan } from "./plan-tiles.ts";

export interface CutterOptions extends TileOptions {
  readonly manifest: Pick<DatasetManifest, "heightPx" | "widthPx" | "dtype">;
  readonly sources: readonly ChannelSource[];
  readonly tilePx: number;
  /** New pixels per old along a side. */
  readonly resizeFactor: number;
  readonly input: InputKind;
  /** @default "upright" */
  readonly views?: Views;
}

/** A plane in memory and its width. */
interface Plane {
  readonly values: Pixels | Float32Array;
  readonly widthPx: number;
}

/**
 * Cuts batches of images into tiles `[n · tiles, c, tile, tile]` in [−1, 1], in this order: missing stains are filled, planes resized,
 * tiles cut, and grey levels mapped as `input` says, tile by tile as training does crop by crop.
 */
export class ImageCutter {
  readonly plan: TilePlan;
  /** Of the image, each in all its views. */
  readonly nTilesPerImage: number;
  readonly #nViews: number;
  readonly #sources: readonly ChannelSource[];
  readonly #resizer: ImageResizer | null;
  readonly #resized: readonly Float32Array[];
  readonly #blend: Float32Array;
  readonly #input: InputKind;
  readonly #scale: number;

  /** @throws GanDlError `images-too-small`, `bad-tiles`. */
  constructor({ manifest, sources, tilePx, resizeFactor, input, views = "upright", ...tiles }: CutterOptions) {
    const { heightPx, widthPx, dtype } = manifest;
    this.#resizer = resizeFactor === 1 ? null : new ImageResizer(heightPx, widthPx, resizeFactor);
    const size = this.#resizer ?? manifest;
    this.plan = planTiles(size.heightPx, size.widthPx, tilePx, tiles);
    this.#nViews = views === "dihedral" ? DIHEDRAL_COUNT : 1;
    this.nTilesPerImage = this.plan.rowsPx.length * this.plan.columnsPx.length * this.#nViews;
    this.#sources = sources;
    this.#resized = this.#resizer ? sources.map(() => new Float32Array(size.heightPx * size.widthPx)) : [];
    this.#blend = new Float32Array(sources.some(({ filled }) => filled !== null) ? heightPx * widthPx : 0);
    this.#input = input;
    this.#scale = 2 / (dtype === "uint8" ? 255 : 65535);
  }

  /** How many numbers {@link ImageCutter.cut} gives for `n` images. */
  lengthOf(n: number): number {
    return n * this.nTilesPerImage * this.#sources.length * this.plan.tilePx ** 2;
  }

  /**
   * `[n · tiles, c, tile, tile]`, image by image, tile by tile, view by view.
   * @param batch borrowed. @param into what is filled and returned, {@link ImageCutter.lengthOf} long. @default new memory
   */
  cut(batch: ImageBatch, into = new Float32Array(this.lengthOf(batch.shape[0]))): Float32Array {
    if (this.#nViews === 1) return this.#cutUpright(batch, into);
    const upright = this.#cutUpright(batch, new Float32Array(into.length / this.#nViews));
    const { tilePx } = this.plan;
    const plane = tilePx ** 2;
    const perTile = this.#sources.length * plane;
    for (let from = 0; from < upright.length; from += plane) {
      const [tile, within] = [Math.floor(from / perTile), from % perTile];
      for (let view = 0; view < this.#nViews; view++) {
        const to = (tile * this.#nViews + view) * perTile + within;
        copyTurned(upright.subarray(from, from + plane), tilePx, 0, 0, tilePx, view, into, to);
      }
    }
    return into;
  }

  #cutUpright({ data, shape }: ImageBatch, out: Float32Array): Float32Array {
    const [n, c, h, w] = shape;
    const { tilePx } = this.plan;
    const nTiles = this.nTilesPerImage / this.#nViews;
    const perImage = nTiles * this.#sources.length * tilePx ** 2;
    for (let i = 0; i < n; i++) {
      const image = data.subarray(i * c * h * w, (i + 1) * c * h * w) as Pixels;
      this.#cutImage(this.#planesOf(image, h * w, w), out, i * perImage);
    }
    if (this.#input === "standardised") standardiseImage(out, [n * nTiles, this.#sources.length, tilePx, tilePx]);
    return out;
  }

  /** The encoder's channels of one image, at the encoder's pixel size; valid until the next image. */
  #planesOf(image: Pixels, size: number, widthPx: number): Plane[] {
    if (this.#blend.length > 0) this.#fillBlend(image, size);
    return this.#sources.map(({ index }, k) => {
      const stored = index === null ? this.#blend : image.subarray(index * size, (index + 1) * size);
      const resized = this.#resized[k];
      if (!this.#resizer || !resized) return { values: stored, widthPx };
      this.#resizer.resize(stored, resized);
      return { values: resized, widthPx: this.#resizer.widthPx };
    });
  }

  /** What stands in for missing stains: black, or at each pixel the mean of the others. */
  #fillBlend(image: Pixels, size: number): void {
    const present = this.#sources.flatMap(({ index }) => (index === null ? [] : [index]));
    this.#blend.fill(0);
    if (!this.#sources.some(({ filled }) => filled === "mean")) return;
    for (const index of present)
      for (let p = 0; p < size; p++) this.#blend[p]! += image[index * size + p]! / present.length;
  }

  #cutImage(planes: readonly Plane[], out: Float32Array, at: number): void {
    const { rowsPx, columnsPx, tilePx } = this.plan;
    const scale = this.#scale;
    let to = at;
    for (const top of rowsPx) {
      for (const left of columnsPx) {
        for (const { values, widthPx } of planes) {
          for (let y = top; y < top + tilePx; y++) {
            const from = y * widthPx + left;
            for (let x = 0; x < tilePx; x++) out[to++] = values[from + x]! * scale - 1;
          }
        }
      }
    }
  }
}
