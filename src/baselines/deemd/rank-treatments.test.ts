import { describe, expect, it } from "vitest";
import { rankTreatments, type TreatedImage } from "./rank-treatments.ts";

/** Images of one treatment and dose. */
const images = (treatment: string, dose_um: number | null, scores: readonly number[]): TreatedImage[] =>
  scores.map((score) => ({ treatment, dose_um, score }));
/** Nine scores around a level, whose interval runs from the second to the eighth: level ± 0.03. */
const nine = (level: number) => [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((step) => level + step / 100);

describe("rankTreatments", () => {
  it("takes each dose's interval between the order statistics that the sign test names", () => {
    const [one] = rankTreatments(images("a", 1, nine(0.4)), 0.5);
    expect(one?.doses).toHaveLength(1);
    expect(one?.doses[0]).toMatchObject({ dose_um: 1, nImages: 9, median: 0.4, successful: true });
    expect(one?.doses[0]?.interval?.[0]).toBeCloseTo(0.37, 12);
    expect(one?.upperBound).toBeCloseTo(0.43, 12);
  });

  it("takes the median upper bound over successful doses alone", () => {
    const doses = [0.2, 0.3, 0.4, 0.9].flatMap((level, i) => images("a", i + 1, nine(level)));
    const [one] = rankTreatments(doses, 0.5);
    expect(one?.nSuccessful).toBe(3);
    expect(one?.upperBound).toBeCloseTo(0.33, 12); // of 0.23, 0.33, 0.43
  });

  it("takes it over all doses where none is successful, and a bound at ζ is no success", () => {
    const doses = [...images("a", 1, nine(0.6)), ...images("a", 2, nine(0.8))];
    const [one] = rankTreatments(doses, 0.5);
    expect(one?.nSuccessful).toBe(0);
    expect(one?.upperBound).toBeCloseTo((0.63 + 0.83) / 2, 12);
    const [atZeta] = rankTreatments(images("b", 1, [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]), 0.5);
    expect(atZeta).toMatchObject({ nSuccessful: 0, upperBound: 0.5 });
  });

  it("gives no interval to five images, and leaves that dose out of the treatment's score", () => {
    const doses = [...images("a", 2, [0, 0, 0, 0, 0]), ...images("a", 1, nine(0.6))];
    const [one] = rankTreatments(doses, 0.5);
    expect(one?.doses.map(({ dose_um, interval, successful }) => [dose_um, interval === null, successful])).toEqual([
      [1, false, false],
      [2, true, false],
    ]);
    expect(one?.upperBound).toBeCloseTo(0.63, 12);
  });

  it("ranks the smallest upper bound first, equals by name, and those without one last", () => {
    const ranked = rankTreatments(
      [
        ...images("none", 1, [0.01]),
        ...images("worse", 1, nine(0.45)),
        ...images("b", 1, nine(0.2)),
        ...images("a", 1, nine(0.2)),
        ...images("inert", null, nine(0.9)),
      ],
      0.5,
    );
    expect(ranked.map(({ treatment }) => treatment)).toEqual(["a", "b", "worse", "inert", "none"]);
    expect(ranked.at(-1)?.upperBound).toBeNull();
  });
});
