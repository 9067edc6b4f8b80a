// docs/baselines.md tells every compared system, and what it prints is what the command takes.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { baselineParams, baselines, findBaseline } from "../src/baselines/index.ts";
import { paramsOf } from "../src/cli/commands/evaluate.ts";

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
const document = read("docs/baselines.md");
/** Sections by their heading, which names one system or two. */
const sections = document.split(/^## /m).slice(1);

describe("docs/baselines.md", () => {
  it.each(baselines.map(({ id }) => id))("tells of %s: what it is, its source, what it needs, and a command", (id) => {
    const section = sections.find((text) => text.split("\n")[0]?.split(", ").includes(id)) ?? "";
    for (const part of ["What", "Source", "Needs"]) expect(section).toContain(`*${part}.*`);
    expect(section).toContain(`gandl baseline ${id} --data data/`);
  });

  it("prints commands whose parameters their system takes, as docs/results.md does", () => {
    const commands = [document, read("docs/results.md")].flatMap((text) => [
      ...text.replaceAll("\\\n", " ").matchAll(/gandl baseline ([a-z-]+) (--data [^`\n]*)/g),
    ]);
    expect(commands.length).toBeGreaterThan(baselines.length);
    for (const [, id = "", options = ""] of commands) {
      const set = [...options.matchAll(/--set (\S+)/g)].map((match) => match[1] ?? "");
      expect(() => baselineParams(findBaseline(id), paramsOf({ set })), `${id} ${options}`).not.toThrow();
      expect(options.replace(/--set \S+/g, "").trim()).toMatch(/^--data data\/\S+ --out tables\/\S+(\s+--seed \d+)?$/);
    }
  });
});
