// The systems there are: one file and one line each.
import { convAutoencoderBaseline } from "./conv-autoencoder.ts";
import { cytoganBaseline } from "./cytogan.ts";
import type { Baseline } from "./define-baseline.ts";
import { unknownBaseline } from "./errors.ts";
import { handcraftedBaseline } from "./handcrafted/handcrafted.ts";
import { importBaseline } from "./import-embeddings.ts";
import { intensityBaseline } from "./intensity.ts";
import { randomBaseline } from "./random.ts";
import { supervisedBaselines } from "./supervised-baselines.ts";

/** Every system, in the order tables show them: from what learns nothing to what learns from labels. */
export const baselines: readonly Baseline[] = [
  intensityBaseline,
  handcraftedBaseline,
  randomBaseline,
  convAutoencoderBaseline,
  cytoganBaseline,
  importBaseline,
  ...supervisedBaselines,
];

/** The system with this id. @throws GanDlError `unknown-baseline`. */
export function findBaseline(id: string): Baseline {
  const baseline = baselines.find((one) => one.id === id);
  if (!baseline)
    throw unknownBaseline(
      id,
      baselines.map((one) => one.id),
    );
  return baseline;
}
