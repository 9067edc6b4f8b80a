import { describe, expect, it } from "vitest";
import { agreementAtTheTop, agreementFigures } from "./agreement.ts";

/** Ours, best first: a, b, c, d, e, f; elsewhere c is best, then a, d, b, e. */
const hits = ["a", "b", "c", "d", "e", "f"].map((name, i) => ({ name, score: 1 - i / 10 }));
const known = { c: 5, a: 4, d: 3, b: 2, e: 1 };
const value = (results: ReturnType<typeof agreementAtTheTop>, metric: string) => {
  const found = results.find((r) => r.kind === "score" && r.metric === metric);
  return found?.kind === "score" ? [found.value, found.chance].map((v) => Number(v?.toFixed(9))) : undefined;
};

describe("agreement with known scores", () => {
  it("by hand: what the first two and three share, hit@k and the share of actives, each with its chance", () => {
    const results = agreementAtTheTop(hits, { known, actives: ["b", "e"], topK: 2 });
    expect(value(results, "top 2 shared with known scores")).toEqual([1, 4 / 5]); // a of {a, b} and {c, a}
    expect(value(results, "Jaccard of the top 2")).toEqual([0.333333333, 0.3]); // chance: 6/10 share one (1/3), 1/10 both (1)
    expect(value(results, "hit@1 of the best known score")).toEqual([0, 1 / 5]);
    expect(value(results, "hit@2 of the best known score")).toEqual([0, 2 / 5]);
    expect(value(results, "share of known actives in the first 2")).toEqual([0.5, 0.333333333]);
    const wider = agreementAtTheTop(hits, { known, actives: [], topK: 3 });
    expect(value(wider, "hit@3 of the best known score")).toEqual([1, 3 / 5]); // c is our third
    expect(wider).toHaveLength(4);
  });

  it("gives compounds of equal known score no order of ours: all equal is no agreement beyond chance", () => {
    const equal = agreementAtTheTop(hits, { known: { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }, actives: [], topK: 2 });
    for (const metric of ["top 2 shared with known scores", "Jaccard of the top 2", "hit@1 of the best known score"]) {
      const [found, chance] = value(equal, metric)!;
      expect(found, metric).toBe(chance);
    }
    // e and f are best and equal; a, b and c share the third place of theirs: each of our first three takes it in one order of three.
    const tied = agreementAtTheTop(hits, { known: { a: 1, b: 1, c: 1, d: 0, e: 2, f: 2 }, actives: [], topK: 3 });
    expect(value(tied, "top 3 shared with known scores")![0]).toBe(1);
    expect(value(tied, "hit@3 of the best known score")![0]).toBe(0);
  });

  it("correlates ranks by Spearman and Kendall over the compounds that have a known score, drawn ones too", () => {
    const figures = agreementFigures(hits, { known, actives: [], topK: 2 });
    expect(figures.map((f) => f.metric)).toEqual(["Spearman with known scores", "Kendall with known scores"]);
    // Ranks 5 4 3 2 1 (a … e) against 4 2 5 3 1: of ten pairs a–c, b–c and b–d are turned round.
    expect(figures[1]!.statistic([1, 1, 1, 1, 1])).toBeCloseTo((7 - 3) / 10, 12);
    expect(figures[0]!.statistic([1, 1, 1, 1, 1])).toBeCloseTo(1 - (6 * (1 + 4 + 4 + 1 + 0)) / (5 * 24), 12);
    expect(figures[1]!.statistic([0, 1, 1, 0, 0])).toBe(-1); // b and c alone
  });

  it("says nothing where nothing is known", () => {
    expect(agreementAtTheTop(hits, { actives: [], topK: 3 })).toEqual([]);
    expect(agreementFigures(hits, { known: { a: 1, b: 2 }, actives: ["zzz"], topK: 3 })).toEqual([]);
  });
});
