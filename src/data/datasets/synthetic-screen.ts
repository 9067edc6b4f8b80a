// The synthetic screen that `gandl demo` draws: RxRx19a's layout and names, planted truth, no real cell.
import { defineDataset } from "./define-dataset.ts";
import { rxrx19a } from "./rxrx19a.ts";

/** A folder written by `writeSyntheticScreen`; its `truth.json` tells it from RxRx19a. */
export const syntheticScreen = defineDataset({
  ...rxrx19a,
  id: "synthetic-screen",
  title: "Synthetic screen with planted truth (no real cells)",
  citation: "drawn by gan-dl",
  licence: "CC0-1.0",
  synthetic: true,
  pixelSizeUm: null, // its own is in truth.json
  markerFile: "truth.json",
});
