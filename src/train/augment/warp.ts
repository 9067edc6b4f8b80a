// Moving pixels about by an affine map per image, from operators that can be differentiated any number of times.
//
// LibTorch's `grid_sampler` has no second derivative, which R1 and path length need. A gather has: its derivative is a scatter,
// and that one's a gather. (On CUDA the scatter adds in no fixed order: gradients there may differ in their last bits.)
// Beyond its border an image goes on as its mirror image.
import { callOp, fromArray, noGrad, type Tensor, tidy } from "../../tensor/index.ts";
import type { Affine } from "./affine.ts";
import { alongBothAxes, doubled, downMatrix, MARGIN, upMatrix } from "./wavelet.ts";

/** Where on a square grid of sources the samples lie. */
interface Sampling {
  /** Side of the source grid. */
  readonly from: number;
  /** Side of the sampled grid. */
  readonly to: number;
  /** Samples per pixel: translations are told in pixels. */
  readonly rate: number;
}

/**
 * Source coordinates of every sample, folded into the grid by mirroring; the grids share their centre.
 * @returns x and y, `[m,to,to]` each, between 0 and from − 1.
 */
function sourceCoordinates(maps: readonly Affine[], { from, to, rate }: Sampling, like: Tensor): [Tensor, Tensor] {
  const dtype = like.dtype === "float64" ? "float64" : "float32"; // half precision cannot count the pixels of an image
  const place = (values: ArrayLike<number>, shape: readonly number[]) =>
    fromArray(Float64Array.from(values), shape).to({ dtype, device: like.device });
  const at = Float64Array.from({ length: to }, (_, i) => i - (to - 1) / 2);
  const x = place(at, [1, 1, to]);
  const y = place(at, [1, to, 1]);
  const last = from - 1;
  const column = (entry: number, times = 1, plus = 0) =>
    place(
      maps.map((map) => (map[entry] as number) * times + plus),
      [maps.length, 1, 1],
    );
  const axis = (entry: number) => {
    const along = column(entry).mul(x); // [m,1,to]
    const across = column(entry + 1)
      .mul(y)
      .add(column(entry + 2, rate, last / 2)); // [m,to,1]
    const wrapped = callOp("aten::remainder", "Scalar", [along.add(across), 2 * last]) as Tensor;
    return wrapped.sub(last).abs().neg().add(last);
  };
  return [axis(0), axis(3)];
}

/** Picks elements of each image's planes. planes `[m,c,l]`, index `[m,k]` int64 → `[m,c,k]`. */
function pick(planes: Tensor, index: Tensor): Tensor {
  const [m = 0, c = 0] = planes.shape;
  const [, k = 0] = index.shape;
  return callOp("aten::gather", "", [planes, 2, index.unsqueeze(1).expand([m, c, k])]) as Tensor;
}

const rounded = (x: Tensor): Tensor => callOp("aten::round", "", [x]) as Tensor;
const floored = (x: Tensor): Tensor => callOp("aten::floor", "", [x]) as Tensor;

/**
 * Moves whole pixels to whole pixels: flips, quarter turns, shifts by whole pixels. No value changes.
 * @param images `[m,c,side,side]`. @param maps from output to source pixels, one per image. @returns `[m,c,side,side]`.
 */
export function movePixels(images: Tensor, maps: readonly Affine[]): Tensor {
  const [m = 0, c = 0, side = 0] = images.shape;
  const index = noGrad(() =>
    tidy(() => {
      const [x, y] = sourceCoordinates(maps, { from: side, to: side, rate: 1 }, images);
      return rounded(y.mul(side).add(x))
        .to({ dtype: "int64" })
        .reshape([m, side * side]);
    }),
  );
  return pick(images.reshape([m, c, side * side]), index).reshape([m, c, side, side]);
}

/** The four neighbours of each sample and how much each counts: index `[m,k]`, weight `[m,1,k]`. */
function neighbours(maps: readonly Affine[], sampling: Sampling, like: Tensor): { index: Tensor; weight: Tensor }[] {
  const [x, y] = sourceCoordinates(maps, sampling, like).map((axis) => axis.reshape([maps.length, -1])) as [
    Tensor,
    Tensor,
  ];
  const { from } = sampling;
  const [left, top] = [floored(x).clamp_(0, from - 2), floored(y).clamp_(0, from - 2)];
  const [right, low] = [x.sub(left), y.sub(top)]; // weights of the right and the lower neighbours
  const both = right.mul(low);
  const first = top.mul(from).add(left).to({ dtype: "int64" });
  return [
    { index: first, weight: both.sub(right).sub(low).add(1) },
    { index: first.add(1), weight: right.sub(both) },
    { index: first.add(from), weight: low.sub(both) },
    { index: first.add(from + 1), weight: both },
  ].map(({ index, weight }) => ({ index, weight: weight.to({ dtype: like.dtype }).unsqueeze(1) }));
}

/**
 * Moves pixels by any affine map: doubles the sampling rate, interpolates linearly there, and filters back down.
 *
 * The doubled grid keeps linear interpolation from blurring, and the filter on the way down removes what a shrunk image has
 * too fine for its pixels. The identity, whole-pixel shifts and quarter turns come out unchanged but for rounding.
 * @param images `[m,c,side,side]`. @param maps from output to source pixels, one per image. @returns `[m,c,side,side]`.
 */
export function warp(images: Tensor, maps: readonly Affine[]): Tensor {
  const [m = 0, c = 0, side = 0] = images.shape;
  const from = doubled(side);
  const to = from + 2 * MARGIN;
  const parts = noGrad(() => tidy(() => neighbours(maps, { from, to, rate: 2 }, images)));
  const planes = alongBothAxes(images, upMatrix(side)).reshape([m, c, from * from]);
  const sum = parts.reduce<Tensor | null>((total, { index, weight }) => {
    const picked = pick(planes, index);
    return total === null ? picked.mul(weight) : (callOp("aten::addcmul", "", [total, picked, weight]) as Tensor);
  }, null) as Tensor;
  return alongBothAxes(sum.reshape([m, c, to, to]), downMatrix(side));
}
