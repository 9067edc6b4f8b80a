// `gandl export`: a checkpoint's encoder as an ONNX file.
import { copyFile } from "node:fs/promises";
import type { Command } from "commander";
import { createView } from "../view.ts";

export function addExport(program: Command): void {
  program
    .command("export")
    .summary("a run → its encoder as one .onnx file")
    .description(
      "Writes the discriminator as ONNX with the taps fc512, conv4_flat, conv4_gap, blocks_gap, blocks_gap_std and logit. Input: float32 [n, channels, side, side] in [-1, 1]. The file carries its channels and training size.",
    )
    .requiredOption("--run <folder>", "the run folder")
    .requiredOption("--out <file.onnx>", "the file to write")
    .option(
      "--checkpoint <which>",
      "latest, first (untrained), best (of a run with quality) or a number of kimg",
      "latest",
    )
    .option("--json", "print the result as JSON")
    .addHelpText("after", "\nExample:\n  gandl export --run runs/first --out encoder.onnx")
    .action(
      async ({ run, out, checkpoint, json }: { run: string; out: string; checkpoint: string; json?: boolean }) => {
        const { exportEncoderBeside, resolveCheckpoint } = await import("../../embed/index.ts");
        const found = await resolveCheckpoint(run, checkpoint);
        await copyFile(await exportEncoderBeside(found), out);
        createView(json === true).result(
          { out, header: found.header },
          `${out}: the encoder at ${found.header.kimg} kimg, for ${found.header.channels.map(({ name }) => name).join(", ")}.`,
        );
      },
    );
}
