// Checks that say which tensor is wrong.
import { notFinite, shapeMismatch } from "./errors.ts";
import { tidy } from "./scope.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Checks a tensor's shape and returns it: letters take any size, equal letters equal sizes, numbers just that size.
 * @throws GanDlError `shape-mismatch`.
 * @example
 * ```ts
 * import { expectShape, ones } from "gan-dl/tensor";
 * const [n] = expectShape("features", ones([4, 8]), ["n", 8]);
 * console.assert(n === 4);
 * ```
 */
export function expectShape(name: string, tensor: Tensor, pattern: readonly (string | number)[]): number[] {
  const sizes = new Map<string, number>();
  const fits =
    tensor.shape.length === pattern.length &&
    tensor.shape.every((size, axis) => {
      const want = pattern[axis];
      if (typeof want !== "string") return size === want;
      if (!sizes.has(want)) sizes.set(want, size);
      return sizes.get(want) === size;
    });
  if (!fits) throw shapeMismatch(name, pattern.join(", "), tensor.shape);
  return [...tensor.shape];
}

/** Number of elements that are NaN or infinite. Waits for the device. */
export function countNonFinite(tensor: Tensor): number {
  const finite = tidy(() => tensor.isFinite().sum());
  const count = tensor.size - finite.item();
  finite.dispose();
  return count;
}

/** @throws GanDlError `not-finite` naming the tensor and how many of its values are NaN or infinite. */
export function expectFinite(name: string, tensor: Tensor): void {
  const count = countNonFinite(tensor);
  if (count > 0) throw notFinite(name, count);
}
