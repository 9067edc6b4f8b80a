// How a ranking of compounds agrees with what is known of them: rank correlations, and what stands at the top of both.
import { extent } from "../core/extent.ts";
import { logGamma } from "../math/distributions.ts";
import { rocAuc } from "../math/roc.ts";
import { kendallTau, rankCorrelation } from "../math/statistics.ts";
import type { TaskResult } from "../schema/task-result.ts";
import type { Figure } from "./figure.ts";

/** A compound with our score; lists of them are ranked, best first. */
export interface Ranked {
  readonly name: string;
  readonly score: number;
}

/** What is known from elsewhere. */
export interface Known {
  /** Scores by name, larger = better. */
  readonly known?: Readonly<Record<string, number>> | undefined;
  /** Compounds known to work. */
  readonly actives: readonly string[];
  readonly topK: number;
}

/** Fewest compounds with a known score for a correlation. */
const MIN_SHARED = 4;

/** Spearman's and Kendall's correlation with known scores, and the AUC of known actives; compounds are drawn anew. */
export function agreementFigures(hits: readonly Ranked[], { known, actives }: Known): Figure[] {
  const figures: Figure[] = [];
  const shared = known ? hits.filter((hit) => known[hit.name] !== undefined) : [];
  if (known && shared.length >= MIN_SHARED) {
    const units = shared.map((hit) => hit.name);
    for (const [metric, correlation] of [
      ["Spearman with known scores", rankCorrelation],
      ["Kendall with known scores", kendallTau],
    ] as const) {
      const statistic = (counts: ArrayLike<number>) => {
        const drawn = shared.flatMap((hit, i) => new Array<Ranked>(counts[i]!).fill(hit));
        return correlation(
          drawn.map((hit) => hit.score),
          drawn.map((hit) => known[hit.name]!),
        );
      };
      figures.push({ metric, chance: 0, units, strata: units.map(() => ""), statistic });
    }
  }
  const isActive = hits.map((hit) => actives.includes(hit.name));
  if (isActive.includes(true) && isActive.includes(false)) {
    const units = hits.map((hit) => hit.name);
    const statistic = (counts: ArrayLike<number>) => {
      const at = hits.flatMap((_, i) => new Array<number>(counts[i]!).fill(i));
      return rocAuc(
        at.map((i) => hits[i]!.score),
        at.map((i) => isActive[i]!),
      );
    };
    figures.push({ metric: "AUC of known actives", chance: 0.5, units, strata: isActive.map(String), statistic });
  }
  return figures;
}

/**
 * Agreement at the top: how many of the first k both share, their Jaccard index, whether the compound with the best known score is
 * among our first k (hit@k, for 1, 5 and k), and the share of known actives among our first k.
 *
 * Where equal known scores straddle a place, each order of them is as good as the other, and the value is the mean over all orders.
 */
export function agreementAtTheTop(hits: readonly Ranked[], { known, actives, topK }: Known): TaskResult[] {
  const results: TaskResult[] = [];
  const shared = known ? hits.filter((hit) => known[hit.name] !== undefined) : [];
  if (known && shared.length >= 2) {
    const nUnits = shared.length;
    const k = Math.min(topK, nUnits);
    const theirs = shared.map((hit) => known[hit.name]!);
    const jaccard = (both: number) => both / (2 * k - both);
    const byChance = { items: nUnits, marked: k, drawn: k };
    results.push(single(`top ${k} shared with known scores`, meanShared(theirs, k), (k * k) / nUnits, nUnits));
    const index = { value: meanShared(theirs, k, jaccard), chance: hypergeometricMean(byChance, jaccard) };
    results.push(single(`Jaccard of the top ${k}`, index.value, index.chance, nUnits));
    const best = extent(theirs)[1];
    const nBest = theirs.filter((score) => score === best).length;
    for (const first of [...new Set([1, 5, k])].filter((size) => size <= k)) {
      const found = theirs.slice(0, first).filter((score) => score === best).length / nBest;
      results.push(single(`hit@${first} of the best known score`, found, first / nUnits, nUnits));
    }
  }
  const present = hits.filter((hit) => actives.includes(hit.name));
  if (present.length > 0 && present.length < hits.length) {
    const k = Math.min(topK, hits.length);
    const found = hits.slice(0, k).filter((hit) => present.includes(hit)).length;
    results.push(
      single(`share of known actives in the first ${k}`, found / present.length, k / hits.length, hits.length),
    );
  }
  return results;
}

const single = (metric: string, value: number, chance: number, nUnits: number): TaskResult => ({
  ...{ kind: "score", metric, value, chance, nUnits },
  ...{ ci95: null, part: null },
});

/** Mean of `of` the number of our first k that are among the k best known, over all orders of known scores that are equal. */
function meanShared(theirs: readonly number[], k: number, of: (both: number) => number = (both) => both): number {
  const last = [...theirs].sort((a, b) => b - a)[k - 1]!;
  const ours = theirs.slice(0, k);
  const certain = ours.filter((score) => score > last).length;
  const drawn = k - theirs.filter((score) => score > last).length;
  const tied = { items: theirs.filter((score) => score === last).length, drawn };
  return hypergeometricMean({ ...tied, marked: ours.filter((score) => score === last).length }, (j) => of(certain + j));
}

/** Mean of `of` the number of marked items among those drawn without replacement. */
function hypergeometricMean(
  { items, marked, drawn }: { readonly items: number; readonly marked: number; readonly drawn: number },
  of: (found: number) => number,
): number {
  const logWays = (n: number, k: number) => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
  const least = Math.max(0, drawn - (items - marked));
  let [above, total] = [0, 0]; // what `of` gains over the least, so that where there is no choice its value stays exact
  for (let j = least; j <= Math.min(marked, drawn); j++) {
    const weight = Math.exp(logWays(marked, j) + logWays(items - marked, drawn - j) - logWays(items, drawn));
    above += weight * (of(j) - of(least));
    total += weight;
  }
  return of(least) + above / total;
}
