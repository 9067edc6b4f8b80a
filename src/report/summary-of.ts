// Every figure the report states, as data: `summary.json`.
import type { FigureRef, ReportDocument, Summary, TaskResult, TaskRun } from "../schema/index.ts";
import { hitsCalled, questionsOf, resultsOf } from "./questions.ts";

type SummaryFigure = Summary["figures"][number];
type Stated = Pick<SummaryFigure, "metric" | "part" | "value" | "interval" | "chance" | "note">;

/**
 * Every figure of `renderReport(document)`, unrounded, in the order of the page.
 *
 * Rows of a table beyond the 400 that the page shows are held too. Scores, curve parameters, numeric cells of tables (`part` is the row's first cell) and counts of confusion matrices
 * (`part` is `true class → called class`). A figure that a truth names by its `figure` carries that truth.
 * @example
 * ```ts
 * import { summaryOf } from "gan-dl/report";
 * const summary = summaryOf({
 *   title: "A screen", createdAt: "2026-01-01T00:00:00Z", synthetic: true, private: false, summary: [], facts: [],
 *   stages: [{ name: "train", seconds: 2, imagesPerSecond: 50 }, { name: "embed", seconds: 1, imagesPerSecond: null }],
 *   training: [], stains: [], pictures: [], map: null, tasks: [], truths: [], commands: [], provenance: {}, citations: [],
 * });
 * console.assert(summary.totalSeconds === 3 && summary.figures.length === 0);
 * ```
 */
export function summaryOf(document: ReportDocument): Summary {
  const runs = questionsOf(document).flatMap((question) => question.runs);
  return {
    kind: "gandl-summary",
    schemaVersion: 1,
    createdAt: document.createdAt,
    synthetic: document.synthetic,
    figures: runs.flatMap((run) =>
      [...run.results.flatMap(statedBy), ...curvesTogether(run), ...hitsTogether(run)].map((stated) =>
        figureOf(stated, run, document),
      ),
    ),
    truths: document.truths,
    stages: document.stages,
    totalSeconds: document.stages.reduce((sum, stage) => sum + stage.seconds, 0),
  };
}

function figureOf(stated: Stated, run: TaskRun, document: ReportDocument): SummaryFigure {
  const names = (ref: FigureRef | undefined) =>
    ref !== undefined &&
    ref.task === run.task &&
    ref.encoder === run.encoder &&
    ref.metric === stated.metric &&
    ref.part === stated.part &&
    (ref.question === undefined || ref.question === run.question);
  return {
    task: run.task,
    question: run.question,
    split: run.split,
    encoder: run.encoder,
    ...stated,
    nWells: run.nWells,
    nImages: run.nImages,
    plantedTruth: document.truths.find((truth) => names(truth.figure))?.planted ?? null,
  };
}

function statedBy(result: TaskResult): Stated[] {
  switch (result.kind) {
    case "score":
      return [stated(result.metric, result.part, result.value, { interval: result.ci95, chance: result.chance })];
    case "confusion":
      return result.counts.flatMap((row, i) =>
        row.map((count, j) => stated("confusion", `${result.classes[i]} → ${result.classes[j]}`, count)),
      );
    case "curve":
      return curveFigures(result);
    case "table":
      return result.rows.flatMap((row) =>
        row.flatMap((cell, i) =>
          typeof cell === "number"
            ? [stated(`${result.name}: ${result.columns[i] ?? ""}`, i === 0 ? null : String(row[0]), cell)]
            : [],
        ),
      );
    default:
      return result satisfies never;
  }
}

/** What the overview says of a run with curves. */
function curvesTogether(run: TaskRun): Stated[] {
  const curves = resultsOf(run, "curve");
  const nGiven = curves.filter((curve) => curve.ec50Um !== null).length;
  const note = `of ${curves.length} treatments`;
  return curves.length > 0 ? [stated("treatments with an EC50", null, nGiven, { note })] : [];
}

function hitsTogether(run: TaskRun): Stated[] {
  const called = hitsCalled(run);
  return called ? [stated("treatments called hits", null, called.nHits, { note: `of ${called.nAll} treatments` })] : [];
}

function curveFigures(curve: Extract<TaskResult, { kind: "curve" }>): Stated[] {
  const ec50 = stated("EC50 (µM)", curve.name, curve.ec50Um, { interval: curve.ec50Ci95Um, note: curve.refused });
  if (!curve.fit) return [ec50];
  const { bottom, top, hill } = curve.fit;
  return [
    ec50,
    stated("curve bottom", curve.name, bottom),
    stated("curve top", curve.name, top),
    stated("Hill slope", curve.name, hill),
  ];
}

function stated(
  metric: string,
  part: string | null,
  value: number | null,
  more: Partial<Pick<Stated, "interval" | "chance" | "note">> = {},
): Stated {
  return { metric, part, value, interval: null, chance: null, note: null, ...more };
}
