// Headline figures that can be taken again on resampled units: what intervals, and fair comparisons of embeddings, are made of.
import { clusterBootstrap } from "../math/bootstrap.ts";
import type { ProfileTable } from "../profiles/profile-table.ts";
import type { Score, TaskRun } from "../schema/task-result.ts";

/** A figure of scored items (images, wells, compounds), to be taken with any number of copies of each. */
export interface Figure {
  readonly metric: string;
  /** What knowing nothing scores, or null. */
  readonly chance: number | null;
  /** The independent unit of each item, `[items]`. */
  readonly units: readonly string[];
  /** What the experiment's design fixes (plate, class), `[items]`; units are drawn within it. */
  readonly strata: readonly string[];
  readonly statistic: (counts: ArrayLike<number>) => number;
}

/** What intervals are made with. */
export interface Resampling {
  readonly nResamples: number;
  readonly seed: number;
}

/** A run and the figures that can be compared between embeddings. */
export interface Evidence {
  readonly run: TaskRun;
  readonly figures: readonly Figure[];
}

/** The figure with its 95 % interval over units. */
export function scoreOf(figure: Figure, resampling: Resampling, more: Partial<Score> = {}): Score {
  const { interval, nUnits } = clusterBootstrap({
    clusters: figure.units,
    strata: figure.strata,
    statistic: figure.statistic,
    ...resampling,
  });
  const whole = new Uint8Array(figure.units.length).fill(1);
  return {
    kind: "score",
    metric: figure.metric,
    value: figure.statistic(whole),
    ci95: interval && [interval[0], interval[1]],
    chance: figure.chance,
    part: null,
    nUnits,
    ...more,
  };
}

/** The mean of one number an item, as a figure; items without a number (NaN) are left out. */
export function meanFigure(
  metric: string,
  values: ArrayLike<number>,
  units: readonly string[],
  { strata, chance = null }: { strata?: readonly string[]; chance?: number | null } = {},
): Figure {
  const statistic = (counts: ArrayLike<number>) => {
    let sum = 0;
    let n = 0;
    for (let i = 0; i < values.length; i++) {
      if (counts[i] === 0 || Number.isNaN(values[i]!)) continue;
      sum += counts[i]! * values[i]!;
      n += counts[i]!;
    }
    return sum / n;
  };
  return { metric, chance, units, strata: strata ?? units.map(() => ""), statistic };
}

/** How many plates the rows of a table lie on; 0 where plates are not known. */
export function countPlates(table: ProfileTable): number {
  return new Set(table.metadata.get("plate_id") ?? []).size;
}
