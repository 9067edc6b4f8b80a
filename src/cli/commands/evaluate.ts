// `gandl evaluate`: embeddings to answers. Needs neither LibTorch nor a trained model of ours: any table with ids and numeric columns will do.
import { stat } from "node:fs/promises";
import { availableParallelism, freemem } from "node:os";
import type { Command } from "commander";
import { GanDlError } from "../../core/index.ts";
import { writeWhole } from "../../data/write-whole.ts";
import type { TaskRun } from "../../schema/index.ts";
import { PARAMETERS_HELP } from "../evaluate/parameters-help.ts";
import { checkOutput } from "../output/check-output.ts";
import type { ProfileSource } from "../read-profiles.ts";
import { renderRun } from "../render-run.ts";
import { createView, type View } from "../view.ts";
import { evaluateTable, type TableOptions } from "./evaluate-table.ts";
import { number, whole } from "./import.ts";

interface Options extends ProfileSource, TableOptions {
  embedding?: string[];
  negative?: string;
  positive?: string;
  known?: string;
  step: string[];
  allowLeak?: boolean;
  set: string[];
  seed: number;
  threads?: number;
  out?: string;
  json?: boolean;
}

export { renderRun };

/** Gathers an option that may be repeated. */
export const collect = (value: string, before: string[]): string[] => [...before, value];

export function addEvaluate(program: Command): void {
  program
    .command("evaluate")
    .summary("embeddings → answers with intervals")
    .description(
      "Puts a question to one or more embeddings: any Parquet or CSV with ids and numeric columns. Tasks: condition (two classes on plates not learned from), cell-type, perturbation (which treatment or gene), hits (which compounds rescue, beyond luck), dose-response (at what dose), retrieval (do replicates find each other), batch-effects and plate-identity (how much do plates differ).",
    )
    .argument(
      "<task>",
      "condition, cell-type, perturbation, hits, dose-response, retrieval, batch-effects or plate-identity",
    )
    .option("--embedding <files...>", "Parquet or CSV with plate_id, well_id and features; each is evaluated")
    .option("--metadata <file>", "joined to the embeddings by site_id or well_id, e.g. RxRx's metadata.csv")
    .option(
      "--features <patterns>",
      "which columns are features, e.g. 'emb_*'; feature_N and CellProfiler's names by default",
    )
    .option(
      "--columns <names>",
      "our names for their columns, e.g. plate_id=Metadata_Plate,well_id=Metadata_Plate+Metadata_Well",
    )
    .option(
      "--step <step>",
      "transform profiles first, fitted on all rows, e.g. standardise:by=plate_id; may be repeated",
      collect,
      [],
    )
    .option("--allow-leak", "run even where profiles were transformed by what is tested; the result says so")
    .option("--negative <rows>", "condition: the class that should score low, e.g. 'condition=Mock' or 'treatment='")
    .option(
      "--positive <rows>",
      "condition: the class that should score high, e.g. 'condition=Active SARS-CoV-2,treatment='",
    )
    .option("--known <file.csv>", "hits: columns name and score, larger = better rescue; agreement is reported")
    .option("--table <file>", "dose-response of a plain table instead of an embedding")
    .option("--dose <column>", "with --table: the doses, 0 for controls")
    .option("--response <column>", "with --table: the responses")
    .option("--curve <column>", "with --table: one curve for each value")
    .option("--bottom <value>", "with --table: hold the lower level there", number)
    .option("--top <value>", "with --table: hold the upper level there", number)
    .option(
      "--set <key=value>",
      'any parameter of the task; rows as JSON, e.g. --set \'rows={"condition":["Mock"]}\'',
      collect,
      [],
    )
    .option("--seed <n>", "decides folds and resampling", whole, 1)
    .option(
      "--threads <n>",
      "embeddings evaluated at a time, 0 without threads of their own (default: as cores and memory allow)",
      whole,
    )
    .option("--out <file.json>", "also write the results there")
    .option("--json", "print the results as JSON")
    .addHelpText(
      "after",
      `\nRows of --negative and --positive are column=value pairs joined by ','; values joined by '|'; nothing after '=' means empty.\n${PARAMETERS_HELP}\n\nExample:\n  gandl evaluate condition --embedding runs/first/embedding.parquet --negative 'condition=Mock' --positive 'condition=Active SARS-CoV-2,treatment='\n  gandl evaluate hits --embedding runs/first/embedding.parquet --set 'healthy={"condition":["Mock"]}' --set 'diseased={"role":["positive_control"]}' --set 'treated={"role":["treated"]}'\n  gandl evaluate dose-response --table assay.csv --dose conc --response growth --curve compound --json`,
    )
    .action(async (taskId: string, options: Options) => {
      const { embedding = [], metadata, known, table, out } = options;
      const read = [...embedding, metadata, known, table].filter((file) => file !== undefined);
      if (out !== undefined) await checkOutput("--out", out, read);
      const view = createView(options.json === true);
      if (options.table !== undefined) return evaluateTable(taskId, options, view);
      const runs = await evaluateEmbeddings(taskId, options, view);
      if (options.out) await writeWhole(options.out, JSON.stringify(runs, null, 2));
      view.result(runs, runs.map(renderRun).join("\n\n"));
    });
}

async function evaluateEmbeddings(taskId: string, options: Options, view: View): Promise<TaskRun[]> {
  const { parseStep } = await import("../../profiles/index.ts");
  const { findTask } = await import("../../tasks/index.ts");
  const { evaluateFiles } = await import("../evaluate/evaluate-threads.ts");
  findTask(taskId); // a wrong name is told before anything is read
  if (!options.embedding) {
    throw new GanDlError("no-embedding", {
      what: "there is nothing to evaluate.",
      why: "neither --embedding nor --table was given.",
      fix: "add --embedding FILE, or --table FILE --dose COLUMN --response COLUMN for dose-response.",
    });
  }
  const params = { ...paramsOf(options), ...(await knownScores(options.known)) };
  options.step.forEach(parseStep);
  const { embedding: files, step: steps, seed, features, columns, metadata } = options;
  const source = {
    ...(features === undefined ? {} : { features }),
    ...(columns === undefined ? {} : { columns }),
    ...(metadata === undefined ? {} : { metadata }),
  };
  const jobs = files.map((file) => {
    return { file, source, taskId, params, steps, seed, allowLeak: options.allowLeak === true };
  });
  const threads = options.threads ?? (await threadsFor(files));
  const answers = await evaluateFiles(jobs, threads, (file, stage, done, total) =>
    view.progress(`${taskId} of ${file}: ${stage}`, done, total, total > 0 ? `${done} / ${total}` : ""),
  );
  view.endProgress();
  for (const { told } of answers) told.forEach(view.line);
  return answers.map(({ run }) => run);
}

/** Below this, a table is evaluated sooner than a thread starts. */
const SMALL_BYTES = 2 ** 22;
/** Memory that evaluating takes, over the size of the file: compressed tables grow when read, and folds copy rows. */
const MEMORY_OVER_FILE = 5;

/** Threads for these files: 0 for a small one, else as many as there are files, cores, and memory for the largest. */
async function threadsFor(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file).catch(() => ({ size: 0 }))).size));
  const largest = Math.max(...sizes);
  if (largest < SMALL_BYTES) return 0;
  const fitting = Math.floor(freemem() / (MEMORY_OVER_FILE * largest));
  return Math.max(1, Math.min(files.length, availableParallelism(), fitting));
}

async function knownScores(file: string | undefined): Promise<{ known?: Record<string, number> }> {
  if (file === undefined) return {};
  const { readTable } = await import("../../data/index.ts");
  const { columns } = await readTable(file, { columns: ["name", "score"] });
  const scores = columns.get("score")!;
  const pairs = columns
    .get("name")!
    .map((name, i) => [String(name), scores[i] === null ? Number.NaN : Number(scores[i])] as const);
  return { known: Object.fromEntries(pairs.filter(([, score]) => Number.isFinite(score))) };
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

/** Parameters from `--negative`, `--positive` and `--set`. */
export function paramsOf({
  negative,
  positive,
  set,
}: Pick<Options, "negative" | "positive" | "set">): Record<string, unknown> {
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
