// The smallest and largest of many values; spreading them into Math.min would overflow the stack.

/** `[smallest, largest]` of at least one value. */
export function extent(values: readonly number[]): [number, number] {
  return [
    values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  ];
}
