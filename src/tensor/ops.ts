// Operations on several tensors: convolution, padding, joining.
import { callOp, op, type Tensor } from "./tensor.ts";

export const cat = (tensors: readonly Tensor[], dim = 0): Tensor => op("aten::cat", "", tensors, dim);
export const stack = (tensors: readonly Tensor[], dim = 0): Tensor => op("aten::stack", "", tensors, dim);
/** Splits into pieces of `size` along `dim`; the last may be smaller. Views. */
export const split = (x: Tensor, size: number, dim = 0): Tensor[] =>
  callOp("aten::split", "Tensor", [x, size, dim]) as Tensor[];

export interface Conv2dOptions {
  readonly bias?: Tensor | null;
  /** @default 1 */
  readonly stride?: number;
  /** @default 0 */
  readonly padding?: number | readonly [number, number];
  /** @default 1 */
  readonly groups?: number;
}

const pair = (side: number | readonly [number, number]): readonly number[] =>
  typeof side === "number" ? [side, side] : side;

/**
 * Correlation as deep learning means it: x `[n,c,h,w]`, weight `[out, c/groups, kh, kw]`, bias `[out]`.
 * @returns `[n,out,h',w']` with h' = ⌊(h + 2·padding − kh) / stride⌋ + 1.
 * @example
 * ```ts
 * import { conv2d, ones } from "gan-dl/tensor";
 * const y = conv2d(ones([1, 2, 4, 4]), ones([3, 2, 3, 3]), { padding: 1 }); // [1,3,4,4]
 * console.assert(y.shape.join() === "1,3,4,4" && y.amax().item() === 2 * 9);
 * ```
 */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  { bias = null, stride = 1, padding = 0, groups = 1 }: Conv2dOptions = {},
): Tensor {
  return op("aten::conv2d", "", x, weight, bias, [stride, stride], pair(padding), [1, 1], groups);
}

export interface ConvTranspose2dOptions extends Conv2dOptions {
  /** @default 0 */
  readonly outputPadding?: number;
}

/** The transpose of {@link conv2d}: x `[n,c,h,w]`, weight `[c, out/groups, kh, kw]`. */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  { bias = null, stride = 1, padding = 0, outputPadding = 0, groups = 1 }: ConvTranspose2dOptions = {},
): Tensor {
  const args = [x, weight, bias, [stride, stride], pair(padding), [outputPadding, outputPadding], groups, [1, 1]];
  return op("aten::conv_transpose2d", "input", ...args);
}

/** Pads the last two axes by `[left, right, top, bottom]`; negative amounts crop (constant mode only). */
export function pad(
  x: Tensor,
  sides: readonly [number, number, number, number],
  { mode = "constant" }: { mode?: "constant" | "reflect" | "replicate" } = {},
): Tensor {
  if (mode === "constant") return op("aten::constant_pad_nd", "", x, sides, 0);
  return op(mode === "reflect" ? "aten::reflection_pad2d" : "aten::replication_pad2d", "", x, sides);
}

/** Sums of products by index letters, as in `"nc,oc->no"`; letters that the result leaves out are summed over. */
export const einsum = (equation: string, ...tensors: readonly Tensor[]): Tensor =>
  op("aten::einsum", "", equation, tensors);

/** x `[n,in]` times weight `[out,in]` transposed, plus bias `[out]`. */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  return op("aten::linear", "", x, weight, bias);
}
