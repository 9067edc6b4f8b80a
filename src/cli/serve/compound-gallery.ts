// Images of a compound's doses beside the controls of the same plates.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { type Dataset, openDataset } from "../../data/index.ts";
import type { CompoundImages, Site } from "../../schema/index.ts";
import { Kept } from "../../server/kept.ts";
import { displayOf, TablePicture } from "../../train/index.ts";

type Group = Omit<CompoundImages["groups"][number], "images"> & { readonly rows: readonly number[] };

/** Larger images are shown reduced. */
const MAX_SHOWN_PX = 256;

/** Each holds the rows of all its sites. */
const MOST_OPEN = 4;

/** Finds and draws images of treatments among data sets; they are opened when first needed. `close()` it. */
export class CompoundGallery {
  readonly #folders: () => Promise<readonly string[]>;
  readonly #kept = new Kept<Dataset>(MOST_OPEN, (dataset) => dataset.close());

  /** @param folders the data set folders that are there now, searched in this order. */
  constructor(folders: () => Promise<readonly string[]>) {
    this.#folders = folders;
  }

  /**
   * Up to `perGroup` composites of each dose and of the controls on the same plates, wells in turn; null where no data set has
   * the treatment.
   * @throws GanDlError as `openDataset`; the signal's reason, between two groups.
   */
  async imagesOf(treatment: string, perGroup: number, signal?: AbortSignal): Promise<CompoundImages | null> {
    for (const folder of await this.#folders()) {
      const { mtimeMs } = await stat(join(folder, "dataset.json")).catch(() => ({ mtimeMs: 0 }));
      const found = await this.#kept.use(
        `${folder}:${mtimeMs}`, // imported anew, it is opened anew
        () => openDataset(folder),
        (dataset) => imagesIn(dataset, treatment, perGroup, signal),
      );
      if (found) return found;
    }
    return null;
  }

  close(): void {
    this.#kept.close();
  }
}

async function imagesIn(
  dataset: Dataset,
  treatment: string,
  perGroup: number,
  signal: AbortSignal | undefined,
): Promise<CompoundImages | null> {
  const rows = dataset.sites.flatMap((site, i) => (site.treatment === treatment ? [i] : []));
  if (rows.length === 0) return null;
  const groups: CompoundImages["groups"] = [];
  for (const { rows: own, ...group } of groupsOf(dataset.sites, rows)) {
    signal?.throwIfAborted();
    groups.push({ ...group, images: await drawn(dataset, wellsInTurn(dataset.sites, own).slice(0, perGroup)) });
  }
  return { dataset: dataset.manifest.title, synthetic: dataset.manifest.synthetic, groups };
}

/** Controls of the plates that the treatment is on, condition by condition, then its doses upwards. */
function groupsOf(sites: readonly Site[], rows: readonly number[]): Group[] {
  const plates = new Set(rows.map((row) => sites[row]!.plate_id));
  /** Each condition for itself: mock and inactivated virus are both negative controls, and not the same. */
  const control = (kind: "negative_control" | "positive_control"): Group[] => {
    const all = sites.flatMap((site, i) => (site.role === kind && plates.has(site.plate_id) ? [i] : []));
    const labelOf = (row: number) => sites[row]!.condition ?? kind.replace("_", " ");
    return [...new Set(all.map(labelOf))].sort().map((label) => {
      const rows = all.filter((row) => labelOf(row) === label);
      return { label, kind, doseUm: null, nImages: rows.length, rows };
    });
  };
  const doses = [...new Set(rows.map((row) => sites[row]!.dose_um))].sort((a, b) => (a ?? 0) - (b ?? 0));
  return [
    ...control("negative_control"),
    ...control("positive_control"),
    ...doses.map((doseUm): Group => {
      const own = rows.filter((row) => sites[row]!.dose_um === doseUm);
      const label = doseUm === null ? "no dose" : `${Number(doseUm.toPrecision(3))} µM`;
      return { label, kind: "dose", doseUm, nImages: own.length, rows: own };
    }),
  ];
}

/** One image of each well, then the second of each: few images then show many wells. */
function wellsInTurn(sites: readonly Site[], rows: readonly number[]): number[] {
  const nth = new Map<string, number>();
  const turns = rows.map((row) => {
    const well = sites[row]!.well_id;
    const turn = nth.get(well) ?? 0;
    nth.set(well, turn + 1);
    return { row, turn };
  });
  return turns.sort((a, b) => a.turn - b.turn || a.row - b.row).map(({ row }) => row);
}

async function drawn(dataset: Dataset, rows: readonly number[]) {
  const { heightPx, widthPx } = dataset.manifest;
  const { data, shape } = await dataset.readImages(rows);
  const perImage = shape[1] * heightPx * widthPx;
  const channels = displayOf(dataset.manifest);
  return Promise.all(
    rows.map(async (row, i) => {
      const table = new TablePicture({ nRows: 1, nColumns: 1, heightPx, widthPx, panels: ["composite"] }, channels);
      table.place(0, 0, data, i * perImage);
      const raw = { width: widthPx, height: heightPx, channels: 3 } as const;
      const fit = { width: MAX_SHOWN_PX, height: MAX_SHOWN_PX, fit: "inside", withoutEnlargement: true } as const;
      const png = await sharp(table.picture.data, { raw }).resize(fit).png().toBuffer();
      const { site_id: site, well, plate_id: plate } = dataset.sites[row]!;
      return { site, well, plate, png: png.toString("base64") };
    }),
  );
}
