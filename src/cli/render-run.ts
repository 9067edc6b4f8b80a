// One task's results as lines for a terminal.
import type { TaskRun } from "../schema/index.ts";

const format = (value: number) => value.toFixed(3);

/** One task's results as lines for a terminal. */
export function renderRun(run: TaskRun): string {
  const lines = run.results.flatMap((result) => {
    switch (result.kind) {
      case "score": {
        const interval = result.ci95 ? ` [${result.ci95.map(format).join(", ")}]` : "";
        const chance = result.chance === null ? "" : `  (chance ${format(result.chance)})`;
        return [
          `  ${`${result.metric}${result.part ? `, ${result.part}` : ""}`.padEnd(44)} ${format(result.value)}${interval}${chance}`,
        ];
      }
      case "curve":
        return [
          `  ${result.name.padEnd(44)} ${result.ec50Um === null ? `no EC50: ${result.refused}` : `EC50 ${result.ec50Um.toPrecision(3)} µM`}${result.ec50Ci95Um ? ` [${result.ec50Ci95Um.map((v) => v.toPrecision(2)).join(", ")}]` : ""}`,
        ];
      case "confusion":
        return result.classes.map(
          (name, i) =>
            `  ${`true ${name}`.padEnd(44)} ${result.classes.map((called, j) => `${called} ${result.counts[i]?.[j] ?? 0}`).join("  ")}`,
        );
      case "table":
        return [
          `  ${result.name}`,
          `    ${result.columns.join("  ")}`,
          ...result.rows.map(
            (row) =>
              `    ${row.map((cell) => (typeof cell === "number" ? Number(cell.toPrecision(4)) : (cell ?? "–"))).join("  ")}`,
          ),
        ];
      default:
        return result satisfies never;
    }
  });
  const units = `${run.nWells} wells, ${run.nImages} images, ${run.nPlates} plates; ${run.split}; seed ${run.seed}`;
  return [
    `${run.encoder}: ${run.question}`,
    ...lines,
    `  ${units}`,
    ...run.notes.map((note) => `  note: ${note}`),
  ].join("\n");
}
