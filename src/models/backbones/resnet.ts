// Residual networks (He et al., CVPR 2016) with torchvision's parameter names, so that its published weights fit.
import { conv2d, type Tensor } from "../../tensor/index.ts";
import { normal, type ParameterSpec, parameterOf } from "../parameters.ts";
import { batchNorm, maxPool, type NormState, normBuffers, normParameters, relu } from "./batch-norm.ts";
import type { Architecture, BackboneDescription } from "./define-backbone.ts";

/** One size of the family. */
export interface ResNetSize {
  /** Blocks in each of the four stages. */
  readonly blocks: readonly [number, number, number, number];
  /** 1 × 1, 3 × 3, 1 × 1 with four times the width, or two 3 × 3. */
  readonly bottleneck: boolean;
  /** Channels of the stem and the first stage; 64 in the paper. */
  readonly width: number;
}

const BOTTLENECK_FACTOR = 4;

interface Block {
  readonly name: string;
  readonly into: number;
  readonly inner: number;
  readonly out: number;
  readonly stride: number;
}

function blocksOf({ blocks, bottleneck, width }: ResNetSize): Block[] {
  let into = width;
  return blocks.flatMap((n, stage) =>
    Array.from({ length: n }, (_, i) => {
      const inner = width * 2 ** stage;
      const out = inner * (bottleneck ? BOTTLENECK_FACTOR : 1);
      const block = { name: `layer${stage + 1}.${i}`, into, inner, out, stride: i === 0 && stage > 0 ? 2 : 1 };
      into = out;
      return block;
    }),
  );
}

/** Kernel side, channels in and out of each convolution of a block, in order. */
const convolutionsOf = ({ into, inner, out }: Block, bottleneck: boolean): [k: number, from: number, to: number][] =>
  bottleneck
    ? [
        [1, into, inner],
        [3, inner, inner],
        [1, inner, out],
      ]
    : [
        [3, into, inner],
        [3, inner, out],
      ];

const needsProjection = ({ into, out, stride }: Block): boolean => into !== out || stride !== 1;

/** He et al. 2015: variance 2 / (out · k²), which keeps gradients' size. */
const kernel = (name: string, out: number, into: number, k: number): ParameterSpec =>
  normal(name, [out, into, k, k], Math.sqrt(2 / (out * k * k)));

function describeBlock(block: Block, bottleneck: boolean): BackboneDescription {
  const convolutions = convolutionsOf(block, bottleneck);
  const parameters = convolutions.flatMap(([k, from, to], i) => [
    kernel(`${block.name}.conv${i + 1}.weight`, to, from, k),
    ...normParameters(`${block.name}.bn${i + 1}`, to),
  ]);
  const buffers = convolutions.flatMap(([, , to], i) => normBuffers(`${block.name}.bn${i + 1}`, to));
  if (!needsProjection(block)) return { parameters, buffers };
  const name = `${block.name}.downsample`;
  return {
    parameters: [
      ...parameters,
      kernel(`${name}.0.weight`, block.out, block.into, 1),
      ...normParameters(`${name}.1`, block.out),
    ],
    buffers: [...buffers, ...normBuffers(`${name}.1`, block.out)],
  };
}

/** The network of one size. A 7 × 7 stem, four stages, the mean over the map. */
export function resnet(size: ResNetSize): Architecture {
  const blocks = blocksOf(size);
  const nFeatures = blocks.at(-1)?.out ?? 0;
  return {
    nFeatures,
    stem: "conv1.weight",
    classifier: "fc",
    describe(imageChannels) {
      const parts = blocks.map((block) => describeBlock(block, size.bottleneck));
      return {
        parameters: [
          kernel("conv1.weight", size.width, imageChannels, 7),
          ...normParameters("bn1", size.width),
          ...parts.flatMap(({ parameters }) => parameters),
        ],
        buffers: [...normBuffers("bn1", size.width), ...parts.flatMap(({ buffers }) => buffers)],
      };
    },
    featureMap(image, state) {
      const stem = conv2d(image, parameterOf(state.parameters, "conv1.weight"), { stride: 2, padding: 3 });
      let x = maxPool(relu(batchNorm(stem, "bn1", state)));
      for (const block of blocks) x = residualBlock(x, block, size.bottleneck, state);
      return x;
    },
    legacyName: (name) => name,
  };
}

/** The stride sits in the first 3 × 3 convolution (torchvision's "v1.5" for bottlenecks). */
function residualBlock(x: Tensor, block: Block, bottleneck: boolean, state: NormState): Tensor {
  const { name, stride } = block;
  const convolutions = convolutionsOf(block, bottleneck);
  const stridden = bottleneck ? 1 : 0;
  let inner = x;
  for (const [i, [k]] of convolutions.entries()) {
    const weight = parameterOf(state.parameters, `${name}.conv${i + 1}.weight`);
    const y = conv2d(inner, weight, { stride: i === stridden ? stride : 1, padding: (k - 1) / 2 });
    const normalised = batchNorm(y, `${name}.bn${i + 1}`, state);
    inner = i + 1 < convolutions.length ? relu(normalised) : normalised;
  }
  if (!needsProjection(block)) return relu(inner.add(x));
  const projection = parameterOf(state.parameters, `${name}.downsample.0.weight`);
  return relu(inner.add(batchNorm(conv2d(x, projection, { stride }), `${name}.downsample.1`, state)));
}
