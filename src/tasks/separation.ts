// From held-out scores of two classes to figures with intervals.
import { clusterBootstrap } from "../math/bootstrap.ts";
import { accuracy, balancedAccuracy, confusionMatrix, rankScores, weightedAuc } from "../math/roc.ts";
import { mean } from "../math/statistics.ts";
import type { Score } from "../schema/task-result.ts";
import type { ScoredRow } from "./leave-plate-out.ts";

/** What intervals are made with. */
export interface Resampling {
  readonly nResamples: number;
  readonly seed: number;
}

/**
 * AUC within each held-out plate and their mean, with 95 % intervals by drawing wells anew within plate and class.
 *
 * Scores of different plates come from different classifiers, so they are never ranked against each other.
 */
export function aucScores(scored: readonly ScoredRow[], metric: string, resampling: Resampling): Score[] {
  const plates = [...new Set(scored.map((row) => row.plate))];
  const parts = plates.map((plate) => ({ plate, rows: scored.filter((row) => row.plate === plate) }));
  const ranked = parts.map(({ rows }) => {
    const positive = rows.map((row) => row.positive);
    return rankScores(
      rows.map((row) => row.score),
      positive,
    );
  });
  const whole = parts.flatMap((part) => part.rows);
  const offsets = parts.map((_, i) => parts.slice(0, i).reduce((sum, part) => sum + part.rows.length, 0));
  const meanAuc = (counts: Uint16Array) =>
    mean(ranked.map((r, i) => weightedAuc(r, counts.subarray(offsets[i]!, offsets[i]! + parts[i]!.rows.length))));
  const score = (rows: readonly ScoredRow[], part: string | null, auc: (counts: Uint16Array) => number): Score => ({
    kind: "score",
    metric,
    value: auc(new Uint16Array(rows.length).fill(1)),
    ci95: interval(rows, auc, resampling),
    chance: 0.5,
    part,
  });
  return [
    score(whole, null, meanAuc),
    ...parts.map(({ plate, rows }, i) => score(rows, plate, (counts) => weightedAuc(ranked[i]!, counts))),
  ];
}

/** Accuracy and balanced accuracy of calling everything above 0 positive, all plates together. */
export function decisionScores(scored: readonly ScoredRow[], suffix: string, resampling: Resampling): Score[] {
  const truth = scored.map((row) => Number(row.positive));
  const called = scored.map((row) => Number(row.score > 0));
  const nPositive = truth.filter((t) => t === 1).length;
  const majority = Math.max(nPositive, truth.length - nPositive) / truth.length;
  const score = (name: string, chance: number, of: (confusion: number[][]) => number): Score => ({
    kind: "score",
    metric: `${name}${suffix}`,
    value: of(confusionMatrix(truth, called, 2)),
    ci95: interval(scored, (counts) => of(confusionMatrix(truth, called, 2, counts)), resampling),
    chance,
    part: null,
  });
  return [score("balanced accuracy", 0.5, balancedAccuracy), score("accuracy", majority, accuracy)];
}

/** Counts `[true][called]`, negative class first. */
export function decisionCounts(scored: readonly ScoredRow[]): number[][] {
  const truth = scored.map((row) => Number(row.positive));
  return confusionMatrix(
    truth,
    scored.map((row) => Number(row.score > 0)),
    2,
  );
}

function interval(
  rows: readonly ScoredRow[],
  statistic: (counts: Uint16Array) => number,
  { nResamples, seed }: Resampling,
): [number, number] | null {
  const found = clusterBootstrap({
    clusters: rows.map((row) => row.unit),
    strata: rows.map((row) => `${row.plate}\u0000${row.positive}`),
    statistic,
    seed,
    nResamples,
  });
  return found.interval && [found.interval[0], found.interval[1]];
}
