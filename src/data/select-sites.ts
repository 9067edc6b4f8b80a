// Which of a screen's sites an import takes: by SQL over the metadata, by field, so many a well, so many in all.
import { SeededRandom } from "../core/seeded-random.ts";
import type { Site } from "../schema/dataset.ts";
import { type DatasetDefinition, SourceRow, type SourceSite } from "./datasets/define-dataset.ts";
import { withDuckDb } from "./duckdb.ts";
import { firstLine } from "./errors.ts";
import { badWhere, unknownFields } from "./errors-import.ts";
import type { Metadata } from "./metadata.ts";
import type { PlannedSite } from "./planned-site.ts";
import { type ColumnType, type ParquetRows, type ParquetSchema, RowScan } from "./row-scan.ts";
import type { Cell } from "./table-files.ts";

/** The part of a screen that is wanted; all of it when nothing is said. */
export interface Selection {
  /** SQL over the metadata's columns and the columns of every data set, e.g. `experiment = 'VERO-1' and dose_um > 1`. */
  readonly where?: string;
  /** Names of the fields of each well to keep, e.g. `["1"]`. */
  readonly sites?: readonly string[];
  /** So many fields of each well, drawn at random. */
  readonly perWell?: number;
  /** So many sites in all, drawn at random so that each plate and condition keeps its share. */
  readonly limit?: number;
  /** Equal seeds draw equal sites. @default 1 */
  readonly seed?: number;
}

/** Columns that every data set has, as `where` may name them. */
const SITE_NAMES = [
  ...["site_id", "well_id", "plate_id", "experiment", "plate", "well", "row", "column", "site", "cell_type", "role"],
  ...["condition", "treatment", "dose_um"],
] as (keyof Site & keyof SourceSite)[];

/**
 * Returns the 0-based rows of the metadata for which the SQL condition `where` is true, in their order.
 *
 * A column whose every value is a plain number compares as one (`plate = 1`, `dose > 0.3`); `007` stays text.
 * @throws GanDlError `bad-where`.
 */
export async function rowsWhere(where: string, dataset: DatasetDefinition, metadata: Metadata): Promise<number[]> {
  const columns = visibleColumns(where, dataset, metadata);
  const schema: ParquetSchema = {
    columns: [...columns.map(({ name, type }) => ({ name, type })), { name: ROW, type: "int" }],
  };
  const nRows = metadata.table.nRows;
  const numbers = Array.from({ length: nRows }, (_, i) => i);
  const rows: ParquetRows = { nRows, columns: [...columns.map(({ values }) => values), numbers] };
  return withDuckDb(async (connection) => {
    const scan = new RowScan(connection, schema);
    try {
      await connection.run("SET enable_external_access = false"); // a condition reads the metadata and nothing else
      return (await scan.query(rows, `SELECT ${ROW} FROM gandl_rows() WHERE (\n${where}\n) ORDER BY ${ROW}`)).map(
        (row) => Number(row[0]),
      );
    } catch (error) {
      const names = [
        ...metadata.table.columns.keys(),
        ...SITE_NAMES.filter((name) => !metadata.table.columns.has(name)),
      ];
      throw badWhere(where, firstLine(error), names, error);
    }
  });
}

const ROW = "gandl_row";

interface VisibleColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly values: readonly Cell[];
}

/** The columns that `where` names: the source's, then those of every data set that the source has not. */
function visibleColumns(where: string, dataset: DatasetDefinition, metadata: Metadata): VisibleColumn[] {
  const text = where.toLowerCase();
  const columns = new Map<string, VisibleColumn>();
  const put = (name: string, values: () => readonly Cell[]) => {
    const key = name.toLowerCase(); // SQL names ignore case; of two alike the first is seen
    if (!text.includes(key) || columns.has(key)) return;
    const cells = values();
    columns.set(key, { name, type: isNumeric(cells) ? "double" : "text", values: cells });
  };
  for (const [name, values] of metadata.table.columns) put(name, () => values);
  let sites: readonly (SourceSite | null)[] | null = null;
  for (const name of SITE_NAMES) {
    put(name, () => {
      sites ??= sitesOf(dataset, metadata);
      return sites.map((site) => site?.[name] ?? null);
    });
  }
  return [...columns.values()];
}

/** What each row means; null for a faulty one, which is told if it is selected. */
function sitesOf(dataset: DatasetDefinition, metadata: Metadata): (SourceSite | null)[] {
  return Array.from({ length: metadata.table.nRows }, (_, i) => {
    try {
      return dataset.site(new SourceRow(metadata.file, metadata.table.columns, i));
    } catch {
      return null;
    }
  });
}

const isNumeric = (values: readonly Cell[]) =>
  values.some((value) => value !== null) &&
  values.every((v) => v === null || typeof v === "number" || /^-?(0|[1-9]\d{0,14})(\.\d+)?(e[-+]?\d+)?$/i.test(v));

/** Applies what `selection` says beyond `where` to planned sites, keeping their order. @throws GanDlError `unknown-field`. */
export function sampleSites(planned: readonly PlannedSite[], selection: Selection): readonly PlannedSite[] {
  const seed = selection.seed ?? 1;
  let kept = planned;
  if (selection.sites !== undefined) {
    const names = new Set(kept.map(({ site }) => site.site));
    const unknown = selection.sites.filter((name) => !names.has(name));
    if (unknown.length > 0) throw unknownFields(unknown, [...names].sort());
    kept = kept.filter(({ site }) => selection.sites!.includes(site.site));
  }
  if (selection.perWell !== undefined) {
    const random = SeededRandom.forPart(seed, "import fields of wells");
    const each = selection.perWell;
    kept = draw(
      kept,
      ({ site }) => site.well_id,
      (groups) => groups.map((size) => Math.min(size, each)),
      random,
    );
  }
  if (selection.limit !== undefined && selection.limit < kept.length) {
    const random = SeededRandom.forPart(seed, "import limit");
    const stratum = ({ site }: PlannedSite) => `${site.plate_id}\0${site.condition ?? ""}\0${site.role}`;
    kept = draw(kept, stratum, (groups) => shares(groups, selection.limit!), random);
  }
  return kept;
}

/** Draws from each group as many as `quota` says, without replacement; the order stays. */
function draw(
  sites: readonly PlannedSite[],
  groupOf: (planned: PlannedSite) => string,
  quota: (sizes: readonly number[]) => readonly number[],
  random: SeededRandom,
): PlannedSite[] {
  const groups = new Map<string, number[]>();
  for (const [i, planned] of sites.entries()) {
    const key = groupOf(planned);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [i]);
    else group.push(i);
  }
  const members = [...groups.values()];
  const quotas = quota(members.map((group) => group.length));
  const taken = new Uint8Array(sites.length);
  for (const [g, group] of members.entries()) {
    for (const i of random.shuffle(group).slice(0, quotas[g])) taken[i] = 1;
  }
  return sites.filter((_, i) => taken[i] === 1);
}

/**
 * Splits `total` over groups in proportion to their sizes, whole numbers by largest remainder; `total` is at most their sum.
 * @example
 * ```ts no-run
 * shares([70, 20, 10], 5); // [4, 1, 0]
 * ```
 */
export function shares(sizes: readonly number[], total: number): number[] {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const exact = sizes.map((size) => (total * size) / all);
  const whole = exact.map(Math.floor);
  const left = total - whole.reduce((sum, n) => sum + n, 0);
  const byRemainder = exact
    .map((share, i) => ({ i, rest: share - whole[i]! }))
    .sort((a, b) => b.rest - a.rest || a.i - b.i);
  for (const { i } of byRemainder.slice(0, left)) whole[i]!++;
  return whole;
}
