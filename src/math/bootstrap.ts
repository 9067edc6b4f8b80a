// Intervals that respect how a screen was made: wells are the units, images of one well are not independent.
import { SeededRandom } from "../core/seeded-random.ts";
import { normalTail, tTwoSided } from "./distributions.ts";
import { sortedQuantile } from "./statistics.ts";

/** What a cluster bootstrap draws from and computes. */
export interface ClusterBootstrap {
  /** The independent unit of each row, e.g. its well; `[rows]`. */
  readonly clusters: readonly string[];
  /** What is fixed by the experiment's design, e.g. plate and class of the row; units are drawn anew within each stratum. `[rows]` */
  readonly strata: readonly string[];
  /** The figure, given how often each row was drawn, `[rows]`; a result that is not finite is dropped and counted. */
  readonly statistic: (counts: Uint16Array) => number;
  /** Equal seeds give equal intervals. */
  readonly seed: number;
  /** @default 1000 */
  readonly nResamples?: number;
  /** @default 0.95 */
  readonly coverage?: number;
}

/** A percentile interval and what it rests on. */
export interface BootstrapInterval {
  /**
   * Null where nothing or too little was seen of how units vary: some stratum has a single unit, units are fewer than
   * {@link percentileInterval} takes, no draw differs from another (a perfect score), or most draws gave no number.
   */
  readonly interval: readonly [low: number, high: number] | null;
  /** Distinct clusters. */
  readonly nUnits: number;
  /** The smallest number of units in a stratum. */
  readonly minUnitsPerStratum: number;
  /** Resamples whose statistic was not finite. */
  readonly nDropped: number;
}

/**
 * Percentile interval of a statistic by drawing whole clusters with replacement within each stratum, widened for few units by
 * {@link percentileInterval}. Images of one well are never taken as independent.
 *
 * Source: Davison & Hinkley, Bootstrap Methods and their Application (1997), §3.8 (resampling clusters).
 * @example
 * ```ts
 * import { clusterBootstrap } from "gan-dl/math";
 * const values = [1, 2, 3, 4], wells = ["a", "a", "b", "c"];
 * const mean = (k: Uint16Array) => values.reduce((s, v, i) => s + v * k[i]!, 0) / k.reduce((s, v) => s + v, 0);
 * const { nUnits } = clusterBootstrap({ clusters: wells, strata: ["p", "p", "p", "p"], statistic: mean, seed: 1 });
 * console.assert(nUnits === 3);
 * ```
 */
export function clusterBootstrap(options: ClusterBootstrap): BootstrapInterval {
  const { clusters, strata, statistic, seed, nResamples = 1000, coverage = 0.95 } = options;
  const { unitOfRow, unitsPerStratum } = unitsByStratum(clusters, strata);
  const nUnits = new Set(clusters).size;
  const minUnitsPerStratum = unitsPerStratum.reduce((least, n) => Math.min(least, n), unitsPerStratum[0] ?? 0);
  if (!enoughUnits(unitsPerStratum)) return { interval: null, nUnits, minUnitsPerStratum, nDropped: 0 };
  const random = SeededRandom.forPart(seed, "cluster-bootstrap");
  const drawn = new Uint16Array(unitsPerStratum.reduce((sum, n) => sum + n, 0));
  const counts = new Uint16Array(clusters.length);
  const values = new Float64Array(nResamples);
  for (let r = 0; r < nResamples; r++) {
    drawUnits(drawn, unitsPerStratum, random);
    for (let row = 0; row < counts.length; row++) counts[row] = drawn[unitOfRow[row]!]!;
    values[r] = statistic(counts);
  }
  const interval = percentileInterval(values, unitsPerStratum, coverage);
  return { interval, nUnits, minUnitsPerStratum, nDropped: values.filter((v) => !Number.isFinite(v)).length };
}

/**
 * Whether an interval can be given. With n units in each of H strata the draws of a mean reach about (n − 1)·√H standard errors, so
 * that even all of them cover far less than they say where (n − 1)²·H < 8: fewer than four units in one stratum, three in two, two in eight.
 */
export function enoughUnits(unitsPerStratum: readonly number[]): boolean {
  const freedom = unitsPerStratum.reduce((sum, n) => sum + n - 1, 0);
  return freedom > 0 && freedom ** 2 >= 8 * unitsPerStratum.length && unitsPerStratum.every((n) => n > 1);
}

/**
 * The interval between two percentiles of bootstrap draws, which lie further out the fewer units there are.
 *
 * Draws from n units vary by (n − 1)/n of what samples of n units do, and say nothing of how well n units tell their own variance.
 * So the tail is that of a normal variable beyond √(N/(N − H)) · t, with N units in H strata and Student's t with N − H degrees
 * of freedom: for a mean, about the t interval. Source: Hesterberg, What Teachers Should Know About the Bootstrap (Am. Stat. 2015), §4.2.
 * @param draws `[resamples]`; those that are not finite are left out.
 * @returns null where draws are mostly not finite or all equal, or units are too few ({@link enoughUnits}).
 */
export function percentileInterval(
  draws: Float64Array,
  unitsPerStratum: readonly number[],
  coverage = 0.95,
): readonly [low: number, high: number] | null {
  const units = unitsPerStratum.reduce((sum, n) => sum + n, 0);
  const freedom = units - unitsPerStratum.length;
  if (!enoughUnits(unitsPerStratum)) return null;
  const sorted = draws.filter(Number.isFinite).sort();
  if (sorted.length < draws.length / 2 || sorted[0] === sorted.at(-1)) return null;
  const tail = normalTail(Math.sqrt(units / freedom) * tTwoSided(coverage, freedom));
  return [sortedQuantile(sorted, tail), sortedQuantile(sorted, 1 - tail)];
}

/** How often each unit is drawn, when each stratum draws as many as it has; into `drawn`, stratum after stratum. */
export function drawUnits(drawn: Uint16Array, unitsPerStratum: readonly number[], random: SeededRandom): void {
  drawn.fill(0);
  let first = 0;
  for (const n of unitsPerStratum) {
    for (let k = 0; k < n; k++) drawn[first + random.integer(n)]!++;
    first += n;
  }
}

/** Units numbered stratum after stratum, in order of appearance. */
export interface NumberedUnits {
  /** `[rows]` */
  readonly unitOfRow: Int32Array;
  readonly unitsPerStratum: readonly number[];
}

/** Numbers the units of rows. A cluster that lies in two strata is a unit of each. */
export function unitsByStratum(clusters: readonly string[], strata: readonly string[]): NumberedUnits {
  const groups = new Map<string, Map<string, number[]>>();
  clusters.forEach((cluster, row) => {
    const stratum = strata[row]!;
    const units = groups.get(stratum) ?? new Map<string, number[]>();
    groups.set(stratum, units);
    const rows = units.get(cluster);
    if (rows) rows.push(row);
    else units.set(cluster, [row]);
  });
  const unitOfRow = new Int32Array(clusters.length);
  const ordered = [...groups.values()].flatMap((units) => [...units.values()]);
  for (const [unit, rows] of ordered.entries()) for (const row of rows) unitOfRow[row] = unit;
  return { unitOfRow, unitsPerStratum: [...groups.values()].map((units) => units.size) };
}
