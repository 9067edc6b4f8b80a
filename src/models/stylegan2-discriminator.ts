// StyleGAN2's residual discriminator (Karras et al. 2020), whose layers serve as the encoder (GAN-DL).
import { equalisedConv, equalisedLinear, equalisedSkip, minibatchStd, pixelNorm, withStatistic } from "../nn/index.ts";
import type { PrecisionConfig, StyleGan2Shape, Tap } from "../schema/index.ts";
import { cat, full, op, type Rng, type StoredTensor, type Tensor } from "../tensor/index.ts";
import { bfloat16FromPx, entering, FULL_PRECISION } from "./map-precision.ts";
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
    ...describeOut(shape, last),
  ];
}

export const LABEL_LR_MUL = 0.01;

/** Without labels a score; with labels a vector of the width of `last`, and the network that maps a label to its counterpart. */
function describeOut(shape: StyleGan2Shape, last: number): ParameterSpec[] {
  const { nClasses = 0, mappingLayers } = shape;
  const out = (width: number) => [normal("epilogue.out.weight", [width, last]), constant("epilogue.out.bias", [width])];
  if (nClasses === 0) return out(1);
  const layers = Array.from({ length: mappingLayers }, (_, i) => [
    normal(`labels.${i}.weight`, [last, last], 1 / LABEL_LR_MUL),
    constant(`labels.${i}.bias`, [last]),
  ]);
  return [
    ...out(last),
    normal("labels.embed.weight", [last, nClasses]),
    constant("labels.embed.bias", [last]),
    ...layers.flat(),
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
  readonly #bfloat16FromPx: number;

  /**
   * @param rng draws the parameters; equal generators give equal bits on one device.
   * @param precision of the feature maps that lead to a score, in training; an encoder's features are float32 in any case. @default float32
   * @throws GanDlError `bad-model-shape`.
   */
  constructor(shape: StyleGan2Shape, rng: Rng, precision: PrecisionConfig = FULL_PRECISION) {
    checkShape(shape);
    this.shape = shape;
    this.#bfloat16FromPx = bfloat16FromPx(shape, precision);
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
   * @param labels `[n,nClasses]`, one 1 a row; a model with classes needs it, one without takes none.
   */
  score(image: Tensor, { parts = 1, labels = null }: { parts?: number; labels?: Tensor | null } = {}): Scores {
    const x = entering(this.#blocks(image, this.#bfloat16FromPx).at(-1) as Tensor, false);
    const statistic = minibatchStd(x, { group: this.shape.minibatchStdGroup, parts });
    const { logit } = this.#epilogue(x, statistic);
    return { score: this.#projected(logit, labels).reshape([-1]), statistic };
  }

  /** Projection discriminator (Miyato & Koyama 2018) as StyleGAN2-ADA has it: the output times the mapped label, over √width. */
  #projected(logit: Tensor, labels: Tensor | null): Tensor {
    const { nClasses = 0 } = this.shape;
    if ((labels !== null) !== nClasses > 0)
      throw new Error(`internal: a discriminator of ${nClasses} classes was ${labels ? "" : "not "}told labels`);
    if (labels === null) return logit;
    const mapped = this.#mappedLabels(labels);
    return logit
      .mul(mapped)
      .sum([1])
      .mul(1 / Math.sqrt(mapped.shape[1] ?? 1));
  }

  /** `[n,nClasses]` → `[n,width]`. */
  #mappedLabels(labels: Tensor): Tensor {
    let x = pixelNorm(equalisedLinear(labels, this.#of("labels.embed.weight"), this.#of("labels.embed.bias")));
    for (let i = 0; i < this.shape.mappingLayers; i++)
      x = equalisedLinear(x, this.#of(`labels.${i}.weight`), this.#of(`labels.${i}.bias`), {
        lrMul: LABEL_LR_MUL,
        activate: true,
      });
    return x;
  }

  /** The score under each label, `[n,nClasses]`; without labels the score, `[n,1]`. */
  #logits(logit: Tensor): Tensor {
    const { nClasses = 0 } = this.shape;
    if (nClasses === 0) return logit;
    const mapped = this.#mappedLabels(
      op("aten::eye", "", nClasses, "float32").to({ dtype: logit.dtype, device: logit.device }),
    );
    return logit.matmul(mapped.transpose(0, 1)).mul(1 / Math.sqrt(mapped.shape[1] ?? 1));
  }

  /**
   * Every layer that may serve as an embedding (docs/methods.md §2.5), with a constant in place of the minibatch statistic, so that an
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
      logit: this.#logits(logit),
    };
  }

  /**
   * The feature maps after each residual block, largest first: what the embedding pools, before it is pooled. image `[n,c,r,r]` →
   * `[n,k,r/2,r/2]` … `[n,k,4,4]`.
   */
  featureMaps(image: Tensor): Tensor[] {
    return this.#blocks(image);
  }

  /** As {@link Discriminator.featureMaps}; blocks of a resolution from `bfloat16FromPx` on work in bfloat16. */
  #blocks(image: Tensor, bfloat16FromPx = Number.POSITIVE_INFINITY): Tensor[] {
    const { resolutionPx } = this.shape;
    const stem = `blocks.${resolutionPx}.fromImage`;
    let x = equalisedConv(
      entering(image, resolutionPx >= bfloat16FromPx),
      this.#of(`${stem}.weight`),
      this.#of(`${stem}.bias`),
    );
    return blocksOf(this.shape).map((resolution) => {
      const name = `blocks.${resolution}`;
      x = entering(x, resolution >= bfloat16FromPx);
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
