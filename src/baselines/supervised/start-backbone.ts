// A network to begin from: published weights where the user has them, else drawn, and said so.
import { z } from "zod";
import { Backbone, type BackboneShape } from "../../models/index.ts";
import { Rng } from "../../tensor/index.ts";
import { readPublishedWeights } from "../published-weights.ts";

const WITHOUT_WEIGHTS = "set weights=null to train from scratch";

/** The parameter that names published weights. */
export const WeightsFile = z
  .string()
  .nullable()
  .default(null)
  .describe("safetensors of torchvision's ImageNet weights for this network; null: drawn at random, from scratch");

export const Device = z.string().default("cpu").describe("where the network runs: cpu or cuda:0");

/** A network and what it began from, in words that a result repeats. */
export interface StartedBackbone {
  readonly network: Backbone;
  /** `from scratch`, or the file with its hash. */
  readonly weights: string;
}

/**
 * Draws a network and puts the weights of a file into it; a stem of other channels and a classifier of other classes stay as drawn.
 * @throws GanDlError `weights-mismatch`, `bad-safetensors`, `weights-unreadable`.
 */
export async function startBackbone(
  shape: BackboneShape,
  weightsFile: string | null,
  { seed, device }: { seed: number; device: string },
): Promise<StartedBackbone> {
  const published = weightsFile === null ? null : await readPublishedWeights(weightsFile, WITHOUT_WEIGHTS);
  const network = new Backbone(shape, new Rng(seed, device));
  if (weightsFile === null || published === null) return { network, weights: "from scratch" };
  try {
    const fresh = network.take(published.tensors, weightsFile);
    const drawn = fresh.length > 0 ? `, drawn anew: ${fresh.join(", ")}` : "";
    return { network, weights: `${published.told}${drawn}` };
  } catch (error) {
    network.dispose();
    throw error;
  }
}
