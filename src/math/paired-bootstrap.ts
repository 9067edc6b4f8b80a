// The same draw of wells for several figures, so that what wells share drops out of their differences.
import { SeededRandom } from "../core/seeded-random.ts";
import { sortedQuantile } from "./statistics.ts";

/** A figure over items that belong to units; see `clusterBootstrap`. */
export interface PairedFigure {
  readonly units: readonly string[];
  readonly strata: readonly string[];
  readonly statistic: (counts: Uint16Array) => number;
}

/** Values, their intervals, and those of the differences from the first. */
export interface PairedIntervals {
  readonly values: readonly number[];
  readonly intervals: readonly (readonly [number, number] | null)[];
  /** Null for the first. */
  readonly differences: readonly (readonly [number, number] | null)[];
  readonly nUnits: number;
}

/**
 * Percentile intervals of figures and of their differences from the first, units drawn once for all of them within each stratum.
 *
 * All figures must have the same units in the same strata; items a unit may differ. Deterministic by seed.
 * @returns null intervals where some stratum has a single unit.
 * @example
 * ```ts
 * import { pairedBootstrap } from "gan-dl/math";
 * const figure = (x: number[]) => ({ units: ["a", "b", "c"], strata: ["", "", ""],
 *   statistic: (k: Uint16Array) => x.reduce((s, v, i) => s + v * k[i]!, 0) / 3 });
 * const { differences } = pairedBootstrap([figure([1, 5, 9]), figure([2, 6, 10])], { seed: 1 });
 * console.assert(differences[1]!.every((v) => Math.abs(v - 1) < 1e-12)); // always exactly one more
 * ```
 */
export function pairedBootstrap(
  figures: readonly PairedFigure[],
  { seed, nResamples = 1000 }: { readonly seed: number; readonly nResamples?: number },
): PairedIntervals {
  const keys = [...new Set(figures.flatMap((f) => f.units.map((unit, i) => `${f.strata[i]}\u0000${unit}`)))];
  const number = new Map(keys.map((key, i) => [key, i]));
  const unitOf = figures.map((f) => Int32Array.from(f.units, (unit, i) => number.get(`${f.strata[i]}\u0000${unit}`)!));
  const strata = new Map<string, number[]>();
  keys.forEach((key, i) => {
    const stratum = key.slice(0, key.lastIndexOf("\u0000"));
    const units = strata.get(stratum);
    if (units) units.push(i);
    else strata.set(stratum, [i]);
  });
  const values = figures.map((f) => f.statistic(new Uint16Array(f.units.length).fill(1)));
  const nUnits = new Set(figures.flatMap((f) => f.units)).size;
  if ([...strata.values()].some((units) => units.length < 2)) {
    return { values, intervals: figures.map(() => null), differences: figures.map(() => null), nUnits };
  }
  const random = SeededRandom.forPart(seed, "paired-bootstrap");
  const drawn = new Uint16Array(keys.length);
  const draws = figures.map(() => new Float64Array(nResamples));
  for (let r = 0; r < nResamples; r++) {
    drawn.fill(0);
    for (const units of strata.values())
      for (let k = 0; k < units.length; k++) drawn[units[random.integer(units.length)]!]!++;
    figures.forEach((f, i) => {
      draws[i]![r] = f.statistic(Uint16Array.from(unitOf[i]!, (unit) => drawn[unit]!));
    });
  }
  return {
    values,
    intervals: draws.map(intervalOf),
    differences: draws.map((own, i) => (i === 0 ? null : intervalOf(own.map((v, r) => v - draws[0]![r]!)))),
    nUnits,
  };
}

function intervalOf(draws: Float64Array): readonly [number, number] | null {
  const sorted = draws.filter(Number.isFinite).sort();
  return sorted.length < draws.length / 2 ? null : [sortedQuantile(sorted, 0.025), sortedQuantile(sorted, 0.975)];
}
