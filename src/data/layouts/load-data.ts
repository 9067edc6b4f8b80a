// CellProfiler's load-data tables, as JUMP and most image-based profiling pipelines keep them: one column a stain.
// Format: CellProfiler manual, LoadData; JUMP: https://broadinstitute.github.io/jump_hub.
import { SourceRow, siteOf } from "../datasets/define-dataset.ts";
import { tableDataset } from "../datasets/table.ts";
import { badLoadData } from "../errors-formats.ts";
import type { ImageSource } from "../image-source.ts";
import { type Metadata, readMetadata } from "../metadata.ts";
import type { Layout, OpenedLayout } from "./layout.ts";

const TABLES = ["load_data.csv", "load_data_with_illum.csv", "load_data.parquet", "load_data_with_illum.parquet"];
/** Illumination functions and outlines stand in such columns too, and are no stains. */
const NOT_STAINS = /^(Illum|Outline)/;

/** An image of one of so many rows must be there to tell where the paths begin. */
const ROWS_TRIED = 50;

/** Columns that say what was done to a well, under the names in use; the first that a table has counts. */
const TREATMENT = ["Metadata_pert_iname", "Metadata_Compound", "Metadata_Treatment", "Metadata_JCP2022"];
/** Only columns whose name gives the unit: a dose in another would be off by orders of magnitude. */
const DOSE_UM = ["Metadata_Dose_uM", "Metadata_dose_uM", "Metadata_Concentration_uM", "Metadata_concentration_uM"];
const CELL = ["Metadata_cell_line", "Metadata_Cell_Line", "Metadata_Cell_type"];

export const loadDataLayout: Layout = {
  id: "load-data",
  async open(source, options) {
    const metadata = await loadDataTable(source, options.metadata);
    if (metadata === null) return null;
    const stains = stainsOf(metadata);
    if (stains.length === 0 || !metadata.table.columns.has("Metadata_Well"))
      throw badLoadData(metadata.file, stains.length === 0 ? "no column names images" : "it has no Metadata_Well");
    return describe(source, metadata, stains);
  },
};

async function loadDataTable(source: ImageSource, path: string | undefined): Promise<Metadata | null> {
  if (path !== undefined) {
    const metadata = await readMetadata(source, [], path);
    return stainsOf(metadata).length > 0 ? metadata : null;
  }
  const folders = ["", ...(await source.list("")).filter((entry) => entry.endsWith("/"))];
  for (const folder of folders) {
    for (const name of TABLES) if (await source.has(folder + name)) return readMetadata(source, [], folder + name);
  }
  return null;
}

function stainsOf({ table }: Metadata): string[] {
  const names = [...table.columns.keys()].flatMap((name) => /^(?:FileName|URL)_(.+)$/.exec(name)?.[1] ?? []);
  return [...new Set(names)].filter((name) => !NOT_STAINS.test(name));
}

async function describe(source: ImageSource, metadata: Metadata, stains: readonly string[]): Promise<OpenedLayout> {
  const present = [...metadata.table.columns.keys()];
  const first = (names: readonly string[]) => names.find((name) => present.includes(name));
  const [treatment, dose, cell] = [first(TREATMENT), first(DOSE_UM), first(CELL)];
  const channels = stains.map((stain) => ({ name: stain.replace(/^Orig/, "") }));
  const base = tableDataset({ images: "{Metadata_Well}", channels }, present, metadata.file);
  const { folder, cut } = await foldersAway(source, metadata, stains);
  const dataset = {
    ...base,
    id: "load-data",
    title: `images listed in ${metadata.file}`,
    columns: ["Metadata_Well"],
    site(row: SourceRow) {
      const drug = treatment === undefined ? null : row.optional(treatment);
      return siteOf({
        experiment: row.optional("Metadata_Batch") ?? row.optional("Metadata_Source") ?? "load-data",
        plate: row.optional("Metadata_Plate") ?? "1",
        plateId: row.optional("Metadata_Plate") ?? "1",
        well: row.text("Metadata_Well"),
        site: row.optional("Metadata_Site") ?? "1",
        cellType: cell === undefined ? null : row.optional(cell),
        ...treatedAs(row, drug),
        treatment: drug,
        doseUm: dose === undefined ? null : row.number(dose),
      });
    },
    images: (row: SourceRow) => stains.map((stain) => cutFolders(pathOf(row, stain), cut)),
  };
  return { dataset, metadata: { ...metadata, folder }, source };
}

/** JUMP's words for controls: `pert_type` trt or control, and `control_type` negcon or poscon_…. */
function treatedAs(row: SourceRow, drug: string | null) {
  const type = row.optional("Metadata_pert_type") ?? "";
  const control = row.optional("Metadata_control_type") ?? type;
  if (control.startsWith("negcon")) return { role: "negative_control" } as const;
  if (control.startsWith("poscon")) return { role: "positive_control" } as const;
  if (control.startsWith("empty")) return { role: "blank" } as const;
  return { role: type === "trt" && drug !== null ? "treated" : "unknown" } as const;
}

/** The path of a stain's image as the table has it, with `/`. @throws GanDlError `bad-cell`. */
function pathOf(row: SourceRow, stain: string): string {
  const url = row.optional(`URL_${stain}`);
  if (row.optional(`FileName_${stain}`) === null && url !== null) return urlPath(url);
  const name = row.text(`FileName_${stain}`);
  const folder = row.optional(`PathName_${stain}`) ?? (url === null ? "" : urlPath(url).replace(/[^/]*$/, ""));
  return `${folder}/${name}`.replaceAll("\\", "/");
}

/** The path of `file:/a/b.tiff`, `s3://bucket/a/b.tiff` or `https://host/a/b.tiff`. */
function urlPath(url: string): string {
  const path = url.replace(/^file:(\/\/[^/]*)?/i, "").replace(/^\w+:\/\/[^/]+/, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a stray percent sign stands for itself
  }
}

const partsOf = (path: string) =>
  path.split("/").filter((part) => part !== "" && part !== "." && !/^[A-Za-z]:$/.test(part));
const cutFolders = (path: string, cut: number) => {
  const parts = partsOf(path);
  return parts.slice(Math.min(cut, parts.length - 1)).join("/");
};

/**
 * How many folders at the front of the paths are of the machine that wrote the table, and where the rest begins: the
 * fewest after which an image of the first rows is there. Where none is found, the paths stay whole, and the import
 * tells them as missing.
 */
async function foldersAway(
  source: ImageSource,
  { folder, file, table }: Metadata,
  stains: readonly string[],
): Promise<{ folder: string; cut: number }> {
  for (let i = 0; i < Math.min(table.nRows, ROWS_TRIED); i++) {
    const row = new SourceRow(file, table.columns, i);
    const stain = stains.find((name) => (row.optional(`FileName_${name}`) ?? row.optional(`URL_${name}`)) !== null);
    if (stain === undefined) continue;
    const path = pathOf(row, stain);
    const parts = partsOf(path);
    if (parts.includes("..")) break; // refused when the rows are planned
    for (let cut = 0; cut < parts.length; cut++) {
      for (const base of new Set(["", folder])) {
        if (await source.has(base + cutFolders(path, cut))) return { folder: base, cut };
      }
    }
  }
  return { folder: "", cut: 0 };
}
