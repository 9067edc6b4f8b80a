// Minibatch standard deviation (Karras et al. 2018, §3): lets the discriminator see how varied a batch is.
import { callOp, cat, type Tensor } from "../tensor/index.ts";

/** Under the square root, as in the original: a batch of equal images gives 10⁻⁴, not 0. */
const EPSILON = 1e-8;

export interface MinibatchStdOptions {
  /** Images whose spread is measured together; a smaller batch is one group. */
  readonly group: number;
  /** Equal parts of the batch that must not mix, such as real and generated images. @default 1 */
  readonly parts?: number;
}

/**
 * The statistic of each image's group: standard deviation over the group, averaged over channels and pixels.
 * Image i of a part of m images belongs to group i mod (m / group).
 * @param x `[n,c,h,w]`. @returns `[n,1,1,1]`.
 * @example
 * ```ts
 * import { minibatchStd } from "gan-dl/nn";
 * import { fromArray } from "gan-dl/tensor";
 * const x = fromArray(Float32Array.of(1, 5, 3, 5), [4, 1, 1, 1]); // groups {0, 2} and {1, 3}
 * const [first, second] = minibatchStd(x, { group: 2 }).toFloat32Array();
 * console.assert(Math.abs(first! - 1) < 1e-3 && second! < 1e-3); // 1 and 3 differ, 5 and 5 do not
 * ```
 */
export function minibatchStd(x: Tensor, { group, parts = 1 }: MinibatchStdOptions): Tensor {
  const [n = 0, c = 0, h = 0, w = 0] = x.shape;
  const size = Math.min(group, n / parts);
  const groups = n / parts / size;
  if (!Number.isInteger(groups))
    throw new Error(`internal: ${n} images in ${parts} parts do not divide into groups of ${size}`);
  const grouped = x.reshape([parts, size, groups, c * h * w]);
  // LibTorch's own variance takes seven times as long on a CPU.
  const variance = grouped
    .sub(grouped.mean([1], true))
    .square()
    .mean([1]);
  const spread = variance.add(EPSILON).sqrt().mean([2]); // [parts, groups]
  return spread.reshape([parts, 1, groups]).expand([parts, size, groups]).reshape([n, 1, 1, 1]);
}

/** Adds a statistic to feature maps as one more channel. x `[n,c,h,w]`, statistic `[n,1,1,1]` → `[n,c+1,h,w]`. */
export function withStatistic(x: Tensor, statistic: Tensor): Tensor {
  const [n = 0, , h = 0, w = 0] = x.shape;
  return cat([x, callOp("aten::expand", "", [statistic, [n, 1, h, w]]) as Tensor], 1);
}
