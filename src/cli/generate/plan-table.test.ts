import { describe, expect, it } from "vitest";
import { messageOf } from "../../train/train.fixture.ts";
import { cannotWritePicture, channelsDiffer, clashingOptions, folderNotEmpty, unknownPanel } from "./errors.ts";
import { planPanels, planTable, type TableOptions } from "./plan-table.ts";
import { metadataCsv } from "./write-files.ts";

const plan = (changes: Partial<TableOptions> = {}) =>
  planTable({ seed: 1, truncation: "1", steps: 4, space: "w", ...changes }, 8);
const size = (changes: Partial<TableOptions>) => {
  const { rows } = plan(changes);
  return [rows.length, rows[0]?.length, rows.flat().filter((recipe) => recipe !== null).length];
};
const refuses = (code: string, changes: Partial<TableOptions>) => messageOf(code, () => plan(changes));

describe("planTable", () => {
  it("draws eight consecutive seeds in a row, or as many as asked for, more than twelve as a square", () => {
    expect(plan().columnNames).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
    expect(size({ n: 3, seed: 7 })).toEqual([1, 3, 3]);
    expect(size({ n: 20 })).toEqual([4, 5, 20]);
    expect(size({ seeds: "0-9,20" })).toEqual([1, 11, 11]);
  });
  it("fills rows × columns, and wraps a list at the columns", () => {
    expect(size({ rows: 3, columns: 5 })).toEqual([3, 5, 15]);
    expect(size({ seeds: "0-6", columns: 3 })).toEqual([3, 3, 7]);
    expect(size({ seeds: "0-6", rows: 2 })).toEqual([2, 4, 7]);
    expect(size({ n: 4, rows: 2, columns: 5 })).toEqual([1, 4, 4]);
  });
  it("plans rows of truncations, walks and mixing tables", () => {
    expect(size({ truncation: "0,0.5,1", n: 4 })).toEqual([3, 4, 12]);
    expect(size({ walk: "1,5,9" })).toEqual([1, 7, 7]);
    expect(size({ walk: "1,5", steps: 9, columns: 4 })).toEqual([3, 4, 9]);
    expect(size({ walk: "1,5", truncation: "0.5,1" })).toEqual([2, 4, 8]);
    expect(size({ mix: "1-2,7-9,coarse", truncation: "0.7" })).toEqual([3, 4, 11]);
  });
  it("refuses options that contradict each other, and numbers that make no picture", async () => {
    expect(await refuses("clashing-options", { walk: "1,2", mix: "1,2,0" })).toContain("--walk and --mix do not go");
    expect(await refuses("clashing-options", { seeds: "1", walk: "1,2", mix: "1,2,0" })).toContain("all but one");
    expect(await refuses("clashing-options", { truncation: "0,1", rows: 2 })).toContain("each truncation is a row");
    expect(await refuses("clashing-options", { truncation: "0,1", mix: "1,2,0" })).toContain("taken by seeds");
    expect(await refuses("bad-list", { walk: "4" })).toContain("one seed is no way to go");
    expect(await refuses("bad-list", { walk: "4,5", steps: 1 })).toContain("--steps 1");
    expect(await refuses("bad-list", { n: 0 })).toContain("-n 0");
    expect(await refuses("bad-list", { rows: 0, columns: 2 })).toContain("--rows 0");
    expect(await refuses("bad-list", { seed: 2 ** 32, n: 1 })).toContain("larger than 4294967295");
  });
});

describe("planPanels", () => {
  const stains = ["DNA", "actin", "RNA"];
  it("shows all in a strip, the composite in a grid, or what is asked for, once", () => {
    expect(planPanels(undefined, stains, 1)).toEqual(["composite", 0, 1, 2]);
    expect(planPanels(undefined, stains, 2)).toEqual(["composite"]);
    expect(planPanels("stains", stains, 2)).toEqual([0, 1, 2]);
    expect(planPanels("RNA,composite,RNA", stains, 2)).toEqual([2, "composite"]);
    expect(planPanels("actin,all", stains, 1)).toEqual([1, "composite", 0, 2]);
  });
  it("names the stains there are when one is not", async () => {
    expect(await messageOf("unknown-panel", () => planPanels("ER", stains, 1))).toMatch(
      /no such stain[\s\S]*DNA, actin, RNA/,
    );
  });
});

it("metadataCsv says of every image what decided it", () => {
  const recipes = [
    ...plan({ seeds: "7" }).rows.flat(),
    ...plan({ walk: "1,5", steps: 3, space: "z" }).rows.flat().slice(1, 2),
    ...plan({ mix: "1,2,0-1", truncation: "0.5" }).rows.flat().slice(-1),
  ].map((recipe) => recipe!);
  expect(metadataCsv(recipes).split("\n")).toEqual([
    "site_id,plate,treatment,truncation,source,seed,second_seed,share,layers",
    "seed-000007,generated,generated,1,seed,7,,,",
    "walk-0001,generated,generated,1,z,1,5,0.5,",
    "mix-000001-000002,generated,generated,0.5,mix,1,2,,0 1",
    "",
  ]);
});

it("every error says what, why and how to mend it", () => {
  for (const [error, pattern] of [
    [clashingOptions(["--a", "--b"], "why."), /--a and --b do not go together\.\n.*why\.\n.*leave one of them out/],
    [unknownPanel("X", ["A"]), /--show X.*\n.*A\.\n.*composite, stains, all/],
    [folderNotEmpty("d"), /d holds files already\.\n.*two runs.*\n.*--overwrite/],
    [channelsDiffer("d", ["A"], ["B"]), /d has other channels than the run: A\.\n.*display of B.*\n.*leave --data out/],
    [cannotWritePicture("a.png", new Error("ENOSPC")), /a\.png could not be written\.\n.*ENOSPC\. Pictures.*\n.*disk/],
  ] as const)
    expect(error.message).toMatch(pattern);
});
