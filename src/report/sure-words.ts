// How sure the answers are: independent units, plates, and which answers are told from chance.
import type { ReportDocument, TaskRun } from "../schema/index.ts";
import { counted, formatScore } from "./format.ts";
import { mainEncoder, overallScores, questionsOf } from "./questions.ts";
import { isAboutBatches } from "./sections/batch.ts";

/** A sentence on what is independent, and one for each scored question of the main encoder. */
export function sureWords(document: ReportDocument): string[] {
  const main = mainEncoder(document);
  const runs = questionsOf(document)
    .filter((question) => !isAboutBatches(question))
    .flatMap((question) => question.runs.filter((run) => run.encoder === main).slice(0, 1));
  return [
    "Intervals are 95 % intervals over wells, not images: images of one well are near-duplicates and are never counted as independent.",
    ...runs.flatMap(sentence),
  ];
}

function sentence(run: TaskRun): string[] {
  const score = overallScores(run).find(({ role, chance }) => role === undefined && chance !== null);
  if (!score) return [];
  const units = `${counted(score.nUnits ?? run.nWells, "independent unit")} on ${counted(run.nPlates, "plate")}`;
  const chance = score.chance ?? 0;
  if (score.ci95 === null) return [`“${run.question}” rests on ${units}; no interval can be given.`];
  const [low, high] = score.ci95;
  const verdict =
    low > chance
      ? `the whole interval lies above chance, which is ${formatScore(chance)}`
      : high < chance
        ? "the whole interval lies below chance, which is a fault and no finding"
        : "the interval holds chance, so nothing is told apart, which is not proof that there is nothing";
  return [`“${run.question}” rests on ${units}: ${verdict}.`];
}
