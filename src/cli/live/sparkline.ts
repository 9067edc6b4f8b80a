// A row of figures as one line of blocks.

const BLOCKS = "▁▂▃▄▅▆▇█";

/**
 * The last figures as blocks from their lowest to their highest; figures that are not finite are gaps. More figures than `width` are
 * averaged in equal runs, so that the line always spans all of them.
 */
export function sparkline(values: readonly number[], width: number): string {
  if (values.length === 0 || width <= 0) return "";
  const n = Math.min(width, values.length);
  const means = Array.from({ length: n }, (_, i) => {
    const run = values.slice(Math.floor((i * values.length) / n), Math.floor(((i + 1) * values.length) / n));
    const finite = run.filter(Number.isFinite);
    return finite.length === 0 ? Number.NaN : finite.reduce((sum, value) => sum + value / finite.length, 0);
  });
  const finite = means.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const level = (value: number) =>
    high > low ? Math.round(((value - low) / (high - low)) * (BLOCKS.length - 1)) : Math.floor(BLOCKS.length / 2);
  return means.map((value) => (Number.isFinite(value) ? BLOCKS[level(value)]! : " ")).join("");
}
