// How sure the answers are: independent units, plates, and which answers are told from chance.
import type { ReportDocument, TaskRun } from "../schema/index.ts";
import { counted, formatScore } from "./format.ts";
import { mainEncoder, overallScores, questionsOf } from "./questions.ts";
import { isAboutBatches } from "./sections/batch.ts";

/** What a score means where it first stands. */
const MEANING: Readonly<Record<string, string>> = {
  AUC: "AUC is the chance that an image of one class scores above one of the other: 0.5 is luck, 1 tells all apart.",
  "balanced accuracy":
    "Balanced accuracy is the share called right, each class counting alike: with two classes 0.5 is luck, with four 0.25.",
};

/** What its scores mean, what is independent, and a sentence for each scored question of the main encoder. */
export function sureWords(document: ReportDocument): string[] {
  const main = mainEncoder(document);
  const runs = questionsOf(document)
    .filter((question) => !isAboutBatches(question))
    .flatMap((question) => question.runs.filter((run) => run.encoder === main).slice(0, 1));
  const metrics = new Set(
    questionsOf(document).flatMap(({ runs: all }) => all.map((run) => judged(run)?.metric ?? "")),
  );
  return [
    ...Object.entries(MEANING).flatMap(([metric, meaning]) => (metrics.has(metric) ? [meaning] : [])),
    runs.some(isFinerThanWells)
      ? "Intervals are 95 % intervals over independent units, which are wells unless it says otherwise: images alone are never counted as independent."
      : "Intervals are 95 % intervals over wells, not images: images of one well are near-duplicates and are never counted as independent.",
    ...runs.flatMap(sentence),
  ];
}

const judged = (run: TaskRun) => overallScores(run).find(({ role, chance }) => role === undefined && chance !== null);

/** Whether its units are parts of wells: where a class has one well on a plate, fields are all there is. */
const isFinerThanWells = (run: TaskRun): boolean => (judged(run)?.nUnits ?? 0) > run.nWells;

function sentence(run: TaskRun): string[] {
  const score = judged(run);
  if (!score) return [];
  const parts = isFinerThanWells(run)
    ? `, which are parts of ${counted(run.nWells, "well")} and so less independent than the interval takes them to be`
    : "";
  const units = `${counted(score.nUnits ?? run.nWells, "independent unit")} on ${counted(run.nPlates, "plate")}${parts}`;
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
