// How a ranking of compounds agrees with what is known of them: rank correlations, and what stands at the top of both.
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
 */
export function agreementAtTheTop(hits: readonly Ranked[], { known, actives, topK }: Known): TaskResult[] {
  const results: TaskResult[] = [];
  const shared = known ? hits.filter((hit) => known[hit.name] !== undefined) : [];
  if (known && shared.length >= 2) {
    const nUnits = shared.length;
    const k = Math.min(topK, nUnits);
    const ours = shared.map((hit) => hit.name);
    const theirs = [...shared].sort((a, b) => known[b.name]! - known[a.name]!).map((hit) => hit.name);
    const best = new Set(theirs.slice(0, k));
    const both = ours.slice(0, k).filter((name) => best.has(name)).length;
    const chance = (k * k) / nUnits;
    const jaccard = { value: both / (2 * k - both), chance: chance / (2 * k - chance) };
    results.push(single(`top ${k} shared with known scores`, both, chance, nUnits));
    results.push(single(`Jaccard of the top ${k}`, jaccard.value, jaccard.chance, nUnits));
    for (const first of [...new Set([1, 5, k])].filter((size) => size <= k)) {
      const found = ours.slice(0, first).includes(theirs[0]!);
      results.push(single(`hit@${first} of the best known score`, Number(found), first / nUnits, nUnits));
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
