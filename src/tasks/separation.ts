// From held-out scores of two classes to figures with intervals.
import { clusterBootstrap } from "../math/bootstrap.ts";
import { accuracy, balancedAccuracy, confusionMatrix, rankScores, weightedAuc } from "../math/roc.ts";
import { mean } from "../math/statistics.ts";
import type { Score } from "../schema/task-result.ts";
import type { Figure, Resampling } from "./figure.ts";
import type { ScoredRow } from "./leave-plate-out.ts";

/**
 * AUC within each held-out plate and their mean, with 95 % intervals by drawing wells anew within plate and class.
 *
 * Scores of different plates come from different classifiers, so they are never ranked against each other.
 */
export function aucScores(scored: readonly ScoredRow[], metric: string, resampling: Resampling): Score[] {
  const { parts, ranked, whole, meanAuc } = rankedByPlate(scored);
  const score = (rows: readonly ScoredRow[], part: string | null, auc: (counts: Uint16Array) => number): Score => ({
    kind: "score",
    metric,
    value: auc(new Uint16Array(rows.length).fill(1)),
    ci95: interval(rows, auc, resampling),
    chance: 0.5,
    part,
    nUnits: new Set(rows.map((row) => row.unit)).size,
  });
  return [
    score(whole, null, meanAuc),
    ...parts.map(({ plate, rows }, i) => score(rows, plate, (counts) => weightedAuc(ranked[i]!, counts))),
  ];
}

/** The mean AUC within held-out plates as a figure to be compared. */
export function aucFigure(scored: readonly ScoredRow[], metric: string): Figure {
  const { whole, meanAuc } = rankedByPlate(scored);
  return {
    metric,
    chance: 0.5,
    units: whole.map((row) => row.unit),
    strata: whole.map((row) => `${row.plate}\u0000${row.positive}`),
    statistic: (counts) => meanAuc(Uint16Array.from(counts)),
  };
}

/**
 * The mean AUC with an interval over plates, which are drawn anew as wholes; null with fewer than four plates.
 * What is true of other plates of the same kind, where the interval over wells is about these plates.
 */
export function aucOverPlates(scored: readonly ScoredRow[], metric: string, resampling: Resampling): Score | null {
  const { parts, ranked } = rankedByPlate(scored);
  if (parts.length < 4) return null;
  const ofPlate = ranked.map((r, i) => weightedAuc(r, new Uint8Array(parts[i]!.rows.length).fill(1)));
  const { interval: found } = clusterBootstrap({
    clusters: parts.map((part) => part.plate),
    strata: parts.map(() => ""),
    statistic: (counts) => ofPlate.reduce((sum, v, i) => sum + v * counts[i]!, 0) / parts.length,
    ...resampling,
  });
  const ci95: [number, number] | null = found && [found[0], found[1]];
  return { kind: "score", metric, value: mean(ofPlate), ci95, chance: 0.5, part: null, nUnits: parts.length };
}

function rankedByPlate(scored: readonly ScoredRow[]) {
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
  return { parts, ranked, whole, meanAuc };
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
    nUnits: new Set(scored.map((row) => row.unit)).size,
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
