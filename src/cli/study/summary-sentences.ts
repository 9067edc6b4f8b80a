// What came out, a sentence a question: the figure, its interval, what is independent behind it, and what others score.
import type { TaskRun, TruthCheck } from "../../schema/index.ts";

/** Hits that the summary names. */
const MAX_NAMED = 8;

/** What was asked and what came out, in words. */
export function summarySentences({
  tasks,
  truths,
  mainEncoder,
}: {
  readonly tasks: readonly TaskRun[];
  readonly truths: readonly TruthCheck[];
  readonly mainEncoder: string;
}): string[] {
  const sentences = tasks
    .filter(({ encoder }) => encoder === mainEncoder)
    .flatMap((run) => sentenceOf(run, tasks) ?? []);
  if (truths.length > 0)
    sentences.push(
      `${truths.filter(({ verdict }) => verdict === "met").length} of ${truths.length} planted truths were met.`,
    );
  return sentences;
}

function sentenceOf(run: TaskRun, all: readonly TaskRun[]): string | null {
  const units = `${run.nWells} wells, ${run.nImages} images, ${run.nPlates} plates`;
  const curves = run.results.filter((result) => result.kind === "curve");
  if (curves.length > 0) {
    const with50 = curves
      .filter(({ ec50Um }) => ec50Um !== null)
      .map(({ name, ec50Um }) => `${name} ${ec50Um?.toPrecision(2)} µM`);
    return `${run.question} ${with50.length} of ${curves.length} treatments have an EC50${with50.length > 0 ? ` (${with50.join(", ")})` : ""}; ${units}.`;
  }
  const ranked = run.results.flatMap((result) => (result.kind === "table" ? hitsSentence(result) : []))[0];
  if (ranked !== undefined) return `${run.question} ${ranked}; ${units}.`;
  const score = overall(run);
  if (!score) return null;
  const interval =
    score.ci95 === null
      ? "no interval can be given"
      : `95 % interval ${score.ci95[0].toFixed(3)} to ${score.ci95[1].toFixed(3)}`;
  const chance = score.chance === null ? "" : `, chance ${score.chance.toFixed(2)}`;
  const others = all.filter((other) => other.question === run.question && other.encoder !== run.encoder);
  const beside = others.flatMap((other) => {
    const value = overall(other)?.value;
    return value === undefined ? [] : `${other.encoder} ${value.toFixed(3)}`;
  });
  const compared = beside.length === 0 ? "" : ` Beside it: ${beside.join("; ")}.`;
  return `${run.question} ${score.metric} ${score.value.toFixed(3)} (${interval}${chance}; ${units}).${compared}`;
}

/** The hits by name, each with its score and interval; nothing for a table that calls none. */
function hitsSentence({ columns, rows }: Extract<TaskRun["results"][number], { kind: "table" }>): string[] {
  const [verdict, from] = [columns.indexOf("verdict"), columns.indexOf("95 % from")];
  if (verdict < 0 || from < 1 || !columns.includes("q")) return [];
  const hits = rows.filter((row) => row[verdict] === "hit");
  const [metric, of] = [columns[from - 1], `${hits.length} of ${rows.length} treatments`];
  if (hits.length === 0) return [`${of} are called hits`];
  const text = (value: string | number | null | undefined) =>
    typeof value === "number" ? value.toFixed(2).replace("-", "−") : "none";
  const named = hits
    .slice(0, MAX_NAMED)
    .map((row) => `${row[0]} ${text(row[from - 1])}, 95 % interval ${text(row[from])} to ${text(row[from + 1])}`);
  const more = hits.length > MAX_NAMED ? `; ${hits.length - MAX_NAMED} more in the table` : "";
  return [`${of} called hits, by ${metric}: ${named.join("; ")}${more}`];
}

/** The first score over everything held out. */
function overall(run: TaskRun) {
  return run.results.flatMap((result) => (result.kind === "score" && result.part === null ? [result] : []))[0];
}
