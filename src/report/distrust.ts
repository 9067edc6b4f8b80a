// What to distrust, as it follows from the results themselves: each check is a function that finds a fault or finds nothing.
import type { ReportDocument, Score, TaskRun } from "../schema/index.ts";
import { counted, formatNumber, formatScore } from "./format.ts";
import { mainEncoder, overallScores, type Question, questionsOf, resultsOf } from "./questions.ts";
import { isAboutBatches } from "./sections/batch.ts";
import { scoreUnder, splitOfMetric } from "./sections/splits.ts";

/** Fewer plates than this say little about the next plate. */
const FEW_PLATES = 4;
/** Above so much more than plates held out, another split is said to flatter. */
const FLATTERY = 0.03;
/** AUC at which the position of a well is a rival explanation. */
const POSITION_TELLS = 0.7;

/** Encoders that learned nothing from the images: if they do as well, learning is not what did it. */
const PLAINER = /untrained|intensity|brightness|morpholog/i;

type Found = readonly string[];

/** Sentences on what to distrust, gravest first; empty where no check found anything, which proves nothing. */
export function distrustOf(document: ReportDocument): string[] {
  const main = mainEncoder(document);
  const questions = questionsOf(document).flatMap((question) => {
    const run = question.runs.find((r) => r.encoder === main);
    return run ? [{ question, run }] : [];
  });
  const own = questions.filter(({ question }) => !isAboutBatches(question));
  return [
    ...missedTruths(document),
    ...fewPlates(own.map(({ run }) => run)),
    ...own.flatMap(({ run }) => [...position(run), ...noInterval(run), ...flatteringSplits(run)]),
    ...plainerEncoders(document),
    ...questions.flatMap(({ question, run }) => plateTold(question, run)),
    ...overlappingControls(own.map(({ run }) => run)),
    ...own.flatMap(({ run }) => refusedCurves(run)),
    ...(document.unanswered ?? []).map((why) => `Not answered: ${why}`),
  ];
}

function missedTruths({ truths, synthetic }: ReportDocument): Found {
  const missed = truths.filter(({ verdict }) => verdict === "missed");
  if (missed.length === 0) return [];
  const kind = synthetic ? "planted" : "known";
  return [
    `${missed.length} of ${counted(truths.length, `${kind} truth`)} missed: ${missed.map(({ what }) => what).join("; ")}. Answers of the same kind elsewhere in this report may be as wrong.`,
  ];
}

function fewPlates(runs: readonly TaskRun[]): Found {
  const fewest = Math.min(...runs.map((run) => run.nPlates));
  if (runs.length === 0 || fewest >= FEW_PLATES) return [];
  const plates = counted(fewest, "plate");
  return [
    `Only ${plates} ${fewest === 1 ? "was" : "were"} there to learn from and to test on: an interval over wells cannot say how much the next plate will differ.`,
  ];
}

function headline(run: TaskRun): Score | undefined {
  return overallScores(run).find((score) => score.role === undefined && score.chance !== null);
}

/** Whether a score is told from chance: where it is not, there is no finding that a rival could explain. */
function isTold({ value, ci95, chance }: Pick<Score, "value" | "ci95" | "chance">): boolean {
  return chance !== null && (ci95 === null ? value : ci95[0]) > chance;
}

function noInterval(run: TaskRun): Found {
  const score = headline(run);
  return score && score.ci95 === null
    ? [
        `“${run.question}” has no interval: too few independent wells are left (${counted(run.nWells, "well")}), or no draw of them changes the figure.`,
      ]
    : [];
}

/** A rival that needs no image. */
function position(run: TaskRun): Found {
  const score = headline(run);
  return overallScores(run).flatMap((leak) => {
    if (leak.role !== "leak-check" || !score || leak.chance !== 0.5 || !isTold(score)) return [];
    const near = score.ci95 !== null && leak.value >= score.ci95[0] && leak.value > 0.6;
    if (leak.value < POSITION_TELLS && !near) return [];
    return [
      `“${run.question}” can partly be answered without any image: ${leak.metric} is ${formatScore(leak.value)}, beside ${formatScore(score.value)} for the profiles. Class and place on the plate are confounded.`,
    ];
  });
}

function flatteringSplits(run: TaskRun): Found {
  const base = overallScores(run).flatMap(({ metric }) => splitOfMetric(metric)?.metric ?? [])[0];
  const plates = base === undefined ? undefined : scoreUnder(run, base, "plates held out");
  if (base === undefined || !plates || !isTold(plates)) return [];
  const experiments = scoreUnder(run, base, "experiments held out");
  const harder =
    experiments && plates.value - experiments.value >= FLATTERY
      ? [
          `“${run.question}” is answered worse on experiments not learned from (${base} ${formatScore(experiments.value)}) than on plates not learned from (${formatScore(plates.value)}): expect the lower figure on new data.`,
        ]
      : [];
  const flattering = (["random images held out", "random wells held out"] as const).flatMap((held) => {
    const other = scoreUnder(run, base, held);
    if (!other || other.value - plates.value < FLATTERY) return [];
    return [
      `“${run.question}” looks easier than it is with ${held} (${base} ${formatScore(other.value)}) than with plates held out (${formatScore(plates.value)}): part of that is knowing the ${held.includes("images") ? "well" : "plate"}. Quote the latter.`,
    ];
  });
  return [...flattering, ...harder];
}

/** Rivals that do as well: then what sets the main encoder apart is not shown to matter. */
function plainerEncoders({ comparison = [] }: ReportDocument): Found {
  const first = new Set<string>();
  const headlines = comparison.filter((row) => {
    if (isAboutBatches(row)) return false;
    const key = JSON.stringify([row.task, row.question, row.encoder]);
    return !first.has(key) && first.add(key);
  });
  return headlines.flatMap((row) => {
    const { difference, differenceCi95 } = row;
    // Where the main encoder itself finds nothing, that others find nothing either is no fault.
    const main = headlines.find((r) => r.difference === null && r.task === row.task && r.question === row.question);
    if (difference === null || differenceCi95 === null || !main || !isTold(main) || differenceCi95[1] < 0) return [];
    if (!PLAINER.test(row.encoder)) return [];
    const how = differenceCi95[0] > 0 ? "does better than" : "does no worse than";
    const lesson = /untrained/i.test(row.encoder)
      ? "training is not shown to have helped"
      : "the plainer explanation is not ruled out";
    return [
      `“${row.question}”: ${row.encoder} ${how} ${main.encoder} (${row.metric} ${formatScore(row.value)} against ${formatScore(main.value)}; 95 % interval of the difference ${differenceCi95.map(formatScore).join(" to ")}), so ${lesson}.`,
    ];
  });
}

function plateTold(question: Question, run: TaskRun): Found {
  if (!isAboutBatches(question)) return [];
  return overallScores(run)
    .filter((score) => score.chance !== null && score.role === undefined && score.metric.endsWith("balanced accuracy"))
    .slice(0, 1)
    .flatMap(({ metric, value, ci95, chance }) => {
      if (ci95 === null || chance === null || ci95[0] <= chance) return [];
      return [
        `“${run.question}” Yes, more often than by chance: ${metric} ${formatScore(value)} (95 % interval ${ci95.map(formatScore).join(" to ")}, chance ${formatScore(chance)}). Whatever differs between plates may pass for an effect unless both classes are on every plate.`,
      ];
    });
}

function overlappingControls(runs: readonly TaskRun[]): Found {
  const low = runs.flatMap(overallScores).find(({ metric, value }) => metric.startsWith("Z′") && value < 0);
  return low
    ? [
        `${low.metric} of the controls is ${formatScore(low.value)}, below 0: healthy and diseased wells overlap, so a single well decides nothing and weak compounds are missed.`,
      ]
    : [];
}

function refusedCurves(run: TaskRun): Found {
  const curves = resultsOf(run, "curve");
  const refused = curves.filter(({ ec50Um }) => ec50Um === null);
  if (refused.length === 0) return [];
  return [
    `${formatNumber(refused.length)} of ${counted(curves.length, "treatment")} ${refused.length === 1 ? "has" : "have"} no EC50, and the reason stands beside each curve. No EC50 is not the same as no effect.`,
  ];
}
