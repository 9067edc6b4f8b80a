import { describe, expect, it } from "vitest";
import { errorText } from "../explorer-api.ts";
import { EMPTY_HISTORY, type History } from "./history.ts";
import { durationText, standingText } from "./standing-text.ts";

const NOW = Date.parse("2026-01-01T00:05:00.000Z");
const tick = { kimg: 3.21987, imagesPerSecond: 81.6, secondsLeft: 700 } as History["ticks"][number];
const text = (own: Partial<History>, later = 0) =>
  standingText({ ...EMPTY_HISTORY, totalKimg: 10, lastTime: "2026-01-01T00:04:50.000Z", ...own }, NOW + later);

describe("where a run stands", () => {
  it("is told in a sentence that says what to do", () => {
    expect(standingText(EMPTY_HISTORY, NOW)).toBe("Nothing was logged yet.");
    expect(text({})).toBe("Running: 0 of 10 kimg; the first figures come soon.");
    expect(text({ ticks: [tick] })).toBe("Running: 3.22 of 10 kimg, 82 images a second, about 12 min left.");
    expect(text({ ticks: [tick] }, 3_600_000)).toMatch(/more than ten minutes.*--resume/);
    expect(text({ ended: "duration", totalKimg: null })).toBe("Finished: 0 kimg.");
    expect(text({ ended: "aborted", ticks: [tick] })).toBe("Stopped at 3.22 of 10 kimg; it can go on with --resume.");
    expect([41.7, 90, 7500].map(durationText)).toEqual(["42 s", "2 min", "2 h 5 min"]);
  });

  it("a server's errors keep their words", () => {
    expect(errorText('{"code":"busy","message":"wait"}')).toBe("wait");
    expect(errorText('{"text":"so"}')).toBe("so");
    expect([errorText("<html>"), errorText("{}")]).toEqual([null, null]);
  });
});
