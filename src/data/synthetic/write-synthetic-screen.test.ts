import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { messageOf, temporaryFolder } from "../files.fixture.ts";
import { openImageSource } from "../open-image-source.ts";
import { planImport } from "../plan-import.ts";
import { readTable } from "../table-files.ts";
import { METADATA_COLUMNS } from "./metadata-rows.ts";
import type { SyntheticOptionsInput } from "./options.ts";
import { syntheticSites } from "./synthetic-sites.ts";
import { SyntheticTruth } from "./truth.ts";
import { type SyntheticProgress, writeSyntheticScreen } from "./write-synthetic-screen.ts";

const root = temporaryFolder();
const SMALL: SyntheticOptionsInput = {
  sidePx: 48,
  controlWells: { mock: 2, uvInactivated: 1, activeUntreated: 2 },
  compounds: [
    { name: "Synthestat A", effect: "rescue", ec50Um: 0.1, hill: 1, maxRescue: 1, dosesUm: [0.03, 3] },
    { name: 'Synthinert "D", mixed', effect: "inert", dosesUm: [1] },
  ],
  replicates: 1,
};
const N_SITES = 4 * (5 + 3) * 2;

async function write(folder: string, options = SMALL): Promise<SyntheticProgress[]> {
  const events: SyntheticProgress[] = [];
  for await (const event of writeSyntheticScreen(folder, options)) events.push(event);
  return events;
}

const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
const digest = (folder: string) => {
  const hash = createHash("sha256");
  for (const name of filesOf(folder)) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest("hex");
};

describe("writeSyntheticScreen", async () => {
  const folder = join(root, "screen");
  const events = await write(folder);
  const truth = SyntheticTruth.parse(JSON.parse(readFileSync(join(folder, "truth.json"), "utf8")));
  const { columns } = await readTable(join(folder, "metadata.csv"));

  it("tells of every site once, counting up, then that it is finished", () => {
    const last = events.at(-1)!;
    expect(last.kind === "finished" && last.truth).toEqual(truth);
    const sites = events.filter((event) => event.kind === "site");
    expect(sites.map((event) => event.nDone)).toEqual(Array.from({ length: N_SITES }, (_, i) => i + 1));
    expect(sites.map((event) => event.siteId)).toEqual(columns.get("site_id"));
  });

  it("writes RxRx19a's columns and values, doses as it writes them", () => {
    expect([...columns.keys()]).toEqual(METADATA_COLUMNS);
    expect(new Set(columns.get("disease_condition"))).toEqual(
      new Set(["Mock", "UV Inactivated SARS-CoV-2", "Active SARS-CoV-2"]),
    );
    const doses = columns.get("treatment_conc")!.map((dose) => dose ?? "");
    expect(new Set(doses)).toEqual(new Set(["", "0.03", "3.0", "1.0"]));
    expect(columns.get("treatment")).toContain('Synthinert "D", mixed');
  });

  it("has an 8-bit grey PNG of every channel of every row, with the pixels that were drawn, and no other file", async () => {
    expect(filesOf(folder).length).toBe(3 + 5 * N_SITES);
    for (const { row, planes } of syntheticSites(SMALL, (s) => s.site === 2 && s.plate.plate === "1")) {
      for (const channel of [1, 5]) {
        const path = join(folder, `images/${row.experiment}/Plate${row.plate}/${row.well}_s2_w${channel}.png`);
        const { width, height, channels, depth } = await sharp(path).metadata();
        expect([width, height, channels, depth]).toEqual([48, 48, 1, "uchar"]);
        const data = await sharp(path).toColourspace("b-w").raw().toBuffer();
        expect(data.equals(Buffer.from(planes.subarray((channel - 1) * 48 * 48, channel * 48 * 48)))).toBe(true);
      }
    }
  });

  it("truth.json agrees with metadata.csv, row by row", () => {
    const wells = new Map(truth.wells.map((well) => [well.well_id, well]));
    expect(truth.sites.map((site) => site.site_id)).toEqual(columns.get("site_id"));
    for (const [i, wellId] of columns.get("well_id")!.entries()) {
      const well = wells.get(String(wellId))!;
      expect(columns.get("disease_condition")![i]).toBe(well.condition);
      expect(columns.get("treatment")![i] || null).toBe(well.treatment);
      const dose = columns.get("treatment_conc")![i];
      expect(dose ? Number(dose) : null).toBe(well.dose_um);
    }
  });

  it("is imported as a synthetic screen, every file found, with the roles of RxRx19a", async () => {
    const source = await openImageSource(folder);
    const plan = await planImport(source, {}).finally(() => source.close());
    expect(plan.dataset.synthetic).toBe(true);
    expect(plan.sites).toHaveLength(N_SITES);
    expect(plan.skipped).toEqual([]);
  });

  it("equal options give equal bytes; another seed gives others", async () => {
    await write(join(root, "again"));
    expect(digest(join(root, "again"))).toBe(digest(folder));
    await write(join(root, "other"), { ...SMALL, seed: 2 });
    expect(digest(join(root, "other"))).not.toBe(digest(folder));
  });

  it("says in its README that nothing of it is real", () => {
    const readme = readFileSync(join(folder, "README.txt"), "utf8");
    expect(readme).toMatch(/^SYNTHETIC IMAGES - NOT AN EXPERIMENT/);
    expect(readme).toMatch(/Never quote a result/);
  });
});

describe("a folder that is there already", () => {
  const tiny: SyntheticOptionsInput = { ...SMALL, compounds: [], sitesPerWell: 1, experiments: ["SYN-9"], sidePx: 32 };

  it("is replaced when it is an earlier synthetic screen, with nothing left over", async () => {
    const folder = join(root, "replaced");
    await write(folder, SMALL);
    await write(folder, tiny);
    expect(filesOf(folder).length).toBe(3 + 5 * 10);
  });

  it("is refused and left alone when it holds anything else", async () => {
    const folder = join(root, "foreign");
    mkdirSync(folder);
    writeFileSync(join(folder, "thesis.txt"), "years");
    expect(await messageOf("folder-not-empty", () => write(folder, tiny))).toMatch(
      /foreign is not empty[\s\S]*fix: name a new/,
    );
    expect(filesOf(folder)).toEqual(["thesis.txt"]);
    rmSync(join(folder, "thesis.txt"));
    await write(folder, tiny);
    writeFileSync(join(folder, "notes.txt"), "mine");
    await messageOf("folder-not-empty", () => write(folder, tiny));
    expect(existsSync(join(folder, "metadata.csv"))).toBe(true);
  });

  it("cannot be imported when drawing was broken off: metadata.csv comes last", async () => {
    const folder = join(root, "broken");
    for await (const event of writeSyntheticScreen(folder, tiny)) if (event.kind === "site" && event.nDone === 2) break;
    expect(existsSync(join(folder, "README.txt"))).toBe(true);
    expect(existsSync(join(folder, "metadata.csv"))).toBe(false);
    await write(folder, tiny); // and can be begun again
    expect(existsSync(join(folder, "metadata.csv"))).toBe(true);
  });
});
