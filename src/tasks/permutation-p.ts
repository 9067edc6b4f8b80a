// How often untreated wells would seem to rescue as much as a compound's wells do.
import { SeededRandom } from "../core/seeded-random.ts";
import { enoughUnits, percentileInterval } from "../math/bootstrap.ts";
import type { AxisScores } from "./perturbation-axis.ts";
import type { DoseSummary } from "./rescue.ts";

/** After so many permutations that score at least as high, the p-value is known well enough. */
const ENOUGH = 20;

/**
 * The chance that wells like the untreated ones reach the compound's rescue score in its own layout of plates and doses.
 *
 * The compound's wells and the untreated wells of the same plates are dealt anew, the axis is calibrated anew on those dealt as
 * untreated, and the score of the others is compared. Without the second step a plate with few untreated wells would judge itself:
 * they lie evenly around a mean that is their own, and the compound's do not. Stops early once it is clear that the compound is
 * nothing, which keeps the p-value exact.
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
  const placed: Placed = { on: new Float64Array(rows.length), offZ: new Float64Array(rows.length) };
  const sizes = byDose.map((d) => d.rows.length);
  const scoreDealt = () => (pools.every((pool) => place(axis, pool, placed)) ? score(placed, sizes) : Infinity);
  const observed = scoreDealt() - 1e-12;
  let atLeast = 0;
  for (let draw = 1; draw <= most; draw++) {
    for (const { pool, places } of pools) {
      for (let k = 0; k < places.length; k++) {
        const other = k + random.integer(pool.length - k);
        const row = pool[other]!;
        pool[other] = pool[k]!;
        pool[k] = row;
      }
    }
    if (scoreDealt() >= observed && ++atLeast === ENOUGH) return ENOUGH / draw;
  }
  return (atLeast + 1) / (most + 1);
}

/**
 * 95 % interval of the rescue score by drawing wells anew within each dose; null where a dose has a single well, or wells are too few
 * ({@link percentileInterval}).
 * Deterministic by seed and name.
 */
export function rescueInterval(
  axis: AxisScores,
  byDose: readonly DoseSummary[],
  { seed, name, nResamples }: { readonly seed: number; readonly name: string; readonly nResamples: number },
): readonly [number, number] | null {
  const sizes = byDose.map((d) => d.rows.length);
  if (!enoughUnits(sizes)) return null;
  const random = SeededRandom.forPart(seed, `rescue-interval/${name}`);
  const nWells = sizes.reduce((sum, n) => sum + n, 0);
  const drawn: Placed = { on: new Float64Array(nWells), offZ: new Float64Array(nWells) };
  const values = Float64Array.from({ length: nResamples }, () => {
    let at = 0;
    for (const { rows } of byDose) {
      for (let k = 0; k < rows.length; k++, at++) {
        const row = rows[random.integer(rows.length)]!;
        drawn.on[at] = axis.on[row]!;
        drawn.offZ[at] = axis.offZ[row]!;
      }
    }
    return Math.min(1, Math.max(-1, score(drawn, sizes)));
  });
  return percentileInterval(values, sizes);
}

/** The wells of a plate that are dealt, those that stand for the compound's first, and the places of these among its rows. */
interface Pool {
  readonly places: readonly number[];
  readonly pool: Int32Array;
}

/** Wells laid out dose after dose. */
interface Placed {
  readonly on: Float64Array;
  readonly offZ: Float64Array;
}

function poolsOf(
  rows: readonly number[],
  plateOf: readonly string[],
  untreatedOn: ReadonlyMap<string, readonly number[]>,
): Pool[] {
  const plates = [...new Set(rows.map((row) => plateOf[row]!))];
  return plates.map((plate) => {
    const places = rows.flatMap((row, place) => (plateOf[row] === plate ? [place] : []));
    return {
      places,
      pool: Int32Array.from([...places.map((place) => rows[place]!), ...(untreatedOn.get(plate) ?? [])]),
    };
  });
}

/** Lays out the wells dealt to the compound, 1 on the axis being the mean of those dealt as untreated; false where there is no axis. */
function place(axis: AxisScores, { pool, places }: Pool, placed: Placed): boolean {
  let sum = 0;
  for (let k = places.length; k < pool.length; k++) sum += axis.on[pool[k]!]!;
  const one = pool.length > places.length ? sum / (pool.length - places.length) : 1;
  for (let k = 0; k < places.length; k++) {
    placed.on[places[k]!] = axis.on[pool[k]!]! / one;
    placed.offZ[places[k]!] = axis.offZ[pool[k]!]!;
  }
  return one > 0;
}

/** The rescue score of wells laid out dose after dose, before it is clipped. */
function score({ on, offZ }: Placed, sizes: readonly number[]): number {
  let best = Number.NEGATIVE_INFINITY;
  let from = 0;
  for (const size of sizes) {
    const rescue = 1 - medianOf(on, from, size);
    const penalty = Math.exp(-Math.max(0, medianOf(offZ, from, size) - 2) / 2);
    best = Math.max(best, rescue * penalty);
    from += size;
  }
  return best;
}

const buffer = new Float64Array(4096);

/** Median of a few values, without allocation. */
function medianOf(values: Float64Array, from: number, n: number): number {
  const sorted = n <= buffer.length ? buffer.subarray(0, n) : new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const v = values[from + i]!;
    let k = i - 1;
    for (; k >= 0 && sorted[k]! > v; k--) sorted[k + 1] = sorted[k]!;
    sorted[k + 1] = v;
  }
  const middle = n >> 1;
  return n % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
