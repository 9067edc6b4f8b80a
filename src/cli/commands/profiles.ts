// `gandl profiles`: embeddings to profiles: aggregated, normalised, aligned; or to a map in two dimensions.
import { type Command, Option } from "commander";
import { writeWhole } from "../../data/write-whole.ts";
import type { ProfileTable } from "../../profiles/index.ts";
import { checkOutput } from "../output/check-output.ts";
import { outputEnding } from "../output/errors.ts";
import type { ProfileSource } from "../read-profiles.ts";
import { createView } from "../view.ts";
import { collect, parseRows } from "./evaluate.ts";
import { whole } from "./import.ts";

interface Options extends ProfileSource {
  step: string[];
  reference?: string;
  aggregate?: string;
  method: "mean" | "median" | "modz";
  map?: "pca" | "umap";
  seed: number;
  out: string;
  json?: boolean;
}

export function addProfiles(program: Command): void {
  program
    .command("profiles")
    .summary("embedding → normalised profiles, or a 2-D map")
    .description(
      "Aggregates, normalises, whitens and aligns profiles step by step, each step fitted on the reference rows. The result remembers in a column learned_from which rows each step has seen, and `gandl evaluate` refuses to test on them.",
    )
    .argument("<file>", "Parquet or CSV with ids and features")
    .requiredOption("--out <file>", "profiles as .parquet; a map as .csv")
    .option(
      "--step <step>",
      "standardise, robustise, mad, sphere, tvn, coral, inverse-normal, select or harmony with :key=value,…; may be repeated",
      collect,
      [],
    )
    .option("--reference <rows>", "rows that the steps learn from, e.g. 'condition=Mock'; all by default")
    .option("--aggregate <column>", "one row for each value afterwards, e.g. well_id")
    .addOption(new Option("--method <how>", "how rows become one").choices(["mean", "median", "modz"]).default("mean"))
    .addOption(
      new Option(
        "--map <kind>",
        "coordinates x, y instead of features (umap: 20,000 rows are drawn from more)",
      ).choices(["pca", "umap"]),
    )
    .option("--seed <n>", "decides maps and what is drawn", whole, 1)
    .option("--metadata <file>", "joined to the embedding by site_id or well_id")
    .option("--features <patterns>", "which columns are features, e.g. 'emb_*'")
    .option("--columns <names>", "our names for their columns, e.g. plate_id=Metadata_Plate")
    .option("--json", "print the summary as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  gandl profiles embedding.parquet --step standardise:by=plate_id --aggregate well_id --out wells.parquet",
    )
    .action(async (file: string, options: Options) => {
      await checkOutput("--out", options.out, [file, ...(options.metadata ? [options.metadata] : [])]);
      checkEnding(options.out, options.map !== undefined);
      const view = createView(options.json === true);
      const { aggregate, fitPipeline, map2d, parseStep, rowsWhere } = await import("../../profiles/index.ts");
      const { readProfiles } = await import("../read-profiles.ts");
      const steps = options.step.map(parseStep);
      const { table: given, told } = await readProfiles(file, options);
      const reference = options.reference ? rowsWhere(given, parseRows(options.reference)) : undefined;
      const { table: made } = fitPipeline(given, steps, reference);
      const table = options.aggregate ? aggregate(made, { by: options.aggregate, method: options.method }) : made;
      if (options.map) {
        const map = map2d(table, { kind: options.map, seed: options.seed });
        if (map.note) told.push(map.note);
        await writeWhole(options.out, mapCsv(table, map));
      } else await writeProfiles(options.out, table);
      const summary = {
        rows: table.nRows,
        features: table.nFeatures,
        steps: options.step,
        out: options.out,
        notes: told,
      };
      const words = `${options.out}: ${table.nRows} rows of ${options.map ? "a map" : `${table.nFeatures} features`}`;
      view.result(summary, [words, ...told].join("\n"));
    });
}

/** A table under the other kind's name would be read as what it is not. @throws GanDlError `bad-output`. */
function checkEnding(out: string, isMap: boolean): void {
  if (isMap && /\.parquet$/i.test(out)) throw outputEnding("--out", out, "maps", ".csv");
  if (!isMap && /\.(csv|tsv|csv\.gz)$/i.test(out)) throw outputEnding("--out", out, "profiles", ".parquet");
}

async function writeProfiles(path: string, table: ProfileTable): Promise<void> {
  const { writeParquet } = await import("../../data/index.ts");
  const { LEARNED_FROM, learnedFromColumn } = await import("../../profiles/index.ts");
  const metadata = new Map(table.metadata);
  const learned = learnedFromColumn(table);
  if (learned) metadata.set(LEARNED_FROM, learned);
  const columns = [...metadata].map(([name, values]) => {
    const isNumber = values.every((v) => v === null || typeof v === "number");
    return { name, type: isNumber ? ("double" as const) : ("text" as const) };
  });
  await writeParquet(
    path,
    { columns, matrixColumns: table.featureNames },
    {
      nRows: table.nRows,
      columns: [...metadata.values()].map((values, i) =>
        columns[i]!.type === "text" ? values.map((v) => (v === null ? null : String(v))) : values,
      ),
      matrix: table.features,
    },
  );
}

function mapCsv(table: ProfileTable, map: { readonly rows: readonly number[]; readonly xy: Float64Array }): string {
  const names = [...table.metadata.keys()];
  const cell = (value: string | number | null) => {
    const text = value === null ? "" : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = map.rows.map((row, i) =>
    [map.xy[2 * i]!, map.xy[2 * i + 1]!, ...names.map((name) => table.metadata.get(name)![row] ?? null)]
      .map(cell)
      .join(","),
  );
  return `${["x", "y", ...names.map(cell)].join(",")}\n${lines.join("\n")}\n`;
}
