// `gandl compare`: several embeddings, the same questions, one table with intervals of the differences.
import type { Command } from "commander";
import { GanDlError } from "../../core/index.ts";
import { writeWhole } from "../../data/write-whole.ts";
import type { Comparison, NamedProfiles } from "../../tasks/index.ts";
import { encoderName } from "../evaluate/evaluate-file.ts";
import { checkOutput } from "../output/check-output.ts";
import type { ProfileSource } from "../read-profiles.ts";
import { createView } from "../view.ts";
import { collect, paramsOf } from "./evaluate.ts";
import { count, whole } from "./import.ts";

interface Options extends ProfileSource {
  task: string[];
  negative?: string;
  positive?: string;
  step: string[];
  set: string[];
  seed: number;
  resamples: number;
  allowLeak?: boolean;
  out?: string;
  json?: boolean;
}

export function addCompare(program: Command): void {
  program
    .command("compare")
    .summary("several embeddings, the same questions, differences with intervals")
    .description(
      "Asks the same questions of several embeddings over the rows they share. Differences are from the first one, with 95 % intervals for which the same wells are drawn for both.",
    )
    .argument("<files...>", "two or more embeddings; the first is what others are compared with")
    .option("--task <name...>", "condition, cell-type, perturbation, hits, retrieval, batch-effects", ["condition"])
    .option("--metadata <file>", "joined to the embeddings by site_id or well_id")
    .option("--features <patterns>", "which columns are features, e.g. 'emb_*'")
    .option("--columns <names>", "our names for their columns, e.g. plate_id=Metadata_Plate")
    .option("--step <step>", "transform profiles first, e.g. standardise:by=plate_id; may be repeated", collect, [])
    .option("--negative <rows>", "condition: the class that should score low")
    .option("--positive <rows>", "condition: the class that should score high")
    .option(
      "--set <[task.]key=value>",
      "a parameter of all tasks, or of one: --set retrieval.nullSize=1000",
      collect,
      [],
    )
    .option("--seed <n>", "decides folds and resampling", whole, 1)
    .option("--resamples <n>", "bootstrap draws behind an interval", count, 1000)
    .option("--allow-leak", "run even where profiles were transformed by what is tested")
    .option("--out <file.json>", "also write the comparison and every run there")
    .option("--json", "print the comparison as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  gandl compare random.parquet trained.parquet --negative 'condition=Mock' --positive 'condition=Active SARS-CoV-2,treatment='",
    )
    .action(async (files: string[], options: Options) => {
      const view = createView(options.json === true);
      if (files.length < 2) {
        throw new GanDlError("nothing-to-compare", {
          what: "one embedding cannot be compared.",
          why: "a comparison needs two or more.",
          fix: "name a second file, or use `gandl evaluate`.",
        });
      }
      const { metadata = files[0]!, out } = options;
      if (out !== undefined) await checkOutput("--out", out, [...files, metadata]);
      const { fitPipeline, parseStep } = await import("../../profiles/index.ts");
      const { compareEmbeddings, findTask } = await import("../../tasks/index.ts");
      const { readProfiles } = await import("../read-profiles.ts");
      const asked = options.task.map((id) => ({ task: findTask(id), params: paramsFor(id, options) }));
      const steps = options.step.map(parseStep);
      const embeddings: NamedProfiles[] = [];
      for (const file of files) {
        view.progress(`${file}: reading`, 0, 0);
        const { table, told } = await readProfiles(file, options);
        told.forEach(view.line);
        const name = embeddings.some((e) => e.name === encoderName(file)) ? file : encoderName(file);
        embeddings.push({ name, table: fitPipeline(table, steps).table });
      }
      const comparison = compareEmbeddings(embeddings, asked, {
        seed: options.seed,
        nResamples: options.resamples,
        allowLeak: options.allowLeak === true,
        onProgress: (stage, done, total) => view.progress(stage, done, total, `${done} / ${total}`),
      });
      view.endProgress();
      if (options.out) await writeWhole(options.out, JSON.stringify(comparison, null, 2));
      view.result(comparison, renderComparison(comparison));
    });
}

export const setOfOtherTask = (pair: string, task: string, asked: readonly string[]) =>
  new GanDlError("bad-set", {
    what: `--set ${pair} is for ${task}, which is not asked.`,
    why: `the tasks asked are ${asked.join(", ")}.`,
    fix: "name one of those before the dot, or add the task to --task.",
  });

/** `--negative` and `--positive` go to condition alone; `task.key=value` to that task, `key=value` to all. */
function paramsFor(task: string, { negative, positive, set, task: asked }: Options): Record<string, unknown> {
  const own = set.flatMap((pair) => {
    const [, of, rest] = /^([a-z-]+)\.(.*)$/s.exec(pair) ?? [null, task, pair];
    if (of !== undefined && !asked.includes(of)) throw setOfOtherTask(pair, of, asked);
    return of === task ? [rest!] : [];
  });
  const classes = { ...(negative === undefined ? {} : { negative }), ...(positive === undefined ? {} : { positive }) };
  return paramsOf({ ...(task === "condition" ? classes : {}), set: own });
}

function renderComparison({ rows, notes }: Comparison): string {
  const width = Math.max(...rows.map((row) => row.embedding.length), 9);
  const figure = (v: number) => v.toFixed(3);
  const interval = (ci: readonly [number, number] | null) => (ci ? `[${ci.map(figure).join(", ")}]` : "–").padEnd(18);
  const lines: string[] = [];
  let heading = "";
  for (const row of rows) {
    const own = `${row.task}: ${row.metric}  (${row.question} ${row.nUnits} units${row.chance === null ? "" : `, chance ${figure(row.chance)}`})`;
    if (own !== heading) lines.push(own);
    heading = own;
    const difference =
      row.difference === null
        ? ""
        : `  ${row.difference >= 0 ? "+" : "−"}${figure(Math.abs(row.difference))} ${interval(row.differenceCi95)}`;
    lines.push(`  ${row.embedding.padEnd(width)}  ${figure(row.value)} ${interval(row.ci95)}${difference}`);
  }
  return [...lines, ...notes.map((note) => `note: ${note}`)].join("\n");
}
