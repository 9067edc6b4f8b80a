// `gandl synthesise`: a drug screen that is drawn, with everything planted written down.
import type { Command } from "commander";
import { createView, interruptSignal } from "../view.ts";
import { whole } from "./import.ts";

export function addSynthesise(program: Command): void {
  program
    .command("synthesise")
    .summary("draw a synthetic screen with planted truth, in RxRx19a's layout")
    .description(
      "Draws plates of cells in five stains: mock, UV-inactivated, infected and treated wells, compounds with planted EC50s, toxic ones, plate effects. truth.json holds all that was planted. No real cells.",
    )
    .argument("<folder>", "where to draw; an earlier synthetic screen there is replaced")
    .option("--side <px>", "height and width of an image", whole, 128)
    .option("--plates <n>", "plates in each of two experiments", whole, 2)
    .option("--seed <n>", "equal seeds give equal bytes", whole, 1)
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  gandl synthesise data/screen --side 256 --plates 3\n  gandl import data/screen --out data/screen-dataset",
    )
    .action(
      async (
        folder: string,
        { side, plates, seed, json }: { side: number; plates: number; seed: number; json?: boolean },
      ) => {
        const { writeSyntheticScreen } = await import("../../data/synthetic/index.ts");
        const view = createView(json === true);
        const signal = interruptSignal(view, "the screen is not whole and cannot be imported");
        let n = 0;
        for await (const event of writeSyntheticScreen(folder, { sidePx: side, platesPerExperiment: plates, seed })) {
          signal.throwIfAborted();
          if (event.kind !== "site") continue;
          n = event.nDone;
          view.progress("drawing", n, event.nTotal, `${n} / ${event.nTotal} sites`);
        }
        view.endProgress();
        view.result(
          { folder, nSites: n },
          `${folder}: ${n} synthetic sites; what was planted is in truth.json.\nNext: gandl import ${folder} --out ${folder}-dataset`,
        );
      },
    );
}
