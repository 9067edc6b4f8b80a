// GAN-DL's own map of infection: a discriminator's feature maps seen along the axis from healthy to infected control images. The network
// was trained without labels; only the one direction in its features is found with them.
import type { Dataset } from "../../data/index.ts";
import { type Checkpoint, ImageCutter, matchChannels, openDiscriminator } from "../../embed/index.ts";
import { projectMap, resizeMap } from "../../math/index.ts";
import type { Discriminator } from "../../models/index.ts";
import { fromArray, noGrad, op, type Tensor, TensorScope } from "../../tensor/index.ts";
import { type LabelledImages, splitControls } from "../supervised/control-split.ts";
import { type ConditionAxis, ConditionAxisFit } from "./condition-axis.ts";
import type { RegionMapper } from "./define-regions.ts";
import { averageSquares, smoothMap } from "./join-squares.ts";

/**
 * Feature maps are brought to a grid of so many places a side of a training-sized square: finer ones see less than a cell, which says
 * little of its state, and every block down to this size takes part.
 */
const GRID = 8;
/** Windows that the axis is found on, a side: places alone differ most by what part of a cell they lie on, whole squares by how many cells they hold. */
const WINDOWS = 2;

export interface FeatureRegionOptions {
  /** Share or names of the plates that the axis is not found on. @default 0.5 */
  readonly heldOut?: number | readonly string[];
  /** Decides which plates are held out. @default 1 */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Finds the condition axis on control images of some plates and maps images along it: Fisher's discriminant over windows of feature maps,
 * each window with its image's label and centred on its plate. Images are cut into training-sized squares that overlap by half.
 * @param dataset borrowed; stays open.
 * @throws GanDlError `labels-missing`, `channel-mismatch`, `images-too-small`, `checkpoint-mismatch`.
 */
export async function openFeatureRegions(
  dataset: Dataset,
  checkpoint: Checkpoint,
  options: FeatureRegionOptions = {},
): Promise<RegionMapper> {
  const { heldOut = 0.5, seed = 1 } = options;
  const split = splitControls(dataset, { id: "the condition axis", heldOut, validationShare: 0, seed });
  const maps = new FeatureMaps(dataset, checkpoint, await openDiscriminator(checkpoint));
  try {
    const axis = await findAxis(dataset, maps, split.train, options);
    const { kimg } = checkpoint.header;
    return {
      id: "gan-dl",
      provenance: { kimg, features: maps.nFeatures, gridPx: maps.gridPx, axisFrom: split.train.images.length, seed },
      heldOutPlates: split.heldOutPlates,
      mapImage: async (image) => maps.project(await maps.of(image), axis),
      close: () => maps.close(),
    };
  } catch (error) {
    maps.close();
    throw error;
  }
}

/** Feature maps of whole images, square by square. */
class FeatureMaps {
  /** Channels of all blocks down to the grid. */
  readonly nFeatures: number;
  /** Pixels of the image a place of the grid. */
  readonly gridPx: number;
  readonly #dataset: Dataset;
  readonly #discriminator: Discriminator;
  readonly #cutter: ImageCutter;
  readonly #channels: number;

  constructor(dataset: Dataset, { header }: Checkpoint, discriminator: Discriminator) {
    const { manifest } = dataset;
    const { resolutionPx, imageChannels } = header.model;
    this.#dataset = dataset;
    this.#discriminator = discriminator;
    this.#channels = imageChannels;
    this.gridPx = resolutionPx / GRID;
    this.#cutter = new ImageCutter({
      ...{ manifest, sources: matchChannels(header.channels, manifest.channels, {}), tilePx: resolutionPx },
      ...{ resizeFactor: 1, input: header.input ?? "stored", tiles: "grid", stridePx: resolutionPx / 2 },
    });
    this.nFeatures = this.#run(new Float32Array(imageChannels * resolutionPx ** 2), 1).length / GRID ** 2;
  }

  /** `[f,8,8]` of each square. */
  async of(image: number): Promise<Float32Array[]> {
    const n = this.#cutter.nTilesPerImage;
    const maps = this.#run(this.#cutter.cut(await this.#dataset.readImages([image])), n);
    return Array.from({ length: n }, (_, i) => maps.subarray((i * maps.length) / n, ((i + 1) * maps.length) / n));
  }

  /** One value a pixel of the image: squares are projected, smoothed over neighbouring places, enlarged, and averaged where they overlap. */
  project(squares: readonly Float32Array[], { weights, bias }: ConditionAxis): Float32Array {
    const { rowsPx, columnsPx, tilePx: patchPx } = this.#cutter.plan;
    const { heightPx, widthPx } = this.#dataset.manifest;
    const projected = squares.map((square) =>
      resizeMap(smoothMap(projectMap(square, weights, bias), GRID), [GRID, GRID], [patchPx, patchPx]),
    );
    return averageSquares(projected, { rowsPx, columnsPx, patchPx }, heightPx, widthPx);
  }

  close(): void {
    this.#discriminator.dispose();
  }

  /** `[n,f,8,8]`: every map that is not smaller, averaged over what a place covers. */
  #run(pixels: Float32Array, n: number): Float32Array {
    const side = this.#cutter.plan.tilePx;
    using _scope = new TensorScope();
    return noGrad(() => {
      const maps = this.#discriminator.featureMaps(fromArray(pixels, [n, this.#channels, side, side]));
      const fine = maps.filter(({ shape }) => (shape[2] ?? 0) >= GRID);
      const pooled = fine.map((map): Tensor => op("aten::adaptive_avg_pool2d", "", map, [GRID, GRID]));
      return op("aten::cat", "", pooled, 1).toFloat32Array();
    });
  }
}

async function findAxis(
  dataset: Dataset,
  maps: FeatureMaps,
  { images, labels }: LabelledImages,
  { signal, onProgress }: FeatureRegionOptions,
): Promise<ConditionAxis> {
  const fit = new ConditionAxisFit(maps.nFeatures);
  for (let i = 0; i < images.length; i++) {
    signal?.throwIfAborted();
    const image = images[i]!;
    for (const square of await maps.of(image)) {
      for (const window of windowMeans(square, maps.nFeatures))
        fit.add(window, labels[i] === 1, dataset.sites[image]!.plate_id);
    }
    onProgress?.(i + 1, images.length);
  }
  return fit.axis();
}

/** Mean features of each quarter of a square. */
function windowMeans(square: Float32Array, nFeatures: number): Float32Array[] {
  const side = GRID / WINDOWS;
  return Array.from({ length: WINDOWS ** 2 }, (_, k) => {
    const [top, left] = [Math.floor(k / WINDOWS) * side, (k % WINDOWS) * side];
    return Float32Array.from({ length: nFeatures }, (_, f) => {
      let sum = 0;
      for (let y = top; y < top + side; y++)
        for (let x = left; x < left + side; x++) sum += square[(f * GRID + y) * GRID + x]!;
      return sum / side ** 2;
    });
  });
}
