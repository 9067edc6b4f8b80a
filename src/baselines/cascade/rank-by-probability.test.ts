import { describe, expect, it } from "vitest";
import { rankByProbability } from "./rank-by-probability.ts";

const images = (treatment: string, dose_um: number, wells: readonly (readonly number[])[]) =>
  wells.flatMap((probabilities, well) =>
    probabilities.map((healthy) => ({ treatment, dose_um, well: `${treatment}${dose_um}${well}`, healthy })),
  );
const plan = { over: "max", nResamples: 400, seed: 1 } as const;

describe("rankByProbability", () => {
  const screen = [
    ...images("weak", 1, [[0.2, 0.2], [0.4]]),
    ...images("strong", 3, [[0.9], [0.7]]),
    ...images("strong", 1, [[0.1], [0.1]]),
  ];

  it("is the mean probability of an image being healthy, and a compound's best dose", () => {
    const rows = rankByProbability(screen, plan);
    expect(rows.map(({ treatment, dose_um, rank }) => [treatment, dose_um, rank])).toEqual([
      ["strong", null, 1],
      ["strong", 1, null],
      ["strong", 3, null],
      ["weak", null, 2],
      ["weak", 1, null],
    ]);
    expect(rows.map(({ score }) => Number(score?.toFixed(6)))).toEqual([0.8, 0.1, 0.8, 0.266667, 0.266667]);
    expect(rows[4]).toMatchObject({ n_images: 3, n_wells: 2 });
  });

  it("or the mean over its doses, where that is asked for", () =>
    expect(rankByProbability(screen, { ...plan, over: "mean" })[0]?.score).toBeCloseTo(0.45, 12));

  it("has an interval over wells, between the wells' own means, and none for two wells or one", () => {
    const [, four] = rankByProbability(images("four", 1, [[0.2, 0.2], [0.4], [0.3], [0.3]]), plan);
    expect(four?.low).toBeGreaterThanOrEqual(0.2);
    expect(four?.low).toBeLessThan(0.25);
    expect(four?.high).toBeGreaterThan(0.35);
    expect(four?.high).toBeLessThanOrEqual(0.4);
    expect(rankByProbability(screen, plan)[4]).toMatchObject({ low: null, high: null });
    expect(rankByProbability(screen, plan)).toEqual(rankByProbability(screen, plan));
    const [, single] = rankByProbability(images("one", 1, [[0.3, 0.5]]), plan);
    expect(single).toMatchObject({ score: 0.4, low: null, high: null });
  });
});
