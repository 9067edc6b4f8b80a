// DEEMD's efficacy (docs/methods.md §4): a dose works when the median of its images' scores is surely below ζ.
import { median, signTestInterval } from "../../math/index.ts";

/** An image of a treated well. */
export interface TreatedImage {
  readonly treatment: string;
  readonly dose_um: number | null;
  /** How infected it looks, 0–1. */
  readonly score: number;
}

/** One treatment at one dose. */
export interface DoseEfficacy {
  readonly dose_um: number | null;
  readonly nImages: number;
  readonly median: number;
  /** Of the median, by the sign test; null with five images or fewer. */
  readonly interval: readonly [low: number, high: number] | null;
  /** Whether the interval's upper end is below ζ. */
  readonly successful: boolean;
}

/** One treatment over its doses. */
export interface TreatmentEfficacy {
  readonly treatment: string;
  /** The median of the upper ends over successful doses, or over all doses where none is; null without an interval. Smaller is better. */
  readonly upperBound: number | null;
  readonly nSuccessful: number;
  /** Rising. */
  readonly doses: readonly DoseEfficacy[];
}

/**
 * Ranks treatments, best first; those without an interval come last, equals by name.
 * @param zeta below which a dose's upper end must lie. @param coverage of the intervals.
 * @example
 * ```ts
 * import { rankTreatments } from "gan-dl/baselines";
 * const six = (treatment: string, score: number) => Array.from({ length: 6 }, () => ({ treatment, dose_um: 1, score }));
 * const ranked = rankTreatments([...six("inert", 0.9), ...six("cure", 0.1)], 0.5);
 * console.assert(ranked[0]?.treatment === "cure" && ranked[0].nSuccessful === 1 && ranked[1]?.upperBound === 0.9);
 * ```
 */
export function rankTreatments(images: readonly TreatedImage[], zeta: number, coverage = 0.95): TreatmentEfficacy[] {
  const treatments = [...groupBy(images, ({ treatment }) => treatment)].map(([treatment, own]) => {
    const doses = [...groupBy(own, ({ dose_um }) => dose_um)]
      .sort(([a], [b]) => (a ?? -1) - (b ?? -1))
      .map(([dose_um, ofDose]) => doseEfficacy(dose_um, ofDose, zeta, coverage));
    return { treatment, doses, ...overDoses(doses) };
  });
  const rankOf = ({ upperBound }: TreatmentEfficacy) => upperBound ?? Number.POSITIVE_INFINITY;
  return treatments.sort((a, b) => {
    if (rankOf(a) !== rankOf(b)) return rankOf(a) - rankOf(b);
    return a.treatment < b.treatment ? -1 : 1;
  });
}

function doseEfficacy(
  dose_um: number | null,
  images: readonly TreatedImage[],
  zeta: number,
  coverage: number,
): DoseEfficacy {
  const scores = images.map(({ score }) => score);
  const interval = signTestInterval(scores, coverage);
  return {
    ...{ dose_um, nImages: scores.length, median: median(scores) },
    interval: interval && [interval.low, interval.high],
    successful: interval !== null && interval.high < zeta,
  };
}

function overDoses(doses: readonly DoseEfficacy[]): { upperBound: number | null; nSuccessful: number } {
  const successful = doses.filter((dose) => dose.successful);
  const counted = (successful.length > 0 ? successful : doses).flatMap(({ interval }) =>
    interval ? [interval[1]] : [],
  );
  return { upperBound: counted.length > 0 ? median(counted) : null, nSuccessful: successful.length };
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
