// `gandl report`: everything about a study in one HTML file.
import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { createView } from "../view.ts";
import { whole } from "./import.ts";

interface Options {
  data: string;
  run: string;
  out: string;
  summary?: string;
  seed: number;
  json?: boolean;
}

export function addReport(program: Command): void {
  program
    .command("report")
    .summary("a data set folder + a run → one HTML page of answers")
    .description(
      "Embeds the data set with the run's trained and untrained network where that has not been done, asks the questions that the data set can answer, and writes one HTML file that works offline.",
    )
    .requiredOption("--data <folder>", "the data set folder")
    .requiredOption("--run <folder>", "the run folder; embeddings are kept in it")
    .option("--out <file.html>", "the page to write", "report.html")
    .option("--summary <file.json>", "also write every figure of the page as JSON")
    .option("--seed <n>", "decides folds and resampling", whole, 1)
    .option("--json", "print the result as JSON")
    .addHelpText("after", "\nExample:\n  gandl report --data data/mine --run runs/first --out report.html")
    .action(async ({ data, run, out, summary, seed, json }: Options) => {
      const { writeStudy } = await import("../study/write-study.ts");
      const view = createView(json === true);
      const written = await writeStudy(view, {
        data,
        run,
        embeddings: `${run}/embeddings`,
        seed,
        stages: [],
        truth: null,
        commands: [`gandl report --data ${data} --run ${run} --out ${out}`],
      });
      await writeFile(out, written.html);
      if (summary) await writeFile(summary, JSON.stringify(written.summary, null, 2));
      view.result(
        { out, figures: written.summary.figures.length },
        `${out}: ${written.summary.figures.length} figures.`,
      );
    });
}
