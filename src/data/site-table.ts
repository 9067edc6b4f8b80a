// sites.parquet: the columns that every data set has, then every column of the source.
import { z } from "zod";
import { Site } from "../schema/dataset.ts";
import { parseWith } from "../schema/parse.ts";
import type { PlannedSite } from "./planned-site.ts";
import type { ParquetRows, ParquetSchema } from "./row-scan.ts";
import type { Cell, Table } from "./table-files.ts";

/** Names and types of the columns of {@link Site}. */
const SITE_COLUMNS = [
  { name: "image_index", type: "int" },
  { name: "site_id", type: "text" },
  { name: "well_id", type: "text" },
  { name: "plate_id", type: "text" },
  { name: "experiment", type: "text" },
  { name: "plate", type: "text" },
  { name: "well", type: "text" },
  { name: "row", type: "int" },
  { name: "column", type: "int" },
  { name: "site", type: "text" },
  { name: "cell_type", type: "text" },
  { name: "role", type: "text" },
  { name: "condition", type: "text" },
  { name: "treatment", type: "text" },
  { name: "dose_um", type: "double" },
] as const satisfies readonly { name: keyof Site; type: string }[];

/** What quality control says of an image; see quality-flags.ts. */
const QUALITY_COLUMNS = [
  { name: "qc_flags", type: "text" },
  { name: "qc_duplicate_of", type: "text" },
] as const satisfies readonly { name: keyof Site; type: string }[];

/** The table of `sites`, in shard order, with the source's own columns behind. */
export function siteTable(
  sites: readonly PlannedSite[],
  source: Table,
  quality: { readonly flags: readonly (string | null)[]; readonly copies: readonly (string | null)[] },
): { schema: ParquetSchema; rows: ParquetRows } {
  const own = SITE_COLUMNS.map(({ name }) =>
    sites.map((planned, i) => (name === "image_index" ? i : planned.site[name])),
  );
  const extra = sourceColumns(sites, source);
  return {
    schema: {
      columns: [...SITE_COLUMNS, ...QUALITY_COLUMNS, ...extra.map(({ name }) => ({ name, type: "text" as const }))],
    },
    rows: {
      nRows: sites.length,
      columns: [...own, quality.flags, quality.copies, ...extra.map(({ values }) => values)],
    },
  };
}

/** Source columns that say something of their own; one whose name is taken by other values gets `source_` before it. */
function sourceColumns(sites: readonly PlannedSite[], source: Table): { name: string; values: Cell[] }[] {
  const taken = new Set<string>([...SITE_COLUMNS, ...QUALITY_COLUMNS].map(({ name }) => name));
  const columns: { name: string; values: Cell[] }[] = [];
  for (const [name, cells] of source.columns) {
    const values = sites.map(({ row }) => cells[row - 1] ?? null);
    const own = SITE_COLUMNS.find((column) => column.name === name);
    if (own !== undefined && own.name !== "image_index") {
      const key = own.name;
      if (sites.every(({ site }, i) => String(site[key] ?? "") === String(values[i] ?? ""))) continue;
    }
    // SQL names ignore case, so "Well" beside "well" needs the prefix too.
    let free = name;
    while (taken.has(free.toLowerCase())) free = `source_${free}`;
    taken.add(free.toLowerCase());
    columns.push({ name: free, values });
    // CXSMILES say more than chemistry programs read: the plain SMILES stands before the first " |".
    const plain = `${free}_plain`;
    if (/^smiles$/i.test(name) && !taken.has(plain.toLowerCase())) {
      taken.add(plain.toLowerCase());
      columns.push({
        name: plain,
        values: values.map((v) => (v === null ? null : String(v).split(" |", 1)[0]!.trim())),
      });
    }
  }
  return columns;
}

const Sites = z.array(Site.loose());

/** Reads the rows of `sites.parquet` back, checked. @throws GanDlError `bad-file-content`. */
export function sitesFromTable(table: Table, file: string): Site[] {
  const names = [...table.columns.keys()];
  const rows = Array.from({ length: table.nRows }, (_, i) =>
    Object.fromEntries(names.map((name) => [name, table.columns.get(name)![i] ?? null])),
  );
  return parseWith(Sites, rows, file, "import the data set again with --overwrite.");
}
