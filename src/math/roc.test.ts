import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accuracy, balancedAccuracy, confusionMatrix, rankScores, rocAuc, weightedAuc } from "./roc.ts";

const labelled = fc.array(fc.record({ score: fc.integer({ min: -20, max: 20 }), positive: fc.boolean() }), {
  minLength: 1,
  maxLength: 60,
});
const auc = (rows: { score: number; positive: boolean }[]) =>
  rocAuc(
    rows.map((r) => r.score),
    rows.map((r) => r.positive),
  );

describe("rocAuc", () => {
  it("equals counting every pair, ties half", () => {
    fc.assert(
      fc.property(labelled, (rows) => {
        const pairs = rows
          .filter((r) => r.positive)
          .flatMap((p) => rows.filter((r) => !r.positive).map((n) => [p, n] as const));
        const wins = pairs.reduce((sum, [p, n]) => sum + (p.score > n.score ? 1 : p.score === n.score ? 0.5 : 0), 0);
        if (pairs.length === 0) expect(auc(rows)).toBeNaN();
        else expect(auc(rows)).toBeCloseTo(wins / pairs.length, 12);
      }),
    );
  });

  it("does not change under a rising map, and turns to 1 − AUC under a falling one", () => {
    fc.assert(
      fc.property(labelled, (rows) => {
        const before = auc(rows);
        if (Number.isNaN(before)) return;
        expect(auc(rows.map((r) => ({ ...r, score: Math.exp(r.score / 3) * 7 - 2 })))).toBeCloseTo(before, 12);
        expect(auc(rows.map((r) => ({ ...r, score: -r.score })))).toBeCloseTo(1 - before, 12);
      }),
    );
  });

  it("with weights equals repeating rows", () => {
    fc.assert(
      fc.property(labelled, (rows) => {
        const weights = rows.map((_, i) => i % 3);
        const repeated = rows.flatMap((row, i) => new Array<typeof row>(weights[i]!).fill(row));
        const ranked = rankScores(
          rows.map((r) => r.score),
          rows.map((r) => r.positive),
        );
        const want = repeated.length === 0 ? Number.NaN : auc(repeated);
        if (Number.isNaN(want)) expect(weightedAuc(ranked, weights)).toBeNaN();
        else expect(weightedAuc(ranked, weights)).toBeCloseTo(want, 12);
      }),
    );
  });
});

describe("confusion", () => {
  const counts = confusionMatrix([0, 0, 0, 1, 1], [0, 0, 1, 1, 0], 2);
  it("counts [true][predicted], with weights where given", () => {
    expect(counts).toEqual([
      [2, 1],
      [1, 1],
    ]);
    expect(confusionMatrix([0, 1], [1, 1], 2, [3, 0])).toEqual([
      [0, 3],
      [0, 0],
    ]);
  });
  it("gives accuracy and its mean over classes; an absent class does not count", () => {
    expect(accuracy(counts)).toBe(0.6);
    expect(balancedAccuracy(counts)).toBeCloseTo((2 / 3 + 1 / 2) / 2, 14);
    expect(
      balancedAccuracy([
        [3, 1],
        [0, 0],
      ]),
    ).toBe(0.75);
    expect(balancedAccuracy([[0]])).toBeNaN();
  });
});
