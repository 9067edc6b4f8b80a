// Task runs arranged as questions: the same question, split and task asked of several encoders stand together.
import type { ReportDocument, Score, TaskResult, TaskRun } from "../schema/index.ts";

/** One question and the answer of every encoder. */
export interface Question {
  /** Unique on the page. */
  readonly id: string;
  readonly task: string;
  readonly title: string;
  readonly question: string;
  readonly split: string;
  /** The main encoder first, others as they came. */
  readonly runs: readonly TaskRun[];
}

/** The encoder that the report is about. */
export function mainEncoder(document: Pick<ReportDocument, "mainEncoder" | "tasks">): string | null {
  return document.mainEncoder ?? document.tasks[0]?.encoder ?? null;
}

/** Groups runs by task, question and split, in order of first appearance. */
export function questionsOf(document: Pick<ReportDocument, "mainEncoder" | "tasks">): Question[] {
  const main = mainEncoder(document);
  const groups = new Map<string, TaskRun[]>();
  for (const run of document.tasks) {
    const key = JSON.stringify([run.task, run.question, run.split]);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()].map((runs, index) => ({
    id: `question-${index + 1}`,
    task: runs[0]!.task,
    title: runs[0]!.title,
    question: runs[0]!.question,
    split: runs[0]!.split,
    runs: [...runs.filter((run) => run.encoder === main), ...runs.filter((run) => run.encoder !== main)],
  }));
}

/** The results of one kind. */
export function resultsOf<K extends TaskResult["kind"]>(run: TaskRun, kind: K): Extract<TaskResult, { kind: K }>[] {
  return run.results.filter((result): result is Extract<TaskResult, { kind: K }> => result.kind === kind);
}

/** Scores over everything held out; parts (plates) left aside. */
export function overallScores(run: TaskRun): Score[] {
  return resultsOf(run, "score").filter((score) => score.part === null);
}

/** Names of the metrics of several runs, in order of first appearance; the first is the one a chart shows. */
export function metricsOf(runs: readonly TaskRun[]): string[] {
  return [...new Set(runs.flatMap((run) => overallScores(run).map((score) => score.metric)))];
}

/** How many rows of a run's ranked table are called hits, of how many; null where no table gives verdicts on hits. */
export function hitsCalled(run: TaskRun): { readonly nHits: number; readonly nAll: number } | null {
  for (const { columns, rows } of resultsOf(run, "table")) {
    const at = columns.indexOf("verdict");
    if (at < 0 || !columns.includes("q")) continue;
    return { nHits: rows.filter((row) => row[at] === "hit").length, nAll: rows.length };
  }
  return null;
}
