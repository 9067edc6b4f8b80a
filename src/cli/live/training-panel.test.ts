import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LiveStats, liveStatsOf } from "./live-stats.ts";
import { sparkline } from "./sparkline.ts";
import { shortNumber, trainingLine, trainingPanel } from "./training-panel.ts";

const TICK = {
  ...{ kind: "tick", time: "2026-01-01T00:00:00Z", kimg: 1.234, step: 77, imagesPerSecond: 21.34, secondsLeft: 130 },
  ...{ dLoss: 1.21, gLoss: 0.931, realScore: 0.52, fakeScore: -0.33, r1: 0.0321, memoryBytes: 512 * 2 ** 20 },
} as const;
const MEASURED = {
  ...{ pathLength: 0.12, realSign: 0.61, fakeSign: -0.4, augmentP: 0.31, diversity: 0.82, gradientNorm: 1.5 },
};
const stats = (changes: Partial<LiveStats> = {}) => ({ ...liveStatsOf({ ...TICK, ...MEASURED }, 0), ...changes });
const state = (history: LiveStats[]) => ({ totalKimg: 3, history, logistic: true });
const losses = Array.from({ length: 200 }, (_, i) => stats({ dLoss: 1 + Math.sin(i / 20), gLoss: i }));

describe("liveStatsOf", () => {
  it("takes what the tick has, and leaves out what it has not", () => {
    expect(liveStatsOf(TICK, 2)).toEqual({
      ...{ kimg: 1.234, step: 77, imagesPerSecond: 21.34, secondsLeft: 130, dLoss: 1.21, gLoss: 0.931 },
      ...{ realScore: 0.52, fakeScore: -0.33, r1: 0.0321, memoryBytes: 512 * 2 ** 20, nonFiniteSteps: 2 },
    });
    expect(stats()).toMatchObject(MEASURED);
    expect(liveStatsOf({ ...TICK, augmentP: null }, 0).augmentP).toBeNull();
  });
});

describe("trainingPanel", () => {
  it("shows every figure at 60 columns", () => {
    expect(trainingPanel(state([stats()]), 59)).toEqual([
      "training  ████████░░░░░░░░░░░  41 %  1.23 / 3 kimg",
      "21.3 img/s  2 min 10 s left  512.0 MiB",
      "loss D   1.21 ▅",
      "loss G   0.93 ▅",
      "logits real +0.52 (sign +0.61)  fake −0.33 (sign −0.40)",
      "gap 0.85",
      "R1 0.032  path 0.12  gradient 1.50  augment p 0.31",
      "diversity 0.82",
    ]);
  });
  it("leaves out what is not measured", () => {
    const bare = trainingPanel(state([liveStatsOf({ ...TICK, r1: null }, 0)]), 80);
    expect(bare.slice(4)).toEqual(["logits real +0.52  fake −0.33  gap 0.85"]);
    expect(trainingPanel(state([]), 80)).toEqual([]);
  });
  it("draws the losses' curves as wide as there is room", () => {
    const [, , d, g] = trainingPanel(state(losses), 120);
    const curve = g!.slice("loss G    199 ".length); // losses that rise all the time
    expect([...curve]).toEqual([...curve].sort());
    expect([curve.length, curve.at(0), curve.at(-1)]).toEqual([40, "▁", "█"]);
    expect(d!.length).toBe("loss D   1.21 ".length + 40);
    const narrow = trainingPanel(state(losses), 30).find((line) => line.startsWith("loss D"));
    expect(narrow?.length).toBe(30);
  });
  it("warns of collapse in whole sentences, broken at spaces", () => {
    const lines = trainingPanel(state(Array(9).fill(stats({ realScore: 8, fakeScore: -7 }))), 59);
    expect(lines.slice(-3).join(" ").replaceAll(/\s+/g, " ")).toBe(
      "! logits of real and generated images lie 15.0 apart: the discriminator wins; raise loss.r1Gamma, or lower optimiser.learningRate",
    );
  });
  it("never writes a line wider than asked, nor a line of blanks, whatever the figures", () => {
    const figure = fc.double();
    const wild = fc.record({
      kimg: figure,
      secondsLeft: figure,
      dLoss: figure,
      realScore: figure,
      gradientNorm: figure,
    });
    fc.assert(
      fc.property(
        fc.array(wild, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 12, max: 200 }),
        (changes, width) => {
          const lines = trainingPanel(state(changes.map(stats)), width);
          for (const line of lines) expect([line.length <= width, line.trim() === ""]).toEqual([true, false]);
        },
      ),
    );
  });
});

it("trainingLine says it all on one line, for logs", () => {
  const line = trainingLine(state([stats()]));
  expect(line).toBe(
    "1.23 / 3 kimg  21.3 img/s  2 min 10 s left  512.0 MiB  D 1.21  G 0.93  logits real +0.52 (sign +0.61)  fake −0.33 (sign −0.40)  gap 0.85  R1 0.032  path 0.12  gradient 1.50  augment p 0.31  diversity 0.82",
  );
  expect(trainingLine(state(Array(9).fill(stats({ realScore: 80 }))))).toContain("  ! logits of real");
  expect(trainingLine(state([]))).toBe("");
});

describe("sparkline", () => {
  it("goes from the lowest to the highest figure", () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe("▁▂▃▄▅▆▇█");
    expect(sparkline([-1, -3], 8)).toBe("█▁");
    expect(sparkline([2, 2, 2], 8)).toBe("▅▅▅");
  });
  it("averages equal runs where there are more figures than room, and leaves gaps", () => {
    expect(sparkline([0, 0, 10, 20, 30, 30], 3)).toBe("▁▅█");
    expect(sparkline([0, Number.NaN, 7], 3)).toBe("▁ █");
    expect(sparkline([Number.NaN], 3)).toBe(" ");
    expect([sparkline([], 9), sparkline([1, 2], 0)]).toEqual(["", ""]);
  });
});

it("shortNumber keeps three figures at any size", () => {
  expect([0, 0.0321, 1.234, 12.34, 1234.5, 123456, 0.00001, Number.NaN].map(shortNumber)).toEqual([
    ...["0.000", "0.032", "1.23", "12.3", "1235", "1.2e+5", "1.0e-5", "?"],
  ]);
});
