// How often untreated wells would seem to rescue as much as a compound's wells do.
import { SeededRandom } from "../core/seeded-random.ts";
import { sortedQuantile } from "../math/statistics.ts";
import type { AxisScores } from "./perturbation-axis.ts";
import type { DoseSummary } from "./rescue.ts";

/** After so many permutations that score at least as high, the p-value is known well enough. */
const ENOUGH = 20;

/**
 * The chance that wells like the untreated ones reach the compound's rescue score in its own layout of plates and doses.
 *
 * The compound's wells and the untreated wells of the same plates are dealt anew; the score of the dealt ones is compared. Stops early
 * once it is clear that the compound is nothing, which keeps the p-value exact.
 * Source: Besag & Clifford, Sequential Monte Carlo p-values (Biometrika 1991). Deterministic by seed and name.
 */
export function permutationP(given: {
  readonly axis: AxisScores;
  readonly plateOf: readonly string[];
  readonly untreatedOn: ReadonlyMap<string, readonly number[]>;
  readonly byDose: readonly DoseSummary[];
  readonly seed: number;
  readonly name: string;
  readonly most: number;
}): number {
  const { axis, plateOf, untreatedOn, byDose, seed, name, most } = given;
  const random = SeededRandom.forPart(seed, `permutations/${name}`);
  const rows = byDose.flatMap((d) => d.rows);
  const pools = poolsOf(rows, plateOf, untreatedOn);
  const placed = Int32Array.from(rows);
  const sizes = byDose.map((d) => d.rows.length);
  const observed = score(axis, placed, sizes) - 1e-12;
  let atLeast = 0;
  for (let draw = 1; draw <= most; draw++) {
    for (const { pool, places } of pools) {
      for (let k = 0; k < places.length; k++) {
        const other = k + random.integer(pool.length - k);
        const row = pool[other]!;
        pool[other] = pool[k]!;
        pool[k] = row;
        placed[places[k]!] = row;
      }
    }
    if (score(axis, placed, sizes) >= observed && ++atLeast === ENOUGH) return ENOUGH / draw;
  }
  return (atLeast + 1) / (most + 1);
}

/**
 * 95 % percentile interval of the rescue score by drawing wells anew within each dose; null where a dose has a single well.
 * Deterministic by seed and name.
 */
export function rescueInterval(
  axis: AxisScores,
  byDose: readonly DoseSummary[],
  { seed, name, nResamples }: { readonly seed: number; readonly name: string; readonly nResamples: number },
): readonly [number, number] | null {
  if (byDose.some((d) => d.rows.length < 2)) return null;
  const random = SeededRandom.forPart(seed, `rescue-interval/${name}`);
  const sizes = byDose.map((d) => d.rows.length);
  const drawn = new Int32Array(sizes.reduce((sum, n) => sum + n, 0));
  const values = Float64Array.from({ length: nResamples }, () => {
    let at = 0;
    for (const { rows } of byDose)
      for (let k = 0; k < rows.length; k++) drawn[at++] = rows[random.integer(rows.length)]!;
    return Math.min(1, Math.max(-1, score(axis, drawn, sizes)));
  }).sort();
  return [sortedQuantile(values, 0.025), sortedQuantile(values, 0.975)];
}

/** For each plate: the wells to deal, and the places of the compound's own among its rows. */
function poolsOf(
  rows: readonly number[],
  plateOf: readonly string[],
  untreatedOn: ReadonlyMap<string, readonly number[]>,
) {
  const plates = [...new Set(rows.map((row) => plateOf[row]!))];
  return plates.map((plate) => {
    const places = rows.flatMap((row, place) => (plateOf[row] === plate ? [place] : []));
    return {
      places,
      pool: Int32Array.from([...places.map((place) => rows[place]!), ...(untreatedOn.get(plate) ?? [])]),
    };
  });
}

/** The rescue score of wells laid out dose after dose, before it is clipped. */
function score(axis: AxisScores, placed: Int32Array, sizes: readonly number[]): number {
  let best = Number.NEGATIVE_INFINITY;
  let from = 0;
  for (const size of sizes) {
    const own = placed.subarray(from, from + size);
    from += size;
    const rescue = 1 - medianOf(axis.on, own);
    const penalty = Math.exp(-Math.max(0, medianOf(axis.offZ, own) - 2) / 2);
    best = Math.max(best, rescue * penalty);
  }
  return best;
}

const buffer = new Float64Array(4096);

/** Median of a few values, without allocation. */
function medianOf(values: Float64Array, rows: Int32Array): number {
  const n = rows.length;
  const sorted = n <= buffer.length ? buffer.subarray(0, n) : new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const v = values[rows[i]!]!;
    let k = i - 1;
    for (; k >= 0 && sorted[k]! > v; k--) sorted[k + 1] = sorted[k]!;
    sorted[k + 1] = v;
  }
  const middle = n >> 1;
  return n % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
