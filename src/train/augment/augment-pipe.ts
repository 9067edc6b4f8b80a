// The augmentations themselves, on real and generated images alike, differentiable any number of times.
import type { SeededRandom } from "../../core/index.ts";
import type { AugmentOps } from "../../schema/index.ts";
import { cat, expectShape, fromArray, noGrad, Rng, randn, type Tensor, tidy } from "../../tensor/index.ts";
import { isIdentity } from "./affine.ts";
import { type AugmentDraw, drawAugment, type GeometryDraw } from "./draw-augment.ts";
import { movePixels, warp } from "./warp.ts";

/**
 * Varies images at random so that a discriminator cannot learn its few real ones by heart (ADA: Karras et al. 2020).
 *
 * For any number of channels: geometry is common to the channels of an image, brightness and contrast are each channel's own;
 * hue, luma and saturation, which mean something for RGB only, are left out.
 * @example
 * ```ts
 * import { SeededRandom } from "gan-dl/core";
 * import { AugmentOps } from "gan-dl/schema";
 * import { Rng, randn } from "gan-dl/tensor";
 * import { AugmentPipe } from "gan-dl/train";
 * const pipe = new AugmentPipe(AugmentOps.parse({ noise: { on: true } }));
 * const images = randn([4, 5, 16, 16], { rng: new Rng(1) });
 * console.assert(pipe.augment(images, 0, new SeededRandom(1)) === images);
 * console.assert(pipe.augment(images, 0.5, new SeededRandom(1)).shape.join() === "4,5,16,16");
 * ```
 */
export class AugmentPipe {
  readonly ops: AugmentOps;

  constructor(ops: AugmentOps) {
    this.ops = ops;
  }

  /**
   * Each image with each operation that is on, with probability `p`.
   * @param images `[n,c,side,side]`, values about −1 to 1; borrowed. @param p 0 to 1. @param random what is drawn comes from
   * here; equal generators give equal bits on one device. Nothing is drawn at p = 0.
   * @returns `[n,c,side,side]`; `images` itself where nothing happens to any of them, always so at p = 0.
   * @throws GanDlError `bad-probability`, `shape-mismatch` for images that are not square.
   */
  augment(images: Tensor, p: number, random: SeededRandom): Tensor {
    if (p === 0) return images;
    const [n = 0, c = 0, sidePx = 0] = expectShape("the images to augment", images, ["n", "c", "side", "side"]);
    return this.apply(images, drawAugment(this.ops, p, { n, c, sidePx }, random));
  }

  /** What was drawn before, by {@link drawAugment} for as many images, channels and pixels. */
  apply(images: Tensor, { geometry, colour, noise, cutout }: AugmentDraw): Tensor {
    return tidyUnless(images, () => {
      let out = applyGeometry(images, geometry);
      if (colour !== null) out = applyColour(out, colour);
      if (noise !== null) out = applyNoise(out, noise);
      if (cutout !== null) out = applyCutout(out, cutout, this.ops.cutout.share);
      return out;
    });
  }
}

/** Like `tidy`, where the result may be what went in: that belongs to someone else and must not change hands. */
function tidyUnless(images: Tensor, work: () => Tensor): Tensor {
  const result = tidy(() => {
    const made = work();
    return made === images ? null : made;
  });
  return result ?? images;
}

const perImage = (values: Float64Array, shape: readonly number[], like: Tensor): Tensor =>
  fromArray(values, shape).to({ dtype: like.dtype, device: like.device });
const rowIndex = (rows: readonly number[], like: Tensor): Tensor =>
  fromArray(Float64Array.from(rows), [rows.length]).to({ dtype: "int64", device: like.device });

/** Only images that need interpolation are interpolated; the others keep their exact values. */
function applyGeometry(images: Tensor, geometry: readonly GeometryDraw[]): Tensor {
  const rows = geometry.map((_, row) => row);
  const still = rows.filter((row) => isIdentity((geometry[row] as GeometryDraw).source));
  if (still.length === rows.length) return images;
  const moved = rows.filter((row) => !still.includes(row) && geometry[row]?.exact);
  const warped = rows.filter((row) => !still.includes(row) && !geometry[row]?.exact);
  const groups = [
    { members: still, work: (part: Tensor) => part },
    { members: moved, work: movePixels },
    { members: warped, work: warp },
  ].filter(({ members }) => members.length > 0);
  const done = groups.map(({ members, work }) => {
    const part = members.length === rows.length ? images : images.indexSelect(0, rowIndex(members, images));
    return work(
      part,
      members.map((row) => (geometry[row] as GeometryDraw).source),
    );
  });
  if (done.length === 1) return done[0] as Tensor;
  const order = groups.flatMap(({ members }) => members);
  const back = rows.map((row) => order.indexOf(row));
  return cat(done).indexSelect(0, rowIndex(back, images));
}

function applyColour(images: Tensor, { gain, offset }: NonNullable<AugmentDraw["colour"]>): Tensor {
  const [n = 0, c = 0] = images.shape;
  const shape = [n, c, 1, 1];
  return images.mul(perImage(gain, shape, images)).add(perImage(offset, shape, images));
}

function applyNoise(images: Tensor, { sigma, seed }: NonNullable<AugmentDraw["noise"]>): Tensor {
  const rng = new Rng(seed, images.device);
  const noise = noGrad(() =>
    randn(images.shape, { rng, dtype: images.dtype }).mul_(perImage(sigma, [sigma.length, 1, 1, 1], images)),
  );
  rng.dispose();
  return images.add(noise);
}

/** Squares reach beyond the border and are cut there, so that every pixel is covered equally often but for the rim. */
function applyCutout(images: Tensor, { x, y }: NonNullable<AugmentDraw["cutout"]>, share: number): Tensor {
  const [n = 0, , side = 0] = images.shape;
  const inside = (centres: Float64Array) =>
    Float64Array.from({ length: n * side }, (_, i) => {
      const pixel = ((i % side) + 0.5) / side;
      return Math.abs(pixel - (centres[Math.floor(i / side)] as number)) < share / 2 ? 1 : 0; // NaN is never less
    });
  const covered = perImage(inside(y), [n, 1, side, 1], images).mul(perImage(inside(x), [n, 1, 1, side], images));
  return images.mul(covered.neg().add(1));
}
