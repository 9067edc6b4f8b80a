// Weights for ResNet-50's stem and first stage, drawn at random, under the names that published ones have.
import { writeFileSync } from "node:fs";
import { encodeSafetensors, Rng, rand, randn, type Tensor } from "../../tensor/index.ts";

/** The convolutions of ResNet-50's stem and first stage, by hand: torchvision's names, shapes, and the normalisation after each. */
const LAYERS: readonly (readonly [conv: string, norm: string, shape: readonly number[]])[] = [
  ["conv1", "bn1", [64, 3, 7, 7]],
  ...[0, 1, 2].flatMap((i) => [
    [`layer1.${i}.conv1`, `layer1.${i}.bn1`, [64, i === 0 ? 64 : 256, 1, 1]] as const,
    [`layer1.${i}.conv2`, `layer1.${i}.bn2`, [64, 64, 3, 3]] as const,
    [`layer1.${i}.conv3`, `layer1.${i}.bn3`, [256, 64, 1, 1]] as const,
  ]),
  ["layer1.0.downsample.0", "layer1.0.downsample.1", [256, 64, 1, 1]],
];

/** Weights drawn at random, so that every layer does something. */
export function drawnResnetStage(): Map<string, Tensor> {
  const rng = new Rng(1);
  const tensors = new Map<string, Tensor>();
  for (const [conv, norm, shape] of LAYERS) {
    const fanIn = (shape[1] ?? 1) * (shape[2] ?? 1) ** 2;
    const width = [shape[0] ?? 0];
    tensors.set(`${conv}.weight`, randn(shape, { rng }).mul(1 / Math.sqrt(fanIn)));
    tensors.set(`${norm}.weight`, rand(width, { rng }).add(0.5));
    tensors.set(`${norm}.bias`, randn(width, { rng }));
    tensors.set(`${norm}.running_mean`, randn(width, { rng }));
    tensors.set(`${norm}.running_var`, rand(width, { rng }).add(0.5));
  }
  return tensors;
}

/** Writes them as a file, and gives its path. */
export function writtenWeights(file: string, tensors: ReadonlyMap<string, Tensor>): string {
  writeFileSync(file, encodeSafetensors(new Map(tensors)));
  return file;
}
