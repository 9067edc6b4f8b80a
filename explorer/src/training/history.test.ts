import { describe, expect, it } from "vitest";
import type { TrainEvent } from "../../../src/schema/run.ts";
import { chartsOf, EMPTY_HISTORY, standing, thinned, withEvents } from "./history.ts";

const stamp = (kimg: number) => ({ time: "2026-01-01T00:00:00.000Z", kimg, step: kimg * 10 });
const tick = (kimg: number, own: Partial<Extract<TrainEvent, { kind: "tick" }>> = {}): TrainEvent => ({
  ...{ kind: "tick", ...stamp(kimg), imagesPerSecond: 100, secondsLeft: 1, dLoss: kimg, gLoss: -kimg, realScore: 1 },
  ...{ fakeScore: 0, r1: null, pathLength: null, realSign: 0, fakeSign: 0, augmentP: null, diversity: null },
  ...{ memoryBytes: 1, ...own },
});
const started: TrainEvent = { kind: "started", ...stamp(0), totalKimg: 8, resumed: false };
const finished = (reason: "duration" | "aborted"): TrainEvent => ({ kind: "finished", ...stamp(8), reason });

describe("a training's history", () => {
  it("adds up, without changing what was before", () => {
    const first = withEvents(EMPTY_HISTORY, [started, tick(1), { kind: "sample", ...stamp(1), file: "samples/a.png" }]);
    const second = withEvents(first, [
      tick(2),
      { kind: "non-finite", ...stamp(2), tensor: "x", count: 3 },
      { kind: "checkpoint", ...stamp(2), file: "checkpoints/b" },
      { kind: "checkpoint-ignored", ...stamp(2), file: "checkpoints/c" },
    ]);
    expect(first.ticks.length).toBe(1);
    expect(second).toMatchObject({ totalKimg: 8, nNonFinite: 1, ended: null });
    expect(second.ticks.map(({ kimg }) => kimg)).toEqual([1, 2]);
    expect(second.samples).toEqual([{ kimg: 1, file: "samples/a.png" }]);
    expect(second.checkpoints).toEqual([{ kimg: 2, file: "checkpoints/b" }]);
    expect(withEvents(second, [])).toBe(second);
  });

  it("stands where its last events say", () => {
    const at = (events: TrainEvent[], minutes: number) =>
      standing(withEvents(EMPTY_HISTORY, events), Date.parse(stamp(0).time) + minutes * 60_000);
    expect(standing(EMPTY_HISTORY, 0)).toBe("waiting");
    expect([at([started], 1), at([started], 11)]).toEqual(["running", "silent"]);
    expect([at([started, finished("duration")], 99), at([finished("aborted")], 1)]).toEqual(["finished", "stopped"]);
    expect(at([finished("aborted"), { ...started, resumed: true } as TrainEvent], 1)).toBe("running");
  });

  it("has a chart for each figure that was measured, and no empty ones", () => {
    const history = withEvents(EMPTY_HISTORY, [tick(1), tick(2, { r1: 0.5, dLoss: Number.NaN })]);
    const charts = chartsOf(history);
    expect(charts.map(({ title }) => title)).toEqual(["Losses", "Mean score", "Gradient penalty", "Images a second"]);
    expect(charts[0]!.series).toEqual([
      { name: "discriminator", points: [[1, 1]] },
      {
        name: "generator",
        points: [
          [1, -1],
          [2, -2],
        ],
      },
    ]);
    expect(chartsOf(EMPTY_HISTORY)).toEqual([]);
  });

  it("is thinned to means of neighbours", () => {
    const points = Array.from({ length: 10 }, (_, i) => [i, 2 * i] as const);
    expect(thinned(points, 10)).toBe(points);
    expect(thinned(points, 3)).toEqual([
      [1.5, 3],
      [5.5, 11],
      [8.5, 17],
    ]);
  });
});
