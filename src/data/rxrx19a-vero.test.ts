// The real metadata of RxRx19a's VERO experiments, without its images (shared data; skipped where absent).
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { messageOf, png, ramp, writeFiles } from "./files.fixture.ts";
import { imported, place } from "./import.fixture.ts";
import { openDataset } from "./open-dataset.ts";
import { openImageSource } from "./open-image-source.ts";
import { planImport } from "./plan-import.ts";

const csv = join(process.env.GANDL_SHARED_DATA ?? "../shared/data", "rxrx19a-vero", "metadata.csv");

describe.skipIf(!existsSync(csv))("RxRx19a's VERO metadata (shared data)", () => {
  it("without images: 107,200 of 107,200 files are missing, counted by condition as published", async () => {
    const { source } = place({ "metadata.csv": readFileSync(csv) });
    const message = await messageOf("missing-images", async () =>
      planImport(await openImageSource(source), { dataset: "rxrx19a" }),
    );
    expect(message).toContain("107,200 of 107,200 image files are missing, so 21,440 of 21,440 sites");
    for (const count of [
      "Mock (negative_control): 640 of 640 sites",
      "UV Inactivated SARS-CoV-2 (negative_control): 640 of 640 sites",
      "Active SARS-CoV-2 (positive_control): 3,296 of 3,296 sites",
      "Active SARS-CoV-2 (treated): 16,384 of 16,384 sites",
      "no condition (blank): 480 of 480 sites",
    ])
      expect(message).toContain(count);
  });

  it("with images of one plate's column: imports them, names, doses and structures as they are written", async () => {
    const where = "experiment = 'VERO-2' and plate = 2 and well like '%02' and site = 1";
    const { source, out } = place({ "metadata.csv": readFileSync(csv) });
    const rows = readFileSync(csv, "utf8").split("\n");
    const wells = rows.flatMap((row) => /^VERO-2_2_([A-Z]+02)_1,/.exec(row)?.[1] ?? []);
    expect(wells.length).toBeGreaterThan(10);
    writeFiles(
      join(source, "images", "VERO-2", "Plate2"),
      Object.fromEntries(
        wells.flatMap((well, i) =>
          [1, 2, 3, 4, 5].map((w) => [`${well}_s1_w${w}.png`, png("gray", 4, 4, ramp(4, 4, i + 20 * w))]),
        ),
      ),
    );
    const { nSites, selection } = await imported({ source, out, where });
    expect([nSites, selection?.where]).toEqual([wells.length, where]);
    using dataset = await openDataset(out);
    for (const site of dataset.sites) {
      const row = rows.find((line) => line.startsWith(`${site.site_id},`))!;
      const { SMILES, SMILES_plain } = site as unknown as Record<string, string | null>;
      expect(row).toContain(
        `,${site.condition ?? ""},${site.treatment?.includes(",") ? `"${site.treatment}"` : (site.treatment ?? "")},`,
      );
      if (site.dose_um !== null) expect(row).toContain(`,${site.dose_um}`);
      if (SMILES) expect([row.includes(SMILES), SMILES_plain]).toEqual([true, SMILES.split(" |")[0]]);
    }
  });
});

it("names that differ by case or hyphen stay two, a mark before the header is no part of a name, equal doses are one group", async () => {
  const lines = ["A01,Chloroquine,0.30", "A02,chloroquine,0.3", "A03,Proscillaridin-A,3e-1", "A04,Proscillaridin A,1"];
  const { source, out } = place({
    "metadata.csv": `\uFEFFwell,treatment,dose_um\n${lines.join("\n")}\n`,
    ...Object.fromEntries([1, 2, 3, 4].map((i) => [`A0${i}.png`, png("gray", 4, 4, ramp(4, 4, 9 * i))])),
  });
  await imported({ source, out, table: { images: "{well}.png", channels: [{ name: "DNA" }] } });
  using dataset = await openDataset(out);
  expect(dataset.sites.map(({ well }) => well)).toEqual(["A01", "A02", "A03", "A04"]);
  expect(dataset.sites.map(({ treatment }) => treatment)).toEqual(lines.map((line) => line.split(",")[1]));
  expect(new Set(dataset.sites.map(({ dose_um }) => dose_um))).toEqual(new Set([0.3, 1]));
});
