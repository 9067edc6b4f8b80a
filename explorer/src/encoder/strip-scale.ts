// From scores to places along a strip.

/** A linear scale from the range of `values`, with a little room, to `from` … `to`. */
export function stripScale(values: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.04 * (high - low || 1);
  return (value) => from + ((value - low + room) / (high - low + 2 * room)) * (to - from);
}
