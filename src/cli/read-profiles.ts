// Any table with ids and numeric columns as profiles: ours, RxRx embeddings with their metadata, CellProfiler tables.
import { GanDlError } from "../core/index.ts";
import { parseWellName, readFeatureTable, readTable } from "../data/index.ts";
import { dropMissing, type MetadataValue, type ProfileTable } from "../profiles/index.ts";

/** How a table is to be read; each is an option of the commands that read profiles. */
export interface ProfileSource {
  /** Patterns of feature columns, `*` for anything, joined by commas. */
  readonly features?: string;
  /** `our_name=their column`, joined by commas; `a+b` joins two columns. */
  readonly columns?: string;
  /** A table to be joined by site_id, else by well_id. */
  readonly metadata?: string;
}

/** Names by which features are known when nothing is said. */
const FEATURES = /^(feature_\d+|(Cells|Cytoplasm|Nuclei|Image)_.+)$/;
/** Columns of RxRx metadata under the names that tasks use. */
const ALIASES: Readonly<Record<string, string>> = {
  condition: "disease_condition",
  dose_um: "treatment_conc",
};

/**
 * Reads the profiles of a CSV or Parquet file.
 *
 * Features that are missing in more than 5 % of the rows are dropped, then rows that still miss some; both are told.
 * @returns the table and sentences on what was left out.
 */
export async function readProfiles(
  path: string,
  source: ProfileSource = {},
): Promise<{ table: ProfileTable; told: string[] }> {
  const isFeature = matcher(source.features);
  const read = await readFeatureTable(path, isFeature ? { isFeature } : { isFeature: (name) => FEATURES.test(name) });
  if (read.featureNames.length === 0) {
    throw new GanDlError("no-features", {
      what: `${path} has no feature columns.`,
      why: source.features
        ? `no column matches --features '${source.features}'.`
        : "features are columns named feature_0, feature_1, … or, as CellProfiler names them, Cells_…, Cytoplasm_…, Nuclei_…",
      fix: `say which columns are features, e.g. --features 'emb_*'. There are: ${[...read.metadata.keys()].slice(0, 20).join(", ")}.`,
    });
  }
  let metadata: Map<string, readonly MetadataValue[]> = new Map(read.metadata);
  if (source.metadata) metadata = await joined(path, metadata, read.nRows, source.metadata);
  addNamed(metadata, read.nRows, path, source.columns);
  addDerived(metadata, read.nRows);
  const { table, droppedFeatures, nDroppedRows } = dropMissing({ ...read, metadata });
  const told: string[] = [];
  if (droppedFeatures.length > 0)
    told.push(`${path}: ${droppedFeatures.length} features are missing in more than 5 % of the rows and were dropped.`);
  if (nDroppedRows > 0) told.push(`${path}: ${nDroppedRows} rows miss a feature and were dropped.`);
  return { table, told };
}

function matcher(features: string | undefined): ((name: string) => boolean) | null {
  if (!features) return null;
  const patterns = features.split(",").map(
    (p) =>
      new RegExp(
        `^${p
          .trim()
          .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
          .replaceAll("*", ".*")}$`,
      ),
  );
  return (name) => patterns.some((pattern) => pattern.test(name));
}

async function joined(path: string, own: ReadonlyMap<string, readonly MetadataValue[]>, nRows: number, file: string) {
  const table = await readTable(file);
  const key = ["site_id", "well_id"].find((name) => own.has(name) && table.columns.has(name));
  if (key === undefined) {
    throw new GanDlError("no-join", {
      what: `${file} cannot be joined to ${path}.`,
      why: "neither site_id nor well_id is a column of both.",
      fix: "name the column that both have, e.g. --columns site_id=ImageId.",
    });
  }
  const at = new Map(table.columns.get(key)!.map((name, row) => [String(name), row]));
  const rows = own.get(key)!.map((name) => at.get(String(name)) ?? -1);
  const nMissing = rows.filter((row) => row < 0).length;
  if (nMissing > 0) {
    throw new GanDlError("no-join", {
      what: `${nMissing} of ${nRows} rows of ${path} have no line in ${file}; the first is ${key} ${own.get(key)![rows.indexOf(-1)]}.`,
      why: "without its metadata a row belongs to no class.",
      fix: "join the metadata of the same data set, or leave those rows out of the embedding.",
    });
  }
  const out = new Map(own);
  for (const [name, values] of table.columns)
    if (!out.has(name))
      out.set(
        name,
        rows.map((row) => values[row] ?? null),
      );
  return out;
}

function addNamed(
  metadata: Map<string, readonly MetadataValue[]>,
  nRows: number,
  path: string,
  columns: string | undefined,
): void {
  for (const pair of columns ? columns.split(",") : []) {
    const [name = "", theirs = ""] = pair.split("=").map((part) => part.trim());
    const parts = theirs.split("+").map((part) => metadata.get(part));
    if (name === "" || parts.some((part) => part === undefined)) {
      throw new GanDlError("bad-columns", {
        what: `'${pair}' does not name a column of ${path}.`,
        why: `it has ${[...metadata.keys()].join(", ")}.`,
        fix: "write our name = theirs, e.g. --columns plate_id=Metadata_Plate,well_id=Metadata_Plate+Metadata_Well.",
      });
    }
    const values =
      parts.length === 1
        ? parts[0]!
        : Array.from({ length: nRows }, (_, i) => parts.map((part) => part![i] ?? "").join("_"));
    metadata.set(name, values);
  }
}

/** What tasks need and other tables call otherwise: RxRx's names, plates told apart by experiment, rows and columns of wells. */
function addDerived(metadata: Map<string, readonly MetadataValue[]>, nRows: number): void {
  const site = metadata.get("site_id");
  // {experiment}_{plate}_{well}_{site}, as RxRx writes it; the experiment may hold '-', not '_'
  const parts = site?.map((id) => /^([^_]+)_(\d+)_([A-Z]{1,2}\d+)_(\d+)$/.exec(String(id)));
  if (parts?.every((match) => match !== null)) {
    const set = (name: string, of: (match: RegExpExecArray) => string) => {
      if (!metadata.has(name))
        metadata.set(
          name,
          parts.map((match) => of(match!)),
        );
    };
    set("experiment", (m) => m[1]!);
    set("plate_id", (m) => `${m[1]}_${m[2]}`);
    set("well_id", (m) => `${m[1]}_${m[2]}_${m[3]}`);
    set("well", (m) => m[3]!);
  }
  for (const [ours, theirs] of Object.entries(ALIASES)) {
    if (!metadata.has(ours) && metadata.has(theirs)) metadata.set(ours, metadata.get(theirs)!);
  }
  const [experiment, plate] = [metadata.get("experiment"), metadata.get("plate")];
  if (!metadata.has("plate_id") && plate) {
    metadata.set(
      "plate_id",
      Array.from({ length: nRows }, (_, i) => (experiment ? `${experiment[i]}_${plate[i]}` : (plate[i] ?? null))),
    );
  }
  const wells = metadata.get("well")?.map((name) => parseWellName(String(name ?? "")));
  if (!metadata.has("row") && !metadata.has("column") && wells?.every((place) => place !== null)) {
    metadata.set(
      "row",
      wells.map((place) => place!.row),
    );
    metadata.set(
      "column",
      wells.map((place) => place!.column),
    );
  }
}
