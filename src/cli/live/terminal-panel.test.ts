import { expect, it } from "vitest";
import { asStream, Screen } from "./screen.fixture.ts";
import { TerminalPanel } from "./terminal-panel.ts";

const lines =
  (...texts: string[]) =>
  () =>
    texts;

it("redraws in place, one write a time, shorter panels leaving nothing behind", () => {
  const screen = new Screen(60, 10);
  const panel = new TerminalPanel(asStream(screen));
  panel.draw(lines("one", "a long second line", "three"));
  panel.draw(lines("ONE", "short", "THREE"));
  expect(screen.visible).toEqual(["ONE", "short", "THREE", ""]);
  panel.draw(lines("1"));
  expect(screen.visible).toEqual(["1", ""]);
  panel.draw(lines("1", "2", "3", "4"));
  expect(screen.visible).toEqual(["1", "2", "3", "4", ""]);
  expect(screen.writes.length).toBe(4);
  expect(screen.scrolled).toEqual([]);
});

it("never erases the whole of what is shown before writing it anew", () => {
  const screen = new Screen(60, 10);
  const panel = new TerminalPanel(asStream(screen));
  panel.draw(lines("one", "two"));
  panel.draw(lines("one", "two"));
  // Erasing the screen first is what flickers: it may come only after the last line.
  expect(screen.writes[1]!.indexOf("\x1b[J")).toBe(screen.writes[1]!.length - 3);
});

it("lets other lines scroll by above it", () => {
  const screen = new Screen(60, 4);
  const panel = new TerminalPanel(asStream(screen));
  panel.draw(lines("bar", "figures"));
  for (const text of ["first", "second", "a third that is long ".repeat(4).trim()]) panel.insert(text);
  panel.draw(lines("bar 2", "figures 2"));
  expect(screen.visible.slice(-3)).toEqual(["bar 2", "figures 2", ""]);
  const everything = [...screen.scrolled, ...screen.visible].join("\n");
  for (const text of ["first", "second", "a third"]) expect(everything.split(text).length - 1).toBeGreaterThan(0);
  expect(everything.match(/bar/g)?.length).toBe(1);
});

it("draws anew for the new width when the terminal is resized, also when it has broken the old lines", () => {
  const screen = new Screen(80, 40);
  const panel = new TerminalPanel(asStream(screen));
  screen.write("before\n");
  panel.draw((width) => ["x".repeat(width), "short", `width ${width}`]);
  for (const columns of [30, 100, 7, 60]) {
    screen.resize(columns);
    expect(screen.visible).toEqual([
      "before",
      "x".repeat(columns - 1),
      "short",
      `width ${columns - 1}`.slice(0, columns - 1).trimEnd(),
      "",
    ]);
  }
});

it("cuts what the terminal cannot hold, in width and height", () => {
  const screen = new Screen(10, 4);
  const panel = new TerminalPanel(asStream(screen));
  const many = lines(...Array.from({ length: 9 }, (_, i) => `line ${i} that is far too long`));
  for (let i = 0; i < 3; i++) panel.draw(many);
  expect(screen.visible).toEqual(["line 0 th", "line 1 th", "line 2 th", ""]);
  expect(screen.scrolled).toEqual([]);
});

it("stays where it is at the end, and stops listening", () => {
  const screen = new Screen(60, 10);
  const panel = new TerminalPanel(asStream(screen));
  panel.draw(lines("bar"));
  expect([panel.isOpen, screen.nResizeListeners]).toEqual([true, 1]);
  panel.end();
  panel.end();
  expect([panel.isOpen, screen.nResizeListeners]).toEqual([false, 0]);
  screen.write("result\n");
  panel.draw(lines("another"));
  expect(screen.visible).toEqual(["bar", "result", "another", ""]);
});
