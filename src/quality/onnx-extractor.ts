// Features of a user's ONNX network, by ONNX Runtime.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { badFeatureNetwork } from "./errors.ts";
import type { FeatureExtractor, ImageForm } from "./feature-extractor.ts";
import { type LoadedNetwork, type NetworkInput, networkExtractor } from "./network-extractor.ts";

/**
 * The first output of an ONNX network with one float32 input `[n,c,h,w]`, flattened to one row an image.
 *
 * Deterministic on one machine. It runs on the calling thread, a batch at a time.
 * @param form the images it will be given. @throws GanDlError `bad-feature-network`.
 * @example
 * ```ts no-run
 * const extractor = await onnxExtractor("resnet.onnx", { imageChannels: 5, resolutionPx: 256 }, { range: [0, 1] });
 * ```
 */
export async function onnxExtractor(
  file: string,
  form: ImageForm,
  input: NetworkInput = {},
): Promise<FeatureExtractor> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw badFeatureNetwork(file, "the file cannot be read.", cause);
  });
  const session = await InferenceSession.create(file).catch((cause: unknown) => {
    throw badFeatureNetwork(file, `ONNX Runtime cannot load it: ${firstLine(cause)}`, cause);
  });
  const { name, batch, sidePx } = inputOf(session, file, form, input);
  const network: LoadedNetwork = {
    ...{ file, batch, id: `onnx:${basename(file)}`, hash: createHash("sha256").update(bytes).digest("hex") },
    async run(data, shape) {
      try {
        const result = await session.run({ [name]: new Tensor("float32", data, shape) });
        const output = result[session.outputNames[0] ?? ""];
        if (output?.type !== "float32")
          throw new Error(`its first output is ${output?.type ?? "missing"}, not float32`);
        return Float32Array.from(output.data as Float32Array);
      } catch (cause) {
        throw badFeatureNetwork(file, `it failed on images [${shape.join(", ")}]: ${firstLine(cause)}`, cause);
      }
    },
    dispose: () => void session.release(),
  };
  return networkExtractor(network, form, { ...input, ...(sidePx === undefined ? {} : { sidePx }) });
}

const firstLine = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).split("\n")[0] ?? "";

/** What the file says of its input, held against what it will be given. */
function inputOf(session: InferenceSession, file: string, { imageChannels }: ImageForm, input: NetworkInput) {
  const [only, ...more] = session.inputMetadata;
  if (!only?.isTensor || only.type !== "float32" || only.shape.length !== 4 || more.length > 0)
    throw badFeatureNetwork(file, "it does not take one float32 tensor of four axes.");
  const [n, c, h, w] = only.shape.map((side) => (typeof side === "number" && side > 0 ? side : null));
  const channels = input.stains === "as-channels" ? imageChannels : 3;
  if (c && c !== channels) throw badFeatureNetwork(file, `it takes ${c} channels, and would be given ${channels}.`);
  if (n && n !== 1) throw badFeatureNetwork(file, `it takes ${n} images at once, and no other number.`);
  if (h && w && h !== w) throw badFeatureNetwork(file, `it takes images of ${h}×${w} pixels, which are not square.`);
  const own = h ?? w ?? undefined;
  if (own && input.sidePx && own !== input.sidePx)
    throw badFeatureNetwork(file, `it takes images of ${own} pixels, not of ${input.sidePx}.`);
  return { name: only.name, batch: n ?? null, sidePx: input.sidePx ?? own };
}
