// Starting from the weights of another run, whose images may have had other stains.
import { readFile } from "node:fs/promises";
import { CheckpointHeader, type DatasetManifest } from "../schema/index.ts";
import { fromArray, noGrad, readSafetensors, type StoredTensor, type Tensor, TensorScope } from "../tensor/index.ts";
import { cannotStartFrom } from "./errors.ts";
import type { Gan } from "./gan.ts";
import { jsonOrNull } from "./run-folder.ts";

type Stain = Pick<CheckpointHeader["channels"][number], "name" | "stain">;

const folded = (text: string | null | undefined): string => (text ?? "").trim().toLowerCase();

/** For each stain of ours its channel there, by stain or else by name; −1 where it is new. */
export function matchStains(ours: readonly Stain[], theirs: readonly Stain[]): number[] {
  return ours.map(({ name, stain }) => {
    const byStain = theirs.findIndex((other) => folded(other.stain) !== "" && folded(other.stain) === folded(stain));
    return byStain >= 0 ? byStain : theirs.findIndex((other) => folded(other.name) === folded(name));
  });
}

/**
 * Loads generator, its average and discriminator from a checkpoint, for a new run. Where the stains differ, the layers that read
 * and write images take the weights of the stains they know and keep what was drawn for new ones; all else must have equal shapes.
 * @param stem the checkpoint's path without ending. @throws GanDlError `cannot-start-from`, `bad-safetensors`.
 */
export async function initialiseFrom(stem: string, gan: Gan, manifest: DatasetManifest): Promise<void> {
  const text = await readFile(`${stem}.json`, "utf8").catch(() => null);
  if (text === null)
    throw cannotStartFrom(stem, "there is no checkpoint header at that path (give it without ending).");
  const header = CheckpointHeader.safeParse(jsonOrNull(text));
  if (!header.success) throw cannotStartFrom(stem, "its .json is no checkpoint header.");
  const { tensors } = await readSafetensors(`${stem}.safetensors`);
  const stains = matchStains(manifest.channels, header.data.channels);
  const networks = { generator: gan.generator, generatorEma: gan.generatorEma, discriminator: gan.discriminator };
  for (const [prefix, network] of Object.entries(networks))
    for (const [name, target] of network.state()) load(stem, `${prefix}.${name}`, target, tensors, stains);
  gan.minibatchStdMean = header.data.minibatchStdMean;
}

/** The axis along which a parameter has one slice a stain, or null. */
const stainAxis = (name: string): 0 | 1 | null =>
  /\.toImage\.(weight|bias)$/.test(name) ? 0 : name.endsWith(".fromImage.weight") ? 1 : null;

function load(
  stem: string,
  name: string,
  target: Tensor,
  tensors: ReadonlyMap<string, StoredTensor>,
  stains: readonly number[],
): void {
  using _scope = new TensorScope();
  const saved = tensors.get(name);
  if (saved === undefined) throw cannotStartFrom(stem, `it has no '${name}'.`);
  const source = fromArray(saved.data, saved.shape, { dtype: saved.dtype }).to({ device: target.device });
  const axis = stainAxis(name);
  const sides = (shape: readonly number[]) => shape.map((side, i) => (i === axis ? "stains" : side)).join(" × ");
  if (sides(saved.shape) !== sides(target.shape))
    throw cannotStartFrom(stem, `'${name}' is ${saved.shape.join(" × ")} there and ${target.shape.join(" × ")} here.`);
  noGrad(() => {
    if (axis === null) target.copy_(source);
    else
      for (const [ours, theirs] of stains.entries())
        if (theirs >= 0) target.narrow(axis, ours, 1).copy_(source.narrow(axis, theirs, 1));
  });
}
