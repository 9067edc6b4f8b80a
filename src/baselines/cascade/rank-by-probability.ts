// Zhuang & Ibrahim's efficacy: how probable it is that treated cells are healthy ones (docs/methods.md §5).
import { clusterBootstrap } from "../../math/index.ts";
import type { BaselineScore } from "../define-baseline.ts";

/** An image of a treated well. */
export interface TreatedProbability {
  readonly treatment: string;
  readonly dose_um: number | null;
  readonly well: string;
  /** Of the healthy class, 0–1. */
  readonly healthy: number;
}

export interface ProbabilityRanking {
  /** A compound's score is its best dose's, or the mean over its doses. */
  readonly over: "max" | "mean";
  readonly nResamples: number;
  readonly seed: number;
}

/**
 * Mean probability of the healthy class for each treatment and dose, with a percentile interval over wells, and for each treatment.
 * Best first; doses rise within a treatment. Random by `seed` alone.
 * @example
 * ```ts
 * import { rankByProbability } from "gan-dl/baselines";
 * const image = (treatment: string, healthy: number) => ({ treatment, dose_um: 1, well: "A1", healthy });
 * const rows = rankByProbability([image("inert", 0.1), image("cure", 0.9)], { over: "max", nResamples: 100, seed: 1 });
 * console.assert(rows[0]?.treatment === "cure" && rows[0].dose_um === null && rows[0].score === 0.9);
 * ```
 */
export function rankByProbability(
  images: readonly TreatedProbability[],
  { over, nResamples, seed }: ProbabilityRanking,
): BaselineScore[] {
  const names = [...new Set(images.map(({ treatment }) => treatment))];
  const treatments = names.map((treatment) => {
    const own = images.filter((image) => image.treatment === treatment);
    const dosesUm = [...new Set(own.map(({ dose_um }) => dose_um))].sort((a, b) => (a ?? -1) - (b ?? -1));
    const doses = dosesUm.map((dose) =>
      doseRow(
        own.filter(({ dose_um }) => dose_um === dose),
        nResamples,
        seed,
      ),
    );
    const scores = doses.map(({ score }) => score ?? 0);
    const score = over === "max" ? Math.max(...scores) : scores.reduce((sum, value) => sum + value, 0) / scores.length;
    return { treatment, score, doses, nImages: own.length, nWells: new Set(own.map(({ well }) => well)).size };
  });
  treatments.sort((a, b) => b.score - a.score || (a.treatment < b.treatment ? -1 : 1));
  return treatments.flatMap(({ treatment, score, doses, nImages, nWells }, rank) => [
    { treatment, dose_um: null, score, low: null, high: null, rank: rank + 1, n_images: nImages, n_wells: nWells },
    ...doses,
  ]);
}

function doseRow(images: readonly TreatedProbability[], nResamples: number, seed: number): BaselineScore {
  const values = images.map(({ healthy }) => healthy);
  const weighted = (counts: ArrayLike<number>) => {
    let [sum, n] = [0, 0];
    values.forEach((value, i) => {
      sum += counts[i]! * value;
      n += counts[i]!;
    });
    return sum / n;
  };
  const { interval, nUnits } = clusterBootstrap({
    clusters: images.map(({ well }) => well),
    strata: images.map(() => "all"),
    ...{ statistic: weighted, nResamples, seed },
  });
  const { treatment = "", dose_um = null } = images[0] ?? {};
  return {
    ...{
      treatment,
      dose_um,
      score: weighted(values.map(() => 1)),
      low: interval?.[0] ?? null,
      high: interval?.[1] ?? null,
    },
    ...{ rank: null, n_images: images.length, n_wells: nUnits },
  };
}
