// Every table of a report as plain rows, for spreadsheets and for text.
import type { ReportDocument, TaskRun } from "../schema/index.ts";
import { overallScores, questionsOf, resultsOf } from "./questions.ts";

/** One table: unrounded numbers, names as they are. */
export interface ReportTable {
  /** Unique, fit for a file's name: letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}
type Cell = string | number | null;
const INTERVAL_COLUMNS = ["95 % from", "95 % to"] as const;
const ends = (interval: readonly [number, number] | null): readonly Cell[] => interval ?? [null, null];

/**
 * Every table of a report, in the order of the page; those without rows are left out.
 * @param document borrowed.
 * @example
 * ```ts
 * import { reportTables } from "gan-dl/report";
 * const [stages] = reportTables({
 *   title: "A screen", createdAt: "2026-01-01T00:00:00Z", synthetic: true, private: false, summary: [], facts: [],
 *   stages: [{ name: "train", seconds: 2, imagesPerSecond: 50 }], training: [], stains: [], pictures: [], map: null,
 *   tasks: [], truths: [], commands: [], provenance: {}, citations: [],
 * });
 * console.assert(stages!.id === "01-stages" && stages!.rows[0]!.join() === "train,2,50");
 * ```
 */
export function reportTables(document: ReportDocument): ReportTable[] {
  const questions = questionsOf(document);
  const runs = questions.flatMap((question) => question.runs);
  const tables: Omit<ReportTable, "id">[] = [
    truthTable(document),
    scoreTable(runs),
    confusionTable(runs),
    curveTable(runs),
    pointTable(runs),
    ...runs.flatMap((run) =>
      resultsOf(run, "table").map(({ name, columns, rows }) => ({
        title: `${run.task}: ${name}, ${run.encoder}`,
        columns,
        rows,
      })),
    ),
    comparisonTable(document),
    ...(document.plateMaps ?? []).map((map) => ({
      title: `Plates: ${map.name}`,
      columns: ["plate", "row", "column", "value", "images"],
      rows: map.plates.flatMap(({ plate, wells }) =>
        wells.map((well): Cell[] => [plate, well.row + 1, well.column + 1, well.value, well.nImages ?? null]),
      ),
    })),
    mapTable(document),
    trainingTable(document),
    {
      title: "Stages",
      columns: ["stage", "seconds", "images per second"],
      rows: document.stages.map((s): Cell[] => [s.name, s.seconds, s.imagesPerSecond]),
    },
  ];
  return tables
    .filter(({ rows }) => rows.length > 0)
    .map((table, i) => ({ id: `${String(i + 1).padStart(2, "0")}-${fileWord(table.title)}`, ...table }));
}

/** Names from the data cannot leave the folder: what is neither letter nor digit becomes a hyphen. */
function fileWord(title: string): string {
  const plain = title.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return plain.slice(0, 60).replace(/^-+|-+$/g, "") || "table";
}

function truthTable({ truths }: ReportDocument): Omit<ReportTable, "id"> {
  return {
    title: "Truths",
    columns: ["what", "planted", "found", ...INTERVAL_COLUMNS, "verdict", "explanation"],
    rows: truths.map((t): Cell[] => [t.what, t.planted, t.found, ...ends(t.interval), t.verdict, t.explanation]),
  };
}

const RUN_COLUMNS = ["task", "question", "split", "encoder"] as const;
const runCells = (run: TaskRun): Cell[] => [run.task, run.question, run.split, run.encoder];

function scoreTable(runs: readonly TaskRun[]): Omit<ReportTable, "id"> {
  return {
    title: "Scores",
    columns: [
      ...[...RUN_COLUMNS, "metric", "part", "value", ...INTERVAL_COLUMNS, "chance"],
      ...["independent units", "role", "wells", "images", "plates"],
    ],
    rows: runs.flatMap((run) =>
      [...overallScores(run), ...resultsOf(run, "score").filter(({ part }) => part !== null)].map((s): Cell[] => [
        ...[...runCells(run), s.metric, s.part, s.value, ...ends(s.ci95), s.chance],
        ...[s.nUnits ?? null, s.role ?? null, run.nWells, run.nImages, run.nPlates],
      ]),
    ),
  };
}

function confusionTable(runs: readonly TaskRun[]): Omit<ReportTable, "id"> {
  return {
    title: "Confusion",
    columns: [...RUN_COLUMNS, "true", "called", "count"],
    rows: runs.flatMap((run) =>
      resultsOf(run, "confusion").flatMap(({ classes, counts }) =>
        counts.flatMap((row, i) =>
          row.map((count, j): Cell[] => [...runCells(run), classes[i] ?? "", classes[j] ?? "", count]),
        ),
      ),
    ),
  };
}

function curveTable(runs: readonly TaskRun[]): Omit<ReportTable, "id"> {
  return {
    title: "Dose-response curves",
    columns: [
      ...[...RUN_COLUMNS, "treatment", "EC50 (µM)", ...INTERVAL_COLUMNS],
      ...["bottom", "top", "Hill slope", "points", "why no EC50"],
    ],
    rows: runs.flatMap((run) =>
      resultsOf(run, "curve").map((c): Cell[] => [
        ...[...runCells(run), c.name, c.ec50Um, ...ends(c.ec50Ci95Um)],
        ...[c.fit?.bottom ?? null, c.fit?.top ?? null, c.fit?.hill ?? null, c.points.length, c.refused],
      ]),
    ),
  };
}

function pointTable(runs: readonly TaskRun[]): Omit<ReportTable, "id"> {
  return {
    title: "Dose-response points",
    columns: ["encoder", "treatment", "dose (µM)", "response", "plate", "set aside"],
    rows: runs.flatMap((run) =>
      resultsOf(run, "curve").flatMap((c) =>
        c.points.map((p): Cell[] => [
          run.encoder,
          c.name,
          p.doseUm,
          p.response,
          p.plate,
          c.setAsideUm?.includes(p.doseUm) ? "yes" : "no",
        ]),
      ),
    ),
  };
}

function comparisonTable({ comparison = [] }: ReportDocument): Omit<ReportTable, "id"> {
  return {
    title: "Encoders compared",
    columns: [
      ...["task", "question", "metric", "encoder", "value", ...INTERVAL_COLUMNS, "chance"],
      ...["difference from the first", "difference 95 % from", "difference 95 % to", "independent units"],
    ],
    rows: comparison.map((r): Cell[] => [
      ...[r.task, r.question, r.metric, r.encoder, r.value, ...ends(r.ci95), r.chance],
      ...[r.difference, ...ends(r.differenceCi95), r.nUnits],
    ]),
  };
}

function mapTable({ map }: ReportDocument): Omit<ReportTable, "id"> {
  const labels = map?.colourBy ?? [];
  return {
    title: "Map of the embedding",
    columns: ["x", "y", ...labels],
    rows: (map?.points ?? []).map((p): Cell[] => [p.x, p.y, ...labels.map((name) => p.labels[name] ?? null)]),
  };
}

function trainingTable({ training }: ReportDocument): Omit<ReportTable, "id"> {
  return {
    title: "Training",
    columns: ["kimg", "discriminator loss", "generator loss", "real score", "generated score", "R1"],
    rows: training.map((t): Cell[] => [t.kimg, t.dLoss, t.gLoss, t.realScore, t.fakeScore, t.r1]),
  };
}
