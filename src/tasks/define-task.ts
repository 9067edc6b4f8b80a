// What a task is: the metadata it needs, its parameters, and a pure function from profiles to results.
import type { z } from "zod";
import { expectWellsOfOnePlate, type ProfileTable } from "../profiles/profile-table.ts";
import type { TaskRun } from "../schema/task-result.ts";
import { badTaskParams, missingMetadata } from "./errors.ts";
import type { Evidence } from "./figure.ts";
import { paramsFaults } from "./params-faults.ts";
import type { TaskProgress } from "./progress.ts";

/** What every task is told beside its own parameters. */
export interface TaskContext {
  /** Decides folds and resampling; equal seeds give equal results. */
  readonly seed: number;
  /** What made the profiles, in words a report can print. */
  readonly encoder: string;
  /** Run also on profiles that were transformed by what is tested; the result then says so. @default false */
  readonly allowLeak?: boolean;
  /** Told between the pieces of long work; results do not depend on it. */
  readonly onProgress?: TaskProgress | undefined;
}

/** One question asked of profiles. */
export interface Task<Schema extends z.ZodType = z.ZodType> {
  readonly id: string;
  readonly title: string;
  /** One sentence: what it answers and how. */
  readonly description: string;
  /** Metadata columns it reads. */
  readonly needs: readonly string[];
  readonly params: Schema;
  run(table: ProfileTable, params: z.output<Schema>, context: TaskContext): TaskRun;
  /** The same, with the figures that can be taken again on resampled units; `compare` needs it. */
  evidence?(table: ProfileTable, params: z.output<Schema>, context: TaskContext): Evidence;
}

/** Gives a task its types. */
export function defineTask<Schema extends z.ZodType>(task: Task<Schema>): Task<Schema> {
  return task;
}

/**
 * Checks metadata and parameters, then runs the task.
 * @param params as written by the caller; defaults are filled.
 * @throws GanDlError `missing-metadata`, `well-on-two-plates`, `bad-task-params` (listing every fault), and what the task itself refuses.
 * @example
 * ```ts
 * import { conditionTask, runTask } from "gan-dl/tasks";
 * import { fromColumns } from "gan-dl/profiles";
 * const n = 40, of = (f: (i: number) => string) => Array.from({ length: n }, (_, i) => f(i));
 * const table = fromColumns(new Map<string, (string | number)[]>([
 *   ["plate_id", of((i) => `p${i % 2}`)], ["well_id", of((i) => `w${i}`)], ["condition", of((i) => (i % 4 < 2 ? "Mock" : "Active"))],
 *   ["feature_0", Array.from({ length: n }, (_, i) => (i % 4 < 2 ? i : 100 + i))],
 * ]));
 * const params = { negative: { condition: ["Mock"] }, positive: { condition: ["Active"] }, nResamples: 50 };
 * const run = runTask(conditionTask, table, params, { seed: 1, encoder: "example" });
 * console.assert(run.results.some((r) => r.kind === "score" && r.metric === "AUC" && r.value === 1));
 * ```
 */
export function runTask<Schema extends z.ZodType>(
  task: Task<Schema>,
  table: ProfileTable,
  params: z.input<Schema>,
  context: TaskContext,
): TaskRun {
  return task.run(table, checkedParams(task, table, params), context);
}

/** Parameters with their defaults. @throws GanDlError `missing-metadata`, `well-on-two-plates`, `bad-task-params`. */
export function checkedParams<Schema extends z.ZodType>(
  task: Task<Schema>,
  table: ProfileTable,
  params: z.input<Schema>,
): z.output<Schema> {
  const missing = task.needs.filter((name) => !table.metadata.has(name));
  if (missing.length > 0) throw missingMetadata(task.id, missing, [...table.metadata.keys()]);
  expectWellsOfOnePlate(table);
  const parsed = task.params.safeParse(params);
  if (!parsed.success) throw badTaskParams(task.id, paramsFaults(task.params, params, parsed.error));
  return parsed.data;
}
