// One question put to one file: read, transform, answer. The same on the main thread and on one of its own.
import { basename } from "node:path";
import { fitPipeline, parseStep } from "../../profiles/index.ts";
import type { TaskRun } from "../../schema/index.ts";
import { findTask, runTask, type TaskProgress } from "../../tasks/index.ts";
import { type ProfileSource, readProfiles } from "../read-profiles.ts";

/** A question that can be handed to a thread: values only. */
export interface EvaluateJob {
  readonly file: string;
  readonly source: ProfileSource;
  readonly taskId: string;
  readonly params: Record<string, unknown>;
  /** Transforms of all rows before the task, as `--step` takes them. */
  readonly steps: readonly string[];
  readonly seed: number;
  readonly allowLeak: boolean;
}

/** The answer, and what is to be said of the file. */
export interface EvaluateAnswer {
  readonly run: TaskRun;
  readonly told: readonly string[];
}

/** The file's name without its ending. */
export const encoderName = (file: string): string => basename(file).replace(/\.(parquet|csv|csv\.gz|tsv)$/, "");

const atOnce = <T>(call: () => Promise<T>): Promise<T> => call();

/**
 * @param reading makes the call that reads the file; a thread sees to it that it is not ended meanwhile.
 * @throws GanDlError what reading, transforming and the task refuse.
 */
export async function evaluateFile(
  job: EvaluateJob,
  onProgress: TaskProgress,
  reading: typeof atOnce = atOnce,
): Promise<EvaluateAnswer> {
  const task = findTask(job.taskId);
  const steps = job.steps.map(parseStep);
  onProgress("reading", 0, 0);
  const { table, told } = await reading(() => readProfiles(job.file, job.source));
  for (const step of job.steps) onProgress(step, 0, 0);
  const run = runTask(task, fitPipeline(table, steps).table, job.params, {
    seed: job.seed,
    encoder: encoderName(job.file),
    allowLeak: job.allowLeak,
    onProgress,
  });
  return { run: { ...run, notes: [...run.notes, ...told] }, told };
}
