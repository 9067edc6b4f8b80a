import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SourceRow } from "./datasets/define-dataset.ts";
import { rxrx19a } from "./datasets/rxrx19a.ts";
import { messageOf } from "./files.fixture.ts";
import type { Metadata } from "./metadata.ts";
import type { PlannedSite } from "./planned-site.ts";
import { rowsWhere, sampleSites, shares } from "./select-sites.ts";
import { readTable } from "./table-files.ts";

const ROWS = [
  ["VERO-1", "1", "AA02", "1", "Active SARS-CoV-2", "Chloroquine", "0.3"],
  ["VERO-1", "1", "AA02", "2", "Active SARS-CoV-2", "chloroquine", "3"],
  ["VERO-1", "2", "B08", "1", "Mock", null, null],
  ["HRCE-1", "11", "B08", "1", "Mokk", null, null],
];
const NAMES = ["experiment", "plate", "well", "site", "disease_condition", "treatment", "treatment_conc"];
const metadata: Metadata = {
  file: "metadata.csv",
  folder: "",
  table: {
    nRows: ROWS.length,
    columns: new Map([
      ["cell_type", ROWS.map(() => "VERO")],
      ["code", ["007", "008", "009", "010"]],
      ...NAMES.map((name, i) => [name, ROWS.map((row) => row[i]!)] as const),
    ]),
  },
};
const where = (sql: string) => rowsWhere(sql, rxrx19a, metadata);

describe("selection by SQL", () => {
  it("compares columns of numbers as numbers, quoted or not, and text as text", async () => {
    expect(await where("experiment = 'VERO-1' and plate = 1")).toEqual([0, 1]);
    expect(await where("plate > 1")).toEqual([2, 3]);
    expect(await where("plate in ('2', '11')")).toEqual([2, 3]);
    expect(await where("treatment_conc between 0.1 and 1 -- half a ladder")).toEqual([0]);
    expect(await where("code = '007'")).toEqual([0]);
  });

  it("matches names exactly, upper and lower case apart", async () => {
    expect(await where("treatment = 'Chloroquine'")).toEqual([0]);
    expect(await where("treatment = 'chloroquine'")).toEqual([1]);
    expect(await where("treatment is null")).toEqual([2, 3]);
  });

  it("knows what every data set has: roles, doses, places; a row that has no meaning is not chosen by them", async () => {
    expect(await where("role = 'negative_control'")).toEqual([2]);
    expect(await where("role = 'treated' and dose_um >= 3")).toEqual([1]);
    expect(await where('"row" = 26 and "column" = 1')).toEqual([0, 1]);
    expect(await where("well_id = 'VERO-1_2_B08'")).toEqual([2]);
  });

  it("says what is wrong with a condition, and reads no other file", async () => {
    expect(await messageOf("bad-where", () => where("plat = 1"))).toMatch(
      /^--where "plat = 1" cannot be applied: .*plat.*\n {2}why: .*its columns|whose columns are cell_type, code, experiment/,
    );
    expect(await messageOf("bad-where", () => where("plate = "))).toContain("cannot be applied");
    expect(await messageOf("bad-where", () => where("plate in (select 1 from read_text('/etc/hostname'))"))).toContain(
      "cannot be applied",
    );
  });
});

const planned = (plate: string, well: string, site: string, condition: string): PlannedSite => {
  const columns = new Map(
    Object.entries({ cell_type: "V", experiment: "E", plate, well, site, disease_condition: condition }).map(
      ([name, value]) => [name, [value]],
    ),
  );
  return { site: rxrx19a.site(new SourceRow("m", columns, 0)), row: 1, files: [], holdsAllChannels: false };
};
const SCREEN = ["1", "2"].flatMap((plate) =>
  Array.from({ length: 20 }, (_, w) => w).flatMap((w) =>
    ["1", "2", "3", "4"].map((site) => planned(plate, `B${w + 1}`, site, w < 5 ? "Mock" : "Active SARS-CoV-2")),
  ),
);
const count = (sites: readonly PlannedSite[], key: (p: PlannedSite) => string) => {
  const counts: Record<string, number> = {};
  for (const site of sites) counts[key(site)] = (counts[key(site)] ?? 0) + 1;
  return counts;
};

describe("sampling", () => {
  it("keeps named fields, or says which there are", async () => {
    expect(
      sampleSites(SCREEN, { sites: ["1", "3"] })
        .map(({ site }) => site.site)
        .slice(0, 4),
    ).toEqual(["1", "3", "1", "3"]);
    expect(await messageOf("unknown-field", () => sampleSites(SCREEN, { sites: ["7"] }))).toContain(
      'no well has a field "7".\n  why: the fields are 1, 2, 3, 4.',
    );
  });

  it("takes so many fields of every well, not always the same one, and the same again with the same seed", () => {
    const sites = sampleSites(SCREEN, { perWell: 1 });
    expect(new Set(Object.values(count(sites, ({ site }) => site.well_id)))).toEqual(new Set([1]));
    expect(Object.keys(count(sites, ({ site }) => site.site)).length).toBe(4);
    expect(sampleSites(SCREEN, { perWell: 1 })).toEqual(sites);
    expect(sampleSites(SCREEN, { perWell: 1, seed: 2 })).not.toEqual(sites);
    expect(sampleSites(SCREEN, { perWell: 9 })).toEqual(SCREEN);
  });

  it("with a limit leaves each plate and condition its share, in the table's order", () => {
    const sites = sampleSites(SCREEN, { limit: 16 });
    expect(count(sites, ({ site }) => `${site.plate} ${site.condition}`)).toEqual({
      "1 Mock": 2,
      "1 Active SARS-CoV-2": 6,
      "2 Mock": 2,
      "2 Active SARS-CoV-2": 6,
    });
    expect(sites).toEqual([...sites].sort((a, b) => SCREEN.indexOf(a) - SCREEN.indexOf(b)));
    expect(sampleSites(SCREEN, { limit: 1000 })).toEqual(SCREEN);
  });

  it("splits a total exactly and within one of proportion, never beyond a group", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (sizes, part) => {
          const all = sizes.reduce((a, b) => a + b, 0);
          const total = Math.floor(part * all);
          const split = shares(sizes, total);
          expect(split.reduce((a, b) => a + b, 0)).toBe(total);
          for (const [i, n] of split.entries()) {
            expect(Math.abs(n - (total * sizes[i]!) / all)).toBeLessThan(1);
            expect(n).toBeLessThanOrEqual(sizes[i]!);
          }
        },
      ),
    );
  });
});

const vero = join(process.env.GANDL_SHARED_DATA ?? "../shared/data", "rxrx19a-vero", "metadata.csv");
it.skipIf(!existsSync(vero))("selects a plate of the real VERO table (shared data)", async () => {
  const real: Metadata = { file: "metadata.csv", folder: "", table: await readTable(vero) };
  expect((await rowsWhere("experiment = 'VERO-1' and plate = 1", rxrx19a, real)).length).toBe(5360);
  expect((await rowsWhere("role = 'blank'", rxrx19a, real)).length).toBe(480);
});
