import { expect, it } from "vitest";
import { describeIntensity } from "./describe-intensity.ts";

const perChannel = [{ low: 0, high: 1 }];

it("says every kind of mapping in words, never by its key", () => {
  const [lowPercent, highPercent] = [1, 99.5];
  expect(describeIntensity({ kind: "none" })).toBe("as the image files hold them, not stretched");
  expect(describeIntensity({ kind: "linear", perChannel })).toMatch(/^a given range of each stain stretched/);
  expect(describeIntensity({ kind: "percentile", lowPercent, highPercent, perChannel })).toMatch(
    /from its 1st to its 99\.5th percentile over the whole data set/,
  );
  expect(describeIntensity({ kind: "percentile-per-plate", lowPercent, highPercent, perPlate: [] })).toMatch(
    /from its 1st to its 99\.5th percentile, plate by plate/,
  );
  expect(describeIntensity({ kind: "standardise-per-image", sdRange: 3 })).toMatch(/same mean and spread.* 3 standard/);
});

it.each([
  [2, "2nd"],
  [3, "3rd"],
  [11, "11th"],
  [91, "91st"],
  [0.5, "0.5th"],
])("counts percentile %s as %s", (lowPercent, words) => {
  expect(describeIntensity({ kind: "percentile", lowPercent, highPercent: 99, perChannel })).toContain(
    `its ${words} to`,
  );
});
