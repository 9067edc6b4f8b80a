// Densely connected networks (Huang et al., CVPR 2017) with torchvision's parameter names, so that its published weights fit.
import { cat, conv2d, type Tensor } from "../../tensor/index.ts";
import { normal, type ParameterSpec, parameterOf } from "../parameters.ts";
import { averagePool, batchNorm, maxPool, type NormState, normBuffers, normParameters, relu } from "./batch-norm.ts";
import type { Architecture } from "./define-backbone.ts";

/** One size of the family. */
export interface DenseNetSize {
  /** Channels that each layer adds. */
  readonly growth: number;
  /** Layers in each of the four blocks. */
  readonly blocks: readonly [number, number, number, number];
  /** Channels of the stem. */
  readonly width: number;
}

/** A layer's 1 × 1 convolution gives this many times the growth. */
const BOTTLENECK_FACTOR = 4;

interface Layer {
  readonly name: string;
  readonly into: number;
}
interface DenseBlock {
  readonly number: number;
  readonly layers: readonly Layer[];
  readonly out: number;
}

function blocksOf({ growth, blocks, width }: DenseNetSize): DenseBlock[] {
  let into = width;
  return blocks.map((n, i) => {
    const first = into;
    const layers = Array.from({ length: n }, (_, k) => ({
      name: `features.denseblock${i + 1}.denselayer${k + 1}`,
      into: first + k * growth,
    }));
    const out = first + n * growth;
    into = i + 1 < blocks.length ? Math.floor(out / 2) : out;
    return { number: i + 1, layers, out };
  });
}

/** He et al. 2015: variance 2 / (in · k²), which keeps activations' size. */
const kernel = (name: string, out: number, into: number, k: number): ParameterSpec =>
  normal(name, [out, into, k, k], Math.sqrt(2 / (into * k * k)));

/** The network of one size. A 7 × 7 stem, four dense blocks with halving transitions between, the mean over the map. */
export function densenet(size: DenseNetSize): Architecture {
  const { growth, width } = size;
  const blocks = blocksOf(size);
  const last = blocks.at(-1) as DenseBlock;
  const norms = [
    ["features.norm0", width],
    ...blocks.flatMap(({ layers, number, out }) => [
      ...layers.flatMap(({ name, into }) => [
        [`${name}.norm1`, into],
        [`${name}.norm2`, BOTTLENECK_FACTOR * growth],
      ]),
      ...(number < blocks.length ? [[`features.transition${number}.norm`, out]] : []),
    ]),
    ["features.norm5", last.out],
  ] as [string, number][];
  const kernels = (imageChannels: number): ParameterSpec[] => [
    kernel("features.conv0.weight", width, imageChannels, 7),
    ...blocks.flatMap(({ layers, number, out }) => [
      ...layers.flatMap(({ name, into }) => [
        kernel(`${name}.conv1.weight`, BOTTLENECK_FACTOR * growth, into, 1),
        kernel(`${name}.conv2.weight`, growth, BOTTLENECK_FACTOR * growth, 3),
      ]),
      ...(number < blocks.length
        ? [kernel(`features.transition${number}.conv.weight`, Math.floor(out / 2), out, 1)]
        : []),
    ]),
  ];
  return {
    nFeatures: last.out,
    stem: "features.conv0.weight",
    classifier: "classifier",
    describe: (imageChannels) => ({
      parameters: [...kernels(imageChannels), ...norms.flatMap(([name, channels]) => normParameters(name, channels))],
      buffers: norms.flatMap(([name, channels]) => normBuffers(name, channels)),
    }),
    featureMap(image, state) {
      const stem = conv2d(image, parameterOf(state.parameters, "features.conv0.weight"), { stride: 2, padding: 3 });
      let x = maxPool(relu(batchNorm(stem, "features.norm0", state)));
      for (const block of blocks) {
        x = denseBlock(x, block, state);
        if (block !== last) x = transition(x, `features.transition${block.number}`, state);
      }
      return relu(batchNorm(x, "features.norm5", state));
    },
    // The weights that torchvision publishes were saved when these modules had a dot in their names.
    legacyName: (name) => name.replace(/(denselayer\d+\.(?:norm|conv))\.([12])\./, "$1$2."),
  };
}

function denseBlock(x: Tensor, { layers }: DenseBlock, state: NormState): Tensor {
  const maps = [x];
  for (const { name } of layers) {
    const joined = maps.length === 1 ? x : cat(maps, 1);
    const first = parameterOf(state.parameters, `${name}.conv1.weight`);
    const inner = conv2d(relu(batchNorm(joined, `${name}.norm1`, state)), first);
    const second = parameterOf(state.parameters, `${name}.conv2.weight`);
    maps.push(conv2d(relu(batchNorm(inner, `${name}.norm2`, state)), second, { padding: 1 }));
  }
  return cat(maps, 1);
}

function transition(x: Tensor, name: string, state: NormState): Tensor {
  const weight = parameterOf(state.parameters, `${name}.conv.weight`);
  return averagePool(conv2d(relu(batchNorm(x, `${name}.norm`, state)), weight));
}
