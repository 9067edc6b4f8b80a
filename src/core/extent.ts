// The smallest and largest of many values; spreading a hundred thousand into Math.min overflows the stack.

/**
 * `[smallest, largest]` of any number of values; `[Infinity, -Infinity]` of none.
 * @example
 * ```ts
 * import { extent } from "gan-dl/core";
 * console.assert(extent([3, 1, 2]).join() === "1,3");
 * ```
 */
export function extent(values: ArrayLike<number>): [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  return [low, high];
}
