// Several embeddings asked the same questions of the same wells, with intervals of their differences.
import type { z } from "zod";
import { pairedBootstrap } from "../math/paired-bootstrap.ts";
import { type ProfileTable, selectRows, textColumn } from "../profiles/profile-table.ts";
import type { TaskRun } from "../schema/task-result.ts";
import { checkedParams, type Task, type TaskContext } from "./define-task.ts";
import { notComparable, unpairedEmbeddings } from "./errors.ts";
import type { Figure } from "./figure.ts";
import type { TaskProgress } from "./progress.ts";

/** One embedding to be compared. */
export interface NamedProfiles {
  readonly name: string;
  readonly table: ProfileTable;
}

/** One question to be asked of all. */
export interface Asked<Schema extends z.ZodType = z.ZodType> {
  readonly task: Task<Schema>;
  readonly params: z.input<Schema>;
}

/** One line of the table: one figure of one embedding. */
export interface ComparisonRow {
  readonly task: string;
  readonly question: string;
  readonly metric: string;
  readonly embedding: string;
  readonly value: number;
  readonly ci95: readonly [number, number] | null;
  readonly chance: number | null;
  /** Value less that of the first embedding; null for the first itself. */
  readonly difference: number | null;
  /** 95 % interval of the difference, the same wells drawn for both. */
  readonly differenceCi95: readonly [number, number] | null;
  readonly nUnits: number;
}

/** All of it. */
export interface Comparison {
  readonly rows: readonly ComparisonRow[];
  readonly runs: readonly TaskRun[];
  readonly notes: readonly string[];
}

/** How embeddings are compared. */
export interface CompareOptions {
  readonly seed: number;
  /** Bootstrap draws behind an interval. @default 1000 */
  readonly nResamples?: number;
  readonly allowLeak?: boolean;
  /** Told between the pieces of each task; the stage begins with the embedding's name. */
  readonly onProgress?: TaskProgress | undefined;
}

/**
 * Runs every task on every embedding, over the rows they share, and compares their headline figures with the first one's in pairs.
 *
 * Rows are matched by `site_id`, else by `well_id` where it names rows one by one; else all tables must score the same units.
 * @throws GanDlError `unpaired-embeddings`, `not-comparable`, and what the tasks refuse.
 * @example
 * ```ts
 * import { compareEmbeddings, conditionTask } from "gan-dl/tasks";
 * import { fromColumns } from "gan-dl/profiles";
 * const n = 40, of = <T>(f: (i: number) => T) => Array.from({ length: n }, (_, i) => f(i));
 * const table = (x: (i: number) => number) => fromColumns(new Map<string, (string | number)[]>([
 *   ["plate_id", of((i) => `p${i % 2}`)], ["well_id", of((i) => `w${i}`)], ["condition", of((i) => (i % 4 < 2 ? "Mock" : "Active"))], ["feature_0", of(x)]]));
 * const params = { negative: { condition: ["Mock"] }, positive: { condition: ["Active"] }, nResamples: 50 };
 * const embeddings = [{ name: "sees", table: table((i) => (i % 4 < 2 ? 0 : 9) + (i % 7)) }, { name: "blind", table: table((i) => i % 7) }];
 * const { rows } = compareEmbeddings(embeddings, [{ task: conditionTask, params }], { seed: 1, nResamples: 50 });
 * console.assert(rows[1]!.difference! < 0 && rows[1]!.differenceCi95![1] < 0);
 * ```
 */
export function compareEmbeddings(
  embeddings: readonly NamedProfiles[],
  asked: readonly Asked[],
  options: CompareOptions,
): Comparison {
  const { shared, notes } = sharedRows(embeddings);
  const rows: ComparisonRow[] = [];
  const runs: TaskRun[] = [];
  for (const { task, params } of asked) {
    if (!task.evidence) throw notComparable(task.id);
    const found = shared.map(({ name, table }) => {
      const context: TaskContext = {
        seed: options.seed,
        encoder: name,
        allowLeak: options.allowLeak ?? false,
        onProgress: (stage, done, total) => options.onProgress?.(`${name}, ${task.id}: ${stage}`, done, total),
      };
      return { name, ...task.evidence!(table, checkedParams(task, table, params), context) };
    });
    runs.push(...found.map((f) => f.run));
    const metrics = (found[0]?.figures ?? []).map((figure) => figure.metric);
    for (const metric of metrics) {
      const figures = found.map((f) => f.figures.find((figure) => figure.metric === metric));
      const present = found.flatMap((f, i) => (figures[i] ? [{ name: f.name, run: f.run, figure: figures[i] }] : []));
      rows.push(...compareFigure(task.id, metric, present, options));
    }
  }
  return { rows, runs, notes };
}

function compareFigure(
  task: string,
  metric: string,
  present: readonly { readonly name: string; readonly run: TaskRun; readonly figure: Figure }[],
  { seed, nResamples = 1000 }: { readonly seed: number; readonly nResamples?: number },
): ComparisonRow[] {
  const first = present[0]!;
  const unitsOf = (figure: Figure) =>
    [...new Set(figure.units.map((unit, i) => `${figure.strata[i]}\u0000${unit}`))].sort().join("\n");
  for (const other of present.slice(1)) {
    if (unitsOf(other.figure) !== unitsOf(first.figure)) throw unpairedEmbeddings(first.name, other.name);
  }
  const { values, intervals, differences, nUnits } = pairedBootstrap(
    present.map((p) => p.figure),
    { seed, nResamples },
  );
  return present.map(({ name, run, figure }, i) => ({
    task,
    question: run.question,
    metric,
    embedding: name,
    value: values[i]!,
    ci95: intervals[i]!,
    chance: figure.chance,
    difference: i === 0 ? null : values[i]! - values[0]!,
    differenceCi95: i === 0 ? null : differences[i]!,
    nUnits,
  }));
}

/** The rows that all tables have, in the first one's order; all as they are where rows have no name of their own. */
function sharedRows(embeddings: readonly NamedProfiles[]): { shared: readonly NamedProfiles[]; notes: string[] } {
  const key = ["site_id", "well_id"].find((name) =>
    embeddings.every(({ table }) => {
      const values = table.metadata.get(name);
      return values !== undefined && new Set(values).size === table.nRows;
    }),
  );
  if (key === undefined)
    return {
      shared: embeddings,
      notes: ["Rows have no name that all embeddings share; they are compared unit by unit."],
    };
  const at = embeddings.map(({ table }) => new Map(textColumn(table, key).map((name, row) => [name, row])));
  const names = textColumn(embeddings[0]!.table, key).filter((name) => at.every((rows) => rows.has(name)));
  const [first, ...others] = embeddings;
  if (names.length === 0) throw unpairedEmbeddings(first!.name, others[0]?.name ?? first!.name);
  const notes = embeddings.flatMap(({ name, table }) =>
    table.nRows > names.length
      ? [`${table.nRows - names.length} rows of ${name} are not in every other embedding and were left out.`]
      : [],
  );
  const shared = embeddings.map(({ name, table }, i) => ({
    name,
    table: selectRows(
      table,
      names.map((n) => at[i]!.get(n)!),
    ),
  }));
  return { shared, notes };
}
