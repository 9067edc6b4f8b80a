// `gandl evaluate`: embeddings to answers. Needs neither LibTorch nor a trained model of ours: any table with ids and feature_0 … will do.
import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Command } from "commander";
import { GanDlError } from "../../core/index.ts";
import type { TaskRun } from "../../schema/index.ts";
import { createView } from "../view.ts";
import { whole } from "./import.ts";

interface Options {
  embedding: string[];
  negative?: string;
  positive?: string;
  set: string[];
  seed: number;
  out?: string;
  json?: boolean;
}

const collect = (value: string, before: string[]): string[] => [...before, value];

export function addEvaluate(program: Command): void {
  program
    .command("evaluate")
    .summary("embeddings → answers with intervals")
    .description(
      "Puts a question to one or more embeddings. Tasks: condition (two classes on plates not learned from), plate-identity (batch effect), dose-response (which compounds rescue, at what dose).",
    )
    .argument("<task>", "condition, plate-identity or dose-response")
    .requiredOption(
      "--embedding <files...>",
      "Parquet or CSV with plate_id, well_id and feature_0 …; several are compared",
    )
    .option("--negative <rows>", "condition: the class that should score low, e.g. 'condition=Mock' or 'treatment='")
    .option(
      "--positive <rows>",
      "condition: the class that should score high, e.g. 'condition=Active SARS-CoV-2,treatment='",
    )
    .option(
      "--set <key=value>",
      'any parameter of the task; rows as JSON, e.g. --set \'rows={"condition":["Mock"]}\'',
      collect,
      [],
    )
    .option("--seed <n>", "decides folds and resampling", whole, 1)
    .option("--out <file.json>", "also write the results there")
    .option("--json", "print the results as JSON")
    .addHelpText(
      "after",
      "\nRows are column=value pairs joined by ','; values joined by '|'; nothing after '=' means empty.\n\nExample:\n  gandl evaluate condition --embedding runs/first/embedding.parquet --negative 'condition=Mock' --positive 'condition=Active SARS-CoV-2,treatment='",
    )
    .action(async (taskId: string, options: Options) => {
      const view = createView(options.json === true);
      const { readFeatureTable } = await import("../../data/index.ts");
      const { profileTable } = await import("../../profiles/index.ts");
      const { findTask, runTask } = await import("../../tasks/index.ts");
      const task = findTask(taskId);
      const params = paramsOf(options);
      const runs: TaskRun[] = [];
      for (const file of options.embedding) {
        const table = profileTable(await readFeatureTable(file));
        runs.push(
          runTask(task, table, params, {
            seed: options.seed,
            encoder: basename(file).replace(/\.(parquet|csv|csv\.gz)$/, ""),
          }),
        );
      }
      if (options.out) await writeFile(options.out, JSON.stringify(runs, null, 2));
      view.result(runs, runs.map(renderRun).join("\n\n"));
    });
}

/** `condition=Mock|Blank,treatment=` → `{ condition: ["Mock", "Blank"], treatment: [null] }`; numbers become numbers. */
export function parseRows(text: string): Record<string, (string | number | null)[]> {
  return Object.fromEntries(
    text.split(",").map((pair) => {
      const equals = pair.indexOf("=");
      if (equals < 1) {
        throw new GanDlError("bad-rows", {
          what: `'${pair}' does not choose rows.`,
          why: "it has no column before an '='.",
          fix: "write column=value, e.g. 'condition=Mock'.",
        });
      }
      const values = pair.slice(equals + 1).split("|");
      return [
        pair.slice(0, equals).trim(),
        values.map((value) => (value === "" ? null : Number.isFinite(Number(value)) ? Number(value) : value)),
      ];
    }),
  );
}

function paramsOf({ negative, positive, set }: Options): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  if (negative !== undefined) params.negative = parseRows(negative);
  if (positive !== undefined) params.positive = parseRows(positive);
  for (const pair of set) {
    const equals = pair.indexOf("=");
    const text = pair.slice(equals + 1);
    try {
      params[pair.slice(0, equals)] = JSON.parse(text);
    } catch {
      params[pair.slice(0, equals)] = text;
    }
  }
  return params;
}

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
