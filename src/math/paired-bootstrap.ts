// The same draw of wells for several figures, so that what wells share drops out of their differences.
import { SeededRandom } from "../core/seeded-random.ts";
import { drawUnits, enoughUnits, percentileInterval, unitsByStratum } from "./bootstrap.ts";

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
  /** Null for the first, and where there is no interval for lack of units or because neither figure varies. */
  readonly differences: readonly (readonly [number, number] | null)[];
  readonly nUnits: number;
}

/**
 * Intervals ({@link percentileInterval}) of figures and of their differences from the first, units drawn once for all of them within each stratum.
 *
 * All figures must have the same units in the same strata; items a unit may differ. Deterministic by seed.
 * @returns null intervals where units are too few or a figure does not vary; a difference that is the same in every draw, of figures
 * that do vary, is an interval of no width.
 * @example
 * ```ts
 * import { pairedBootstrap } from "gan-dl/math";
 * const figure = (x: number[]) => ({ units: ["a", "b", "c", "d"], strata: ["", "", "", ""],
 *   statistic: (k: Uint16Array) => x.reduce((s, v, i) => s + v * k[i]!, 0) / 4 });
 * const { differences } = pairedBootstrap([figure([1, 5, 9, 2]), figure([2, 6, 10, 3])], { seed: 1 });
 * console.assert(differences[1]!.every((v) => v === 1)); // always exactly one more
 * ```
 */
export function pairedBootstrap(
  figures: readonly PairedFigure[],
  { seed, nResamples = 1000 }: { readonly seed: number; readonly nResamples?: number },
): PairedIntervals {
  const { unitOfRow, unitsPerStratum } = unitsByStratum(
    figures.flatMap((f) => f.units),
    figures.flatMap((f) => f.strata),
  );
  const offsets = figures.map((_, i) => figures.slice(0, i).reduce((sum, f) => sum + f.units.length, 0));
  const unitOf = figures.map((f, i) => unitOfRow.subarray(offsets[i]!, offsets[i]! + f.units.length));
  const values = figures.map((f) => f.statistic(new Uint16Array(f.units.length).fill(1)));
  const nUnits = new Set(figures.flatMap((f) => f.units)).size;
  if (!enoughUnits(unitsPerStratum)) {
    return { values, intervals: figures.map(() => null), differences: figures.map(() => null), nUnits };
  }
  const random = SeededRandom.forPart(seed, "paired-bootstrap");
  const drawn = new Uint16Array(unitsPerStratum.reduce((sum, n) => sum + n, 0));
  const draws = figures.map(() => new Float64Array(nResamples));
  for (let r = 0; r < nResamples; r++) {
    drawUnits(drawn, unitsPerStratum, random);
    figures.forEach((f, i) => {
      draws[i]![r] = f.statistic(Uint16Array.from(unitOf[i]!, (unit) => drawn[unit]!));
    });
  }
  const interval = (of: Float64Array) => percentileInterval(of, unitsPerStratum);
  const intervals = draws.map(interval);
  const differences = draws.map((own, i) => {
    if (i === 0 || !(intervals[0] || intervals[i])) return null;
    const difference = own.map((v, r) => v - draws[0]![r]!);
    const constant = difference.every((v) => v === difference[0]);
    return constant ? ([difference[0]!, difference[0]!] as const) : interval(difference);
  });
  return { values, intervals, differences, nUnits };
}
