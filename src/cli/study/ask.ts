// Putting every question to every encoder's profiles.
import { isGanDlError } from "../../core/index.ts";
import type { ProfileTable } from "../../profiles/index.ts";
import type { TaskRun } from "../../schema/index.ts";
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
  readonly unanswered: readonly string[];
}

/** Asks every question of every encoder; the first encoder is the main one. A question that the wells cannot answer is told, not hidden. */
export function askAll(
  view: View,
  questions: readonly StudyQuestion[],
  encoders: readonly EncoderProfiles[],
  seed: number,
): Answers {
  const runs: { question: StudyQuestion; run: TaskRun }[] = [];
  const unanswered = new Set<string>();
  const total = questions.reduce((sum, { encoders: whom }) => sum + (whom === "all" ? encoders.length : 1), 0);
  let done = 0;
  for (const question of questions) {
    for (const { encoder, table } of question.encoders === "all" ? encoders : encoders.slice(0, 1)) {
      try {
        runs.push({ question, run: question.ask(table, { seed, encoder }) });
      } catch (error) {
        if (!isGanDlError(error)) throw error;
        unanswered.add(error.message.split("\n")[0] ?? "");
      }
      view.progress("evaluating", ++done, total, `${done} / ${total}`);
    }
  }
  view.endProgress();
  return { runs, unanswered: [...unanswered] };
}
