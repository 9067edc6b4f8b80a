import { expect, it } from "vitest";
import { createView, formatBytes, formatDuration, progressText } from "./view.ts";

/** A stand-in for standard error that remembers what was written. */
function stream(isTTY: boolean) {
  const written: string[] = [];
  const fake = { isTTY, columns: 80, write: (text: string) => written.push(text) > 0 };
  return { fake: fake as unknown as NodeJS.WriteStream, written };
}

it("says durations and sizes as people do", () => {
  expect([5.4, 190, 7500, Number.NaN].map(formatDuration)).toEqual(["5 s", "3 min 10 s", "2 h 5 min", "?"]);
  expect([0, 1023, 1536, 5 * 2 ** 30].map(formatBytes)).toEqual(["0 B", "1023 B", "1.5 KiB", "5.0 GiB"]);
});

it("draws a bar whose length is the share done", () => {
  expect(progressText("train", 1, 2, "1.0 kimg")).toBe(`train  ${"█".repeat(12)}${"░".repeat(12)}  50 %  1.0 kimg`);
  expect(progressText("train", 3, 2, "")).toContain("100 %");
});

it("redraws one line on a terminal", () => {
  const { fake, written } = stream(true);
  const view = createView(false, fake, () => 1000);
  view.progress("import", 1, 4);
  view.line("done");
  expect(written[0]).toMatch(/^\r.*import/);
  expect(written.slice(1)).toEqual(["\n", "done\n"]);
});

it("prints a plain line at most every ten seconds elsewhere, and always the last", () => {
  const { fake, written } = stream(false);
  let time = 100_000;
  const view = createView(false, fake, () => time);
  for (let i = 1; i <= 30; i++, time += 1000) view.progress("import", i, 30);
  expect(written.length).toBe(4); // at 0, 10 and 20 s, and the end
  expect(written.at(-1)).toContain("100 %");
});

it("is silent with --json", () => {
  const { fake, written } = stream(true);
  const view = createView(true, fake, () => 1000);
  view.progress("import", 1, 1);
  view.line("done");
  expect(written).toEqual([]);
});
