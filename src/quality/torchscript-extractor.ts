// Features of a user's TorchScript network, by LibTorch: also NVIDIA's published Inception, where a user has it.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fromArray, ScriptModule, TensorScope } from "../tensor/index.ts";
import { badFeatureNetwork } from "./errors.ts";
import type { FeatureExtractor, ImageForm } from "./feature-extractor.ts";
import { type LoadedNetwork, type NetworkInput, networkExtractor } from "./network-extractor.ts";

export interface TorchscriptInput extends NetworkInput {
  /** Arguments of its forward to set to true. @default `return_features` where it has one, as NVIDIA's Inception and VGG16 have */
  readonly flags?: readonly string[];
  /** @default "cpu" */
  readonly device?: string;
}

/**
 * What a TorchScript network makes of float32 images `[n,c,h,w]`, flattened to one row an image.
 * @param form the images it will be given. @throws GanDlError `bad-torchscript`, `bad-feature-network`.
 * @example
 * ```ts no-run
 * const form = { imageChannels: 5, resolutionPx: 256 };
 * const extractor = await torchscriptExtractor("inception-2015-12-05.pt", form, { range: [0, 255] });
 * ```
 */
export async function torchscriptExtractor(
  file: string,
  form: ImageForm,
  { flags, device = "cpu", ...input }: TorchscriptInput = {},
): Promise<FeatureExtractor> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw badFeatureNetwork(file, "the file cannot be read.", cause);
  });
  const script = new ScriptModule(file, device);
  const set = flags ?? script.argumentNames.filter((name) => name === "return_features");
  const network: LoadedNetwork = {
    ...{ file, batch: null, id: `torchscript:${basename(file)}` },
    hash: createHash("sha256").update(bytes).update(set.join()).digest("hex"),
    async run(data, shape) {
      using _scope = new TensorScope();
      try {
        return script.forward(fromArray(data, shape).to({ device }), set).to({ device: "cpu" }).toFloat32Array();
      } catch (cause) {
        const why = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
        throw badFeatureNetwork(file, `it failed on images [${shape.join(", ")}]: ${why}`, cause);
      }
    },
    dispose: () => script.dispose(),
  };
  try {
    return await networkExtractor(network, form, input);
  } catch (error) {
    script.dispose();
    throw error;
  }
}
