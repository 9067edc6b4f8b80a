// An extractor by the words of a command line.
import { unknownFeatures } from "./errors.ts";
import type { FeatureExtractor, ImageForm } from "./feature-extractor.ts";
import { onnxExtractor } from "./onnx-extractor.ts";
import { randomConvExtractor } from "./random-conv-extractor.ts";
import { type TorchscriptInput, torchscriptExtractor } from "./torchscript-extractor.ts";

/**
 * The extractor that `features` names: `random-conv`, `onnx:FILE` or `torchscript:FILE`; owned by the caller.
 * @param input how a user's network is shown images; the first kind has no use for it but its device.
 * @throws GanDlError `unknown-features`, and as each of them.
 */
export async function openExtractor(
  features: string,
  form: ImageForm,
  input: TorchscriptInput = {},
): Promise<FeatureExtractor> {
  if (features === "random-conv") return randomConvExtractor(form, input.device);
  const colon = features.indexOf(":");
  const [kind, file] = [features.slice(0, colon), features.slice(colon + 1)];
  if (kind === "onnx" && file) return onnxExtractor(file, form, input);
  if (kind === "torchscript" && file) return torchscriptExtractor(file, form, input);
  throw unknownFeatures(features);
}
