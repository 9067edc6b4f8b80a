// `gandl baseline`: one of the systems that GAN-DL is compared with, over the same data set, into the same tables.
import type { Command } from "commander";
import type { Baseline, BaselineFiles } from "../../baselines/index.ts";
import { GanDlError } from "../../core/index.ts";
import { checkOutput } from "../output/check-output.ts";
import { nextQuestion } from "../output/next-question.ts";
import { createView, interruptSignal, type View } from "../view.ts";
import { collect, paramsOf } from "./evaluate.ts";
import { whole } from "./import.ts";

interface Options {
  data?: string;
  out?: string;
  work?: string;
  set: string[];
  seed: number;
  list?: boolean;
  json?: boolean;
}

export function addBaseline(program: Command): void {
  program
    .command("baseline")
    .summary("another system on the same data set → the same tables, to compare with")
    .description(
      "Runs one of the systems that GAN-DL is compared with, from brightness alone to networks that learn from labels, and writes one row of features an image (Parquet), scores of treatments (CSV), or both. `gandl evaluate` and `gandl compare` read them beside GAN-DL's own. What it learned from and how long it took stands in the JSON beside the table.",
    )
    .argument("[name]", "which system; --list tells them all")
    .option("--data <folder>", "the data set folder")
    .option("--out <path>", "path without ending: .parquet and .json, and -scores.csv where it scores treatments")
    .option("--set <key=value>", "a parameter of the system; may be repeated", collect, [])
    .option("--work <folder>", "for its checkpoints; a run continues from what it finds there. Default: OUT-work")
    .option("--seed <n>", "decides everything that is drawn", whole, 1)
    .option("--list", "tell every system, where it is from and its parameters")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  gandl baseline --list\n  gandl baseline handcrafted --data data/mine --out tables/handcrafted\n" +
        "  gandl baseline intensity --data data/mine --out tables/intensity --set batchSize=16\n" +
        "  gandl compare tables/*.parquet --negative 'condition=Mock' --positive 'condition=Active SARS-CoV-2,treatment='",
    )
    .action(async (name: string | undefined, options: Options) => {
      const view = createView(options.json === true);
      if (options.list || name === undefined) return list(view, name, options);
      const { files, next } = await run(view, name, options);
      view.result(files, textOf(files, next));
    });
}

interface Ran {
  readonly files: BaselineFiles;
  /** A command to go on with; null where there are no features to ask. */
  readonly next: string | null;
}

async function run(view: View, name: string, { data, out, work, set, seed }: Options): Promise<Ran> {
  const { findBaseline, baselineParams, runBaseline } = await import("../../baselines/index.ts");
  const { openDataset } = await import("../../data/index.ts");
  const baseline = findBaseline(name);
  const params = paramsOf({ set });
  baselineParams(baseline, params); // told before the data are opened
  if (data === undefined || out === undefined) throw missing(data === undefined ? "--data" : "--out", name);
  const stem = out.replace(/\.parquet$/, "");
  for (const ending of [".parquet", ".json"]) await checkOutput("--out", stem && `${stem}${ending}`);
  using dataset = await openDataset(data);
  const signal = interruptSignal(view, "no table is written; what the system can continue from stays in its folder");
  let files: BaselineFiles | null = null;
  const options = { dataset, out: stem, params, seed, signal, ...(work === undefined ? {} : { work }) };
  for await (const event of runBaseline(baseline, options)) {
    if (event.kind !== "finished") view.event(event);
    if (event.kind === "finished") files = event.files;
    else if (event.kind === "note") view.line(event.text);
    else view.progress(event.stage, event.done, event.total, event.detail ?? countOf(event));
  }
  view.endProgress();
  if (files === null) throw new Error(`internal: ${name} ended without files`);
  const { embedding, record } = files;
  const heldOutPlates = (record.provenance.heldOutPlates ?? null) as readonly string[] | null;
  return { files, next: embedding && nextQuestion(embedding.parquet, dataset.sites, heldOutPlates) };
}

const countOf = ({ done, total }: { done: number; total: number }) => (total > 0 ? `${done} / ${total}` : "");

async function list(view: View, name: string | undefined, { list: asked }: Options): Promise<void> {
  const { baselines, findBaseline } = await import("../../baselines/index.ts");
  if (!asked) throw nameMissing(baselines.map(({ id }) => id));
  const chosen = name === undefined ? baselines : [findBaseline(name)];
  const described = chosen.map((one) => {
    const { id, title, description, citation, needsLabels } = one;
    return { id, title, description, citation, needsLabels, params: paramsTold(one) };
  });
  const texts = described.map(({ id, title, description, citation, needsLabels, params }) =>
    [
      `${id}: ${title}`,
      `  ${description}`,
      `  from: ${citation}`,
      `  labels: ${needsLabels ?? "none"}`,
      ...params.map(({ key, text, fallback }) => `  --set ${key}=${fallback ?? "…"}  ${text}`),
    ].join("\n"),
  );
  view.result(described, texts.join("\n\n"));
}

/** Each parameter with what it is and its default, null where only the user can know it. */
function paramsTold({ params }: Baseline): { key: string; text: string; fallback: string | null }[] {
  return Object.entries(params.shape).map(([key, schema]) => {
    const field = schema as { description?: string; safeParse(input: unknown): { success: boolean; data?: unknown } };
    const absent = field.safeParse(undefined);
    const fallback = absent.success && absent.data !== undefined ? JSON.stringify(absent.data) : null;
    return { key, text: field.description ?? "", fallback };
  });
}

function textOf({ embedding, scores, record }: BaselineFiles, next: string | null): string {
  const lines: string[] = [];
  if (embedding) {
    const { nRows, nFeatures } = embedding.header;
    lines.push(`${embedding.parquet}: ${nRows} rows of ${nFeatures} features, in ${record.seconds.toFixed(1)} s.`);
  }
  if (scores) lines.push(`${scores.csv}: ${scores.rows.length} scores of treatments.`);
  const told = Object.entries(record.provenance).map(([key, value]) => {
    return `  ${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`;
  });
  return [...lines, ...told, ...(next === null ? [] : [`Next: ${next}`])].join("\n");
}

export const missing = (option: string, name: string) =>
  new GanDlError("no-path", {
    what: `${option} is missing.`,
    why: `${name} reads a data set folder and writes tables.`,
    fix: `write gandl baseline ${name} --data FOLDER --out PATH.`,
  });

export const nameMissing = (known: readonly string[]) =>
  new GanDlError("unknown-baseline", {
    what: "no system was named.",
    why: `there are ${known.join(", ")}.`,
    fix: "name one of them, or add --list to read about them.",
  });
