// One task's results as lines for a terminal.
import type { TaskResult, TaskRun } from "../schema/index.ts";

const format = (value: number) => value.toFixed(3);
/** Width of the column of names. */
const NAME_WIDTH = 44;
/** Rows of a table that are printed; --json and --out have all. */
const MAX_ROWS = 40;

/** One task's results as lines for a terminal: every score with its interval and the number of independent units behind it. */
export function renderRun(run: TaskRun): string {
  const units = `${run.nWells} wells, ${run.nImages} images, ${run.nPlates} plates; ${run.split}; seed ${run.seed}`;
  return [
    `${run.encoder}: ${run.question}`,
    ...run.results.flatMap(linesOf).map((line) => `  ${line}`),
    `  ${units}`,
    ...run.notes.map((note) => `  note: ${note}`),
  ].join("\n");
}

function linesOf(result: TaskResult): string[] {
  switch (result.kind) {
    case "score": {
      const { metric, part, value, ci95, chance, nUnits } = result;
      const interval = ci95 ? `[${ci95.map(format).join(", ")}]` : "no interval";
      const told = [chance === null ? "" : `chance ${format(chance)}`, nUnits === undefined ? "" : `n = ${nUnits}`];
      const beside = told.filter((words) => words !== "").join(", ");
      const name = (part ? `${metric}, ${part}` : metric).padEnd(NAME_WIDTH);
      return [`${name} ${format(value)} ${interval.padEnd(14)}${beside === "" ? "" : `  (${beside})`}`];
    }
    case "curve": {
      const interval = result.ec50Ci95Um ? ` [${result.ec50Ci95Um.map((v) => v.toPrecision(2)).join(", ")}]` : "";
      const ec50 = result.ec50Um === null ? `no EC50: ${result.refused}` : `EC50 ${result.ec50Um.toPrecision(3)} µM`;
      return [`${result.name.padEnd(NAME_WIDTH)} ${ec50}${interval}`];
    }
    case "confusion": {
      const rows = result.classes.map((name, i) => [
        `true ${name}`,
        ...result.classes.map((_, j) => result.counts[i]?.[j] ?? 0),
      ]);
      return aligned(["called", ...result.classes], rows);
    }
    case "table":
      return [result.name, ...aligned(result.columns, result.rows).map((line) => `  ${line}`)];
    default:
      return result satisfies never;
  }
}

/** Columns of one width each, numbers to the right. */
function aligned(columns: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string[] {
  const text = (cell: string | number | null) =>
    typeof cell === "number" ? String(Number(cell.toPrecision(4))) : (cell ?? "–");
  const shown = [columns, ...rows.slice(0, MAX_ROWS).map((row) => row.map(text))];
  const isNumber = columns.map((_, j) => rows.some((row) => typeof row[j] === "number"));
  const width = columns.map((_, j) => Math.max(...shown.map((row) => (row[j] ?? "").length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, j) => (isNumber[j] ? cell.padStart(width[j]!) : cell.padEnd(width[j]!)))
      .join("  ")
      .trimEnd();
  const left = rows.length - MAX_ROWS;
  return [...shown.map(line), ...(left > 0 ? [`… and ${left} more rows: --json or --out FILE has them all`] : [])];
}
