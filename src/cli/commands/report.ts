// `gandl report`: everything about a study in one HTML file.
import type { Command } from "commander";
import { writeWhole } from "../../data/write-whole.ts";
import { checkOutput } from "../output/check-output.ts";
import { createView } from "../view.ts";
import { whole } from "./import.ts";

interface Options {
  data: string;
  run: string;
  out: string;
  truth?: string;
  summary?: string;
  tables: boolean;
  seed: number;
  json?: boolean;
}

export function addReport(program: Command): void {
  program
    .command("report")
    .summary("a data set folder + a run → one HTML page of answers")
    .description(
      "Embeds the data set with the run's trained and untrained network where that has not been done, asks the questions that the data set can answer, and writes one HTML file that works offline, with the same in Markdown and every table as CSV beside it.",
    )
    .requiredOption("--data <folder>", "the data set folder")
    .requiredOption("--run <folder>", "the run folder; embeddings are kept in it")
    .option("--out <file.html or folder>", "the page to write, or a folder to write it to", "report.html")
    .option("--truth <file>", "truth.json of the synthetic screen that was imported: answers are held against it")
    .option("--summary <file.json>", "also write every figure of the page as JSON")
    .option("--no-tables", "write the page alone, without Markdown and CSV")
    .option("--seed <n>", "decides folds and resampling", whole, 1)
    .option("--json", "print the result as JSON")
    .addHelpText("after", "\nExample:\n  gandl report --data data/mine --run runs/first --out report.html")
    .action(async ({ data, run, out, truth, summary, tables, seed, json }: Options) => {
      const { writeStudy } = await import("../study/write-study.ts");
      const { reportPage, writeReport } = await import("../study/write-report.ts");
      await checkOutput("--out", reportPage(out));
      if (summary !== undefined) await checkOutput("--summary", summary);
      const planted = truth === undefined ? null : await plantedIn(data, truth);
      const view = createView(json === true);
      const study = await writeStudy(view, {
        ...{ data, run, embeddings: `${run}/embeddings`, seed, stages: [], truth: planted },
        commands: [
          `gandl report --data ${data} --run ${run}${truth === undefined ? "" : ` --truth ${truth}`} --out ${out}`,
        ],
      });
      const written = await writeReport(out, study, tables);
      if (summary) await writeWhole(summary, JSON.stringify(study.summary, null, 2));
      const nFigures = study.summary.figures.length;
      const beside =
        written.tables === null ? "" : `\n${written.markdown}, ${written.nTables} tables in ${written.tables}.`;
      view.result(
        {
          out: written.page,
          figures: nFigures,
          bytes: written.pageBytes,
          markdown: written.markdown,
          tables: written.tables,
        },
        `${written.page}: ${nFigures} figures, ${(written.pageBytes / 1e6).toFixed(1)} MB.${beside}`,
      );
    });
}

async function plantedIn(data: string, truth: string) {
  const { openDataset } = await import("../../data/index.ts");
  const { readTruthOf } = await import("../steps/read-truth.ts");
  using dataset = await openDataset(data);
  return readTruthOf(truth, dataset);
}
