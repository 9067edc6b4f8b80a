// Which rows a table's values were learned from, so that no transform can be tested on what it was fitted on unnoticed.
import { leakingTransform } from "./errors.ts";

/** One value of metadata. */
export type MetadataValue = string | number | null;

/** Where the rows of a table come from: row numbers of one source table, which selecting and transforming keep. */
export interface RowOrigin {
  /** Stands for the source table; compared by identity only. */
  readonly source: object;
  /** Row of the source, `[rows]`; null where row i is row i. */
  readonly rows: Int32Array | null;
}

/** That a transform was learned from some rows. */
export interface FitRecord {
  /** In words, e.g. `standardise`. */
  readonly step: string;
  /** The metadata column whose groups were fitted one by one, or null for one fit of all. */
  readonly by: string | null;
  readonly source: object;
  /** 1 for every row of the source that was learned from. */
  readonly used: Uint8Array;
}

/** What a table remembers of its making. */
export interface Lineage {
  readonly origin?: RowOrigin;
  readonly fits?: readonly FitRecord[];
}

/** Rows that know where they come from; every table of profiles is one. */
export interface Traced extends Lineage {
  readonly nRows: number;
  readonly metadata: ReadonlyMap<string, readonly MetadataValue[]>;
}

/** The metadata column that carries fits through files: the steps that learned from each row, joined by `; `. */
export const LEARNED_FROM = "learned_from";

/** Where a table's rows come from; a table as read is its own source. */
export function originOf(table: Traced): RowOrigin {
  return table.origin ?? { source: table.metadata, rows: null };
}

/** Origin of the given rows of a table. */
export function originOfRows(table: Traced, rows: ArrayLike<number>): RowOrigin {
  const { source, rows: from } = originOf(table);
  return { source, rows: Int32Array.from(rows, (row) => from?.[row] ?? row) };
}

/** Notes that `step` learned from these rows of a table. */
export function fitRecord(step: string, by: string | null, table: Traced, rows: ArrayLike<number> | null): FitRecord {
  const { source, rows: from } = originOf(table);
  const last = from ? from.reduce((a, b) => Math.max(a, b), -1) : table.nRows - 1;
  const used = new Uint8Array(last + 1);
  const n = rows?.length ?? table.nRows;
  for (let i = 0; i < n; i++) {
    const row = rows ? rows[i]! : i;
    used[from?.[row] ?? row] = 1;
  }
  return { step, by, source, used };
}

/** The table with new features and a fit added to what it remembers. */
export function withFit<T extends Traced>(table: T, changes: Partial<Omit<T, keyof Lineage>>, fit: FitRecord): T {
  return { ...table, ...changes, origin: originOf(table), fits: [...(table.fits ?? []), fit] };
}

/** Fits of a table whose rows were merged: a merged row was learned from where any of its members was. */
export function mergedLineage(table: Traced, groups: readonly (readonly number[])[], source: object): Lineage {
  if (!table.fits || table.fits.length === 0) return {};
  const learnedFrom = table.fits.map((fit) => rowsLearnedFrom(table, fit));
  const fits = table.fits.map((fit, k) => ({
    ...fit,
    source,
    used: Uint8Array.from(groups, (rows) => Number(rows.some((row) => learnedFrom[k]![row] === 1))),
  }));
  return { origin: { source, rows: null }, fits };
}

/** 1 for each row of the table that the fit learned from; `[rows]`. */
export function rowsLearnedFrom(table: Traced, fit: FitRecord): Uint8Array {
  const { source, rows } = originOf(table);
  if (source !== fit.source) return new Uint8Array(table.nRows);
  return Uint8Array.from({ length: table.nRows }, (_, i) => fit.used[rows?.[i] ?? i] ?? 0);
}

/** A table's fits as a metadata column, to be kept in files; null where there are none. */
export function learnedFromColumn(table: Traced): string[] | null {
  const fits = table.fits ?? [];
  if (fits.length === 0) return null;
  const used = fits.map((fit) => rowsLearnedFrom(table, fit));
  const words = fits.map(wordsOf);
  return Array.from({ length: table.nRows }, (_, i) => words.filter((_, k) => used[k]![i] === 1).join("; "));
}

/** The fits that a column of {@link learnedFromColumn} tells of. */
export function fitsFromColumn(metadata: ReadonlyMap<string, readonly MetadataValue[]>): Lineage {
  const column = metadata.get(LEARNED_FROM);
  if (!column) return {};
  const ofRow = column.map((value) => (value === null ? [] : String(value).split("; ").filter(Boolean)));
  const steps = [...new Set(ofRow.flat())];
  const fits = steps.map((words): FitRecord => {
    const [step, by] = words.split(" by ");
    return {
      step: step!,
      by: by ?? null,
      source: metadata,
      used: Uint8Array.from(ofRow, (w) => Number(w.includes(words))),
    };
  });
  return fits.length === 0 ? {} : { origin: { source: metadata, rows: null }, fits };
}

const wordsOf = ({ step, by }: FitRecord) => (by === null ? step : `${step} by ${by}`);

/** What transforms learned, seen from the rows that are to be tested. */
export interface LeakReport {
  /** One sentence a transform that learned from tested rows in a way that can flatter the result. */
  readonly leaks: readonly string[];
  /** One sentence a transform that is in order, to be printed beside the result. */
  readonly declared: readonly string[];
}

/**
 * Whether any transform of a table learned from rows that are about to be tested (docs/methods.md §7.1).
 *
 * In order: a fit that saw none of them; and a fit by group (plate) that saw every row of the table, whatever its class.
 * A leak: one fit over all that saw tested rows; and a fit by group on rows chosen by class that are themselves tested,
 * because then a class lies at 0 on every plate by construction.
 */
export function leaksInto(table: Traced, tested: ArrayLike<number>): LeakReport {
  const leaks: string[] = [];
  const declared: string[] = [];
  for (const fit of table.fits ?? []) {
    const used = rowsLearnedFrom(table, fit);
    const nUsed = used.reduce((sum, v) => sum + v, 0);
    let nTested = 0;
    for (let i = 0; i < tested.length; i++) nTested += used[tested[i]!]!;
    const words = wordsOf(fit);
    if (nTested === 0) declared.push(`${words} learned from none of the tested rows`);
    else if (fit.by !== null && nUsed === table.nRows) {
      declared.push(`${words} learned from all rows of each group, whatever their class`);
    } else if (fit.by !== null) {
      leaks.push(`${words} learned from ${nUsed} chosen rows, ${nTested} of which are tested`);
    } else leaks.push(`${words} learned from ${nUsed} rows, ${nTested} of which are tested`);
  }
  return { leaks, declared };
}

/**
 * Whether any transform learned from some of the rows that are compared with each other but not from the rest: it draws those that it
 * saw together, and the rest seem to differ from them. Whitening on the untreated wells does so to compounds.
 *
 * In order: a fit that saw none of them, or all alike; and a fit group by group, which only shifts and scales features.
 */
export function unevenFits(table: Traced, compared: ArrayLike<number>): LeakReport {
  const leaks: string[] = [];
  const declared: string[] = [];
  for (const fit of table.fits ?? []) {
    const used = rowsLearnedFrom(table, fit);
    let nSeen = 0;
    for (let i = 0; i < compared.length; i++) nSeen += used[compared[i]!]!;
    const words = wordsOf(fit);
    if (nSeen === 0) declared.push(`${words} learned from none of the rows that are compared`);
    else if (nSeen === compared.length) declared.push(`${words} learned from all rows that are compared`);
    else {
      const seen = `${words} learned from ${nSeen} of the ${compared.length} rows that are compared`;
      if (fit.by === null) leaks.push(`${seen}, which it draws together`);
      else declared.push(seen);
    }
  }
  return { leaks, declared };
}

/**
 * The declarations to print beside a held-out result.
 * @throws GanDlError `leaking-transform` where a transform learned from tested rows.
 */
export function refuseLeaks(table: Traced, tested: ArrayLike<number>): readonly string[] {
  const { leaks, declared } = leaksInto(table, tested);
  if (leaks.length > 0) throw leakingTransform(leaks);
  return declared;
}
