// Clouds of features with known answers, and the reference tables of the shared data.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SeededRandom } from "../core/seeded-random.ts";
import type { FeatureRows } from "./dot-products.ts";

/** `n` draws from N(shift, spread²·I) in `d` dimensions. */
export function gaussianRows(n: number, d: number, seed: number, { shift = 0, spread = 1 } = {}): FeatureRows {
  const random = SeededRandom.forPart(seed, "cloud"); // neighbouring seeds alone start alike
  return { data: Float64Array.from({ length: n * d }, () => shift + spread * random.normal()), n, d };
}

/** Rows `[from, to)`, a view. */
export const rowsBetween = ({ data, d }: FeatureRows, from: number, to: number): FeatureRows => ({
  data: data.subarray(from * d, to * d),
  n: to - from,
  d,
});

/** One-dimensional rows. */
export const line = (...x: number[]): FeatureRows => ({ data: Float64Array.from(x), n: x.length, d: 1 });

const folder = join(process.env.GANDL_SHARED_DATA ?? "../shared/data", "reference/frechet");

export const referencePresent = existsSync(folder);

/** A table of intensity statistics of real crops: `A_dmso_27801` and so on. */
export function referenceRows(name: string): FeatureRows {
  const lines = readFileSync(join(folder, `${name}.csv`), "utf8")
    .trim()
    .split("\n");
  const data = Float64Array.from(lines.flatMap((row) => row.split(",").map(Number)));
  return { data, n: lines.length, d: data.length / lines.length };
}

interface ReferenceValue {
  readonly fid_sqrtm?: number;
  readonly fid_eig: number;
  readonly kid_full_unbiased_mmd2_poly3: number;
}

/** SciPy's values, by `X vs Y`. */
export function referenceValues(): Map<string, ReferenceValue> {
  const { results } = JSON.parse(readFileSync(join(folder, "reference_values.json"), "utf8")) as {
    results: Record<string, ReferenceValue>;
  };
  return new Map(Object.entries(results).filter(([name]) => name !== "analytic"));
}
