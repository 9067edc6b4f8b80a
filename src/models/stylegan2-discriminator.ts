// StyleGAN2's residual discriminator (Karras et al. 2020), whose layers serve as the encoder (GAN-DL).
import { equalisedConv, equalisedLinear, equalisedSkip, minibatchStd, withStatistic } from "../nn/index.ts";
import type { StyleGan2Shape, Tap } from "../schema/index.ts";
import { cat, full, type Rng, type StoredTensor, type Tensor } from "../tensor/index.ts";
import { constant, drawParameters, loadTensors, normal, type ParameterSpec, parameterOf } from "./parameters.ts";
import { channelsAt, checkShape, resolutionsOf } from "./stylegan2-shape.ts";

/** Residual sums keep their variance. */
const HALF = Math.SQRT1_2;

/** Every parameter of the discriminator, in the order in which it is drawn. Names are a contract with the ONNX exporter. */
export function describeDiscriminator(shape: StyleGan2Shape): ParameterSpec[] {
  const top = channelsAt(shape, shape.resolutionPx);
  const last = channelsAt(shape, 4);
  const blocks = blocksOf(shape).map((resolution) => {
    const [into, out] = [channelsAt(shape, resolution), channelsAt(shape, resolution / 2)];
    const name = `blocks.${resolution}`;
    return [
      ...[normal(`${name}.conv0.weight`, [into, into, 3, 3]), constant(`${name}.conv0.bias`, [into])],
      ...[normal(`${name}.conv1.weight`, [out, into, 3, 3]), constant(`${name}.conv1.bias`, [out])],
      normal(`${name}.skip.weight`, [out, into, 1, 1]),
    ];
  });
  const stem = `blocks.${shape.resolutionPx}.fromImage`;
  return [
    ...[normal(`${stem}.weight`, [top, shape.imageChannels, 1, 1]), constant(`${stem}.bias`, [top])],
    ...blocks.flat(),
    ...[normal("epilogue.conv.weight", [last, last + 1, 3, 3]), constant("epilogue.conv.bias", [last])],
    ...[normal("epilogue.fc.weight", [last, last * 16]), constant("epilogue.fc.bias", [last])],
    ...[normal("epilogue.out.weight", [1, last]), constant("epilogue.out.bias", [1])],
  ];
}

/** From the image's resolution down to 8. */
const blocksOf = (shape: StyleGan2Shape): number[] => resolutionsOf(shape).slice(1).reverse();

/** The score of each image, and the minibatch statistic that went into it. */
export interface Scores {
  /** `[n]`, higher for images that look real. */
  readonly score: Tensor;
  /** `[n,1,1,1]`. */
  readonly statistic: Tensor;
}

/**
 * The discriminator. Owns its parameters; what its methods return belongs to the caller or the innermost scope.
 * Karras et al. 2020, residual architecture; any number of image channels.
 * @example
 * ```ts
 * import { Discriminator } from "gan-dl/models";
 * import { Rng, zeros } from "gan-dl/tensor";
 * const shape = { kind: "stylegan2", resolutionPx: 16, imageChannels: 5, latentDim: 8, styleDim: 8, mappingLayers: 2, channelBase: 128,
 *   channelMax: 8, minibatchStdGroup: 4 } as const;
 * const discriminator = new Discriminator(shape, new Rng(1));
 * const { fc512, logit } = discriminator.features(zeros([3, 5, 16, 16])); // three images, whatever their batch
 * console.assert(fc512.shape.join() === "3,8" && logit.shape.join() === "3,1");
 * ```
 */
export class Discriminator {
  readonly shape: StyleGan2Shape;
  readonly parameters: Map<string, Tensor>;

  /** @param rng draws the parameters; equal generators give equal bits on one device. @throws GanDlError `bad-model-shape`. */
  constructor(shape: StyleGan2Shape, rng: Rng) {
    checkShape(shape);
    this.shape = shape;
    this.parameters = drawParameters(describeDiscriminator(shape), rng);
  }

  /** Parameters by name; borrowed. */
  state(): Map<string, Tensor> {
    return new Map(this.parameters);
  }
  loadState(state: ReadonlyMap<string, Tensor | StoredTensor>): void {
    loadTensors(this.parameters, state);
  }
  dispose(): void {
    for (const tensor of this.parameters.values()) tensor.dispose();
  }

  /**
   * Scores images for training. image `[n,c,r,r]` in [−1, 1].
   * @param parts equal parts of the batch (real, generated) whose minibatch statistics must not mix.
   */
  score(image: Tensor, { parts = 1 }: { parts?: number } = {}): Scores {
    const x = this.#blocks(image).at(-1) as Tensor;
    const statistic = minibatchStd(x, { group: this.shape.minibatchStdGroup, parts });
    return { score: this.#epilogue(x, statistic).logit.reshape([-1]), statistic };
  }

  /**
   * Every layer that may serve as an embedding (METHODS.md §2.5), with a constant in place of the minibatch statistic, so that an
   * image's features do not depend on its batch. image `[n,c,r,r]` → `[n,f]` each.
   */
  features(image: Tensor, { minibatchStd: value = 0 }: { minibatchStd?: number } = {}): Record<Tap, Tensor> {
    const [n = 0] = image.shape;
    const maps = this.#blocks(image);
    const statistic = full([n, 1, 1, 1], value, { dtype: image.dtype, device: image.device });
    const { conv, fc, logit } = this.#epilogue(maps.at(-1) as Tensor, statistic);
    const means = maps.map((map) => map.mean([2, 3]));
    const spreads = maps.map((map) => map.std([2, 3])); // population: a constant map gives 0
    return {
      fc512: fc,
      conv4_flat: conv.reshape([n, -1]),
      conv4_gap: conv.mean([2, 3]),
      blocks_gap: cat(means, 1),
      blocks_gap_std: cat([...means, ...spreads], 1),
      logit,
    };
  }

  /** The feature maps after each residual block, largest first. */
  #blocks(image: Tensor): Tensor[] {
    const stem = `blocks.${this.shape.resolutionPx}.fromImage`;
    let x = equalisedConv(image, this.#of(`${stem}.weight`), this.#of(`${stem}.bias`));
    return blocksOf(this.shape).map((resolution) => {
      const name = `blocks.${resolution}`;
      const shortcut = equalisedSkip(x, this.#of(`${name}.skip.weight`), HALF);
      const inner = equalisedConv(x, this.#of(`${name}.conv0.weight`), this.#of(`${name}.conv0.bias`));
      x = equalisedConv(inner, this.#of(`${name}.conv1.weight`), this.#of(`${name}.conv1.bias`), {
        down: true,
        gain: HALF,
      }).add(shortcut);
      return x;
    });
  }

  #epilogue(x: Tensor, statistic: Tensor): { conv: Tensor; fc: Tensor; logit: Tensor } {
    const [n = 0] = x.shape;
    const conv = equalisedConv(
      withStatistic(x, statistic),
      this.#of("epilogue.conv.weight"),
      this.#of("epilogue.conv.bias"),
    );
    const fc = equalisedLinear(conv.reshape([n, -1]), this.#of("epilogue.fc.weight"), this.#of("epilogue.fc.bias"), {
      activate: true,
    });
    return { conv, fc, logit: equalisedLinear(fc, this.#of("epilogue.out.weight"), this.#of("epilogue.out.bias")) };
  }

  #of(name: string): Tensor {
    return parameterOf(this.parameters, name);
  }
}
