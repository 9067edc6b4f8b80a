// Putting every question to every encoder's profiles.
import { isGanDlError } from "../../core/index.ts";
import type { ProfileTable } from "../../profiles/index.ts";
import type { ComparedFigure, TaskRun } from "../../schema/index.ts";
import { type ComparisonRow, compareEmbeddings, runTask } from "../../tasks/index.ts";
import type { View } from "../view.ts";
import type { StudyQuestion } from "./questions.ts";

/** An encoder's profiles of one data set. */
export interface EncoderProfiles {
  readonly encoder: string;
  readonly table: ProfileTable;
}

/** Answers, and the questions that this data set cannot answer, with the reason. */
export interface Answers {
  readonly runs: readonly { readonly question: StudyQuestion; readonly run: TaskRun }[];
  /** Paired differences from the first encoder. */
  readonly comparison: readonly ComparedFigure[];
  readonly unanswered: readonly string[];
}

/** Draws behind the interval of a paired difference. */
const N_RESAMPLES = 500;

/** Asks every question of every encoder; the first encoder is the main one. A question that the wells cannot answer is told, not hidden. */
export function askAll(
  view: View,
  questions: readonly StudyQuestion[],
  encoders: readonly EncoderProfiles[],
  seed: number,
): Answers {
  const runs: { question: StudyQuestion; run: TaskRun }[] = [];
  const comparison: ComparedFigure[] = [];
  const unanswered = new Set<string>();
  for (const [done, question] of questions.entries()) {
    view.progress("evaluating", done, questions.length, `${done} / ${questions.length} questions`);
    const whom = question.encoders === "all" ? encoders : encoders.slice(0, 1);
    const compared = whom.length > 1 ? asked(() => inPairs(question, whom, seed)) : null;
    if (compared?.answer) {
      runs.push(...compared.answer.runs.map((run) => ({ question, run })));
      comparison.push(...compared.answer.rows.map(comparedFigure));
      continue;
    }
    for (const { encoder, table } of whom) {
      const { answer, why } = asked(() =>
        runTask(question.asked.task, table, question.asked.params, { seed, encoder }),
      );
      if (answer) runs.push({ question, run: answer });
      else unanswered.add(why);
    }
  }
  view.progress("evaluating", questions.length, questions.length, `${questions.length} questions`);
  view.endProgress();
  return { runs, comparison, unanswered: [...unanswered] };
}

/** All encoders at once, over the rows they share: each question is answered once, and the same wells are drawn for all. */
function inPairs({ asked }: StudyQuestion, encoders: readonly EncoderProfiles[], seed: number) {
  const named = encoders.map(({ encoder, table }) => ({ name: encoder, table }));
  return compareEmbeddings(named, [asked], { seed, nResamples: N_RESAMPLES });
}

/** An answer, or why there is none; what is no refusal is thrown on. */
function asked<T>(ask: () => T): { readonly answer: T | null; readonly why: string } {
  try {
    return { answer: ask(), why: "" };
  } catch (error) {
    if (!isGanDlError(error)) throw error;
    return { answer: null, why: error.message.split("\n")[0] ?? "" };
  }
}

function comparedFigure({ embedding, ci95, differenceCi95, ...row }: ComparisonRow): ComparedFigure {
  const pair = (interval: readonly [number, number] | null) => interval && ([...interval] as [number, number]);
  return { ...row, encoder: embedding, ci95: pair(ci95), differenceCi95: pair(differenceCi95) };
}
