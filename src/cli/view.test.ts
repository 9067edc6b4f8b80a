import { expect, it } from "vitest";
import { asStream, Screen } from "./live/screen.fixture.ts";
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

it("keeps a panel below the lines that scroll by, and leaves it at the end", () => {
  const screen = new Screen(60, 20);
  const view = createView(false, asStream(screen), () => 1000);
  view.line("training into runs/a");
  view.panel((width) => ["bar", `${width} wide`], String);
  view.line("checkpoint 1");
  view.line("checkpoint 2");
  expect(screen.visible).toEqual(["training into runs/a", "checkpoint 1", "checkpoint 2", "bar", "59 wide", ""]);
  view.endProgress();
  view.line("done");
  expect(screen.visible.slice(-4)).toEqual(["bar", "59 wide", "done", ""]);
  expect(screen.nResizeListeners).toBe(0);
});

it("redraws a panel at most ten times a second, but always the last", () => {
  const screen = new Screen(60, 20);
  let time = 0;
  const view = createView(false, asStream(screen), () => time);
  for (let i = 0; i < 50; i++, time += 10) view.panel(() => [`tick ${i}`], String);
  expect(screen.writes.length).toBe(5);
  view.panel(() => ["tick 50"], String, true);
  view.panel(() => ["tick 51"], String, true);
  expect(screen.visible).toEqual(["tick 51", ""]);
});

it("prints a panel as plain lines every ten seconds where there is no terminal", () => {
  const { fake, written } = stream(false);
  let time = 100_000;
  const view = createView(false, fake, () => time);
  for (let i = 0; i < 25; i++, time += 1000) {
    view.panel(
      () => ["not", "drawn"],
      () => `at ${i} s`,
    );
  }
  expect(written).toEqual(["at 0 s\n", "at 10 s\n", "at 20 s\n"]);
});

it("writes events as JSON lines with --json, and only then", () => {
  const { fake, written } = stream(true);
  createView(true, fake).event({ kind: "tick", kimg: 1 });
  createView(false, fake).event({ kind: "tick", kimg: 2 });
  createView(true, fake).panel(() => ["bar"], String, true);
  expect(written).toEqual(['{"kind":"tick","kimg":1}\n']);
});

it("outlives the reader of its output, and hides no other fault", () => {
  const listeners: ((error: Error & { code?: string }) => void)[] = [];
  const fake = { write: () => true, on: (_: string, listener: (typeof listeners)[number]) => listeners.push(listener) };
  createView(false, fake as unknown as NodeJS.WriteStream);
  const fail = (code: string) => () => listeners[0]!(Object.assign(new Error(code), { code }));
  expect(fail("EPIPE")).not.toThrow();
  expect(fail("EIO")).not.toThrow();
  expect(fail("ENOSPC")).not.toThrow(); // a log on a full disk
  expect(fail("EBADF")).toThrow("EBADF");
});
