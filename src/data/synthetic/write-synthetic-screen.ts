// Writes a synthetic screen to a folder that cannot be told from RxRx19a by its layout, and says in three places that it is not real.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { SiteArtist } from "./draw-site.ts";
import { folderHoldsOtherFiles } from "./errors.ts";
import { imagePath, type MetadataRow, metadataCsv, metadataRow } from "./metadata-rows.ts";
import { resolveSyntheticOptions, type SyntheticOptions, type SyntheticOptionsInput } from "./options.ts";
import { planScreen } from "./plan-screen.ts";
import { README_MARK, readmeText } from "./readme-text.ts";
import { plannedSites } from "./synthetic-sites.ts";
import { type SiteTruth, SYNTHETIC_CHANNELS, type SyntheticTruth } from "./truth.ts";

const SITES_IN_FLIGHT = 8; // PNG encoding runs on libuv's threads while the next sites are drawn
const OURS = ["images", "metadata.csv", "truth.json", "README.txt"];
const NOTE = "Synthetic: drawn by a program. No cell, virus or compound was involved; names of compounds are invented.";

/** What {@link writeSyntheticScreen} tells while it works. */
export type SyntheticProgress =
  | { readonly kind: "site"; readonly siteId: string; readonly nDone: number; readonly nTotal: number }
  | { readonly kind: "finished"; readonly folder: string; readonly truth: SyntheticTruth };

/**
 * Draws a screen into `folder`: `metadata.csv`, `images/{experiment}/Plate{plate}/{well}_s{site}_w{1..5}.png` (8-bit grey), `truth.json`, `README.txt`.
 *
 * `metadata.csv` is written last, so that a screen that was broken off cannot be imported. A folder that holds an earlier synthetic
 * screen is replaced. Equal options give equal bytes (of one version of the PNG encoder).
 * @throws GanDlError `bad-synthetic-options`, `too-many-wells`, `folder-not-empty`.
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { writeSyntheticScreen } from "gan-dl/data";
 * const folder = join(mkdtempSync(join(tmpdir(), "screen-")), "syn");
 * const controlWells = { mock: 1, uvInactivated: 0, activeUntreated: 1 };
 * const small = { experiments: ["SYN-1"], platesPerExperiment: 1, controlWells, compounds: [], sitesPerWell: 1, sidePx: 32 };
 * for await (const event of writeSyntheticScreen(folder, small))
 *   if (event.kind === "finished") console.assert(event.truth.sites.length === 2);
 * ```
 */
export async function* writeSyntheticScreen(
  folder: string,
  options: SyntheticOptionsInput = {},
): AsyncGenerator<SyntheticProgress> {
  const resolved = resolveSyntheticOptions(options);
  const plan = planScreen(resolved);
  await clearFolder(folder);
  await writeFile(join(folder, "README.txt"), readmeText(resolved));

  const planned = plannedSites(resolved, plan);
  const artist = new SiteArtist(resolved);
  const rows: MetadataRow[] = [];
  const sites: SiteTruth[] = [];
  const inFlight: { siteId: string; written: Promise<void> }[] = [];
  try {
    for (const { plate, well, site } of planned) {
      const row = metadataRow(resolved, plate, well, site);
      const { planes, truth } = artist.draw(plate, well, site);
      rows.push(row);
      sites.push(truth);
      const written = writeImages(folder, row, planes, resolved.sidePx);
      written.catch(() => {}); // awaited below, in order; until then a failure must not end the process
      inFlight.push({ siteId: row.site_id, written });
      if (inFlight.length >= SITES_IN_FLIGHT) yield await settled(inFlight, rows.length, planned.length);
    }
    while (inFlight.length > 0) yield await settled(inFlight, rows.length, planned.length);
  } finally {
    await Promise.allSettled(inFlight.map(({ written }) => written));
  }

  const truth = truthOf(resolved, plan, sites);
  await writeFile(join(folder, "truth.json"), `${JSON.stringify(truth, null, 1)}\n`);
  await writeFile(join(folder, "metadata.csv"), metadataCsv(rows));
  yield { kind: "finished", folder, truth };
}

/** Waits for the oldest site and reports it. */
async function settled(
  inFlight: { siteId: string; written: Promise<void> }[],
  nDrawn: number,
  nTotal: number,
): Promise<SyntheticProgress> {
  const oldest = inFlight.shift()!;
  await oldest.written;
  return { kind: "site", siteId: oldest.siteId, nDone: nDrawn - inFlight.length, nTotal };
}

/** Makes the folder, or empties it of an earlier synthetic screen; anything else in it is left alone and refused. */
async function clearFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const entries = await readdir(folder);
  if (entries.length === 0) return;
  const readme = await readFile(join(folder, "README.txt"), "utf8").catch(() => "");
  if (!readme.startsWith(README_MARK) || entries.some((name) => !OURS.includes(name)))
    throw folderHoldsOtherFiles(folder);
  for (const name of ["metadata.csv", "truth.json", "images"])
    await rm(join(folder, name), { recursive: true, force: true });
}

async function writeImages(folder: string, row: MetadataRow, planes: Uint8Array, sidePx: number): Promise<void> {
  const nPixels = sidePx * sidePx;
  await mkdir(dirname(join(folder, imagePath(row, 1))), { recursive: true });
  await Promise.all(
    SYNTHETIC_CHANNELS.map((_, c) =>
      sharp(planes.subarray(c * nPixels, (c + 1) * nPixels), { raw: { width: sidePx, height: sidePx, channels: 1 } })
        .toColourspace("b-w")
        .png({ compressionLevel: 1 })
        .toFile(join(folder, imagePath(row, c + 1))),
    ),
  );
}

function truthOf(
  options: SyntheticOptions,
  plan: Pick<SyntheticTruth, "plates" | "wells">,
  sites: SiteTruth[],
): SyntheticTruth {
  return {
    kind: "gandl-synthetic-truth",
    schemaVersion: 1,
    synthetic: true,
    note: NOTE,
    options,
    channels: [...SYNTHETIC_CHANNELS],
    ...plan,
    sites,
  };
}
