// A convolutional autoencoder: the image through a narrow layer and back. Its decoder grows the image as StyleGAN2's generator does, every
// size adding to the one before.
import { constant, drawParameters, normal, type ParameterSpec, parameterOf } from "../../models/parameters.ts";
import {
  ACTIVATION_GAIN,
  activate,
  convUp2,
  equalisedConv,
  equalisedLinear,
  equalisedSkip,
  LEAKY_SLOPE,
  scaledWeight,
  upsample2,
} from "../../nn/index.ts";
import { conv2d, type Rng, type Tensor } from "../../tensor/index.ts";

export interface AutoencoderShape {
  /** A power of two, 16 or more. */
  readonly resolutionPx: number;
  readonly imageChannels: number;
  /** Width of the narrow layer: the embedding. */
  readonly bottleneck: number;
  /** Channels times side, below `channelMax`. */
  readonly channelBase: number;
  readonly channelMax: number;
}

/** Residual sums keep their variance. */
const HALF = Math.SQRT1_2;
const LAST_PX = 4;

const channelsAt = ({ channelBase, channelMax }: AutoencoderShape, px: number): number =>
  Math.max(1, Math.min(Math.floor(channelBase / px), channelMax));
/** 8, 16, … up to the image's side. */
const sidesOf = ({ resolutionPx }: AutoencoderShape): number[] =>
  Array.from({ length: Math.log2(resolutionPx) - 2 }, (_, i) => 8 * 2 ** i);

/** As the kernels of a CPU want it. */
const channelsLast = (x: Tensor): Tensor => x.contiguous({ memoryFormat: "channels_last" });

/** Every parameter, none allocated, in the order in which they are drawn. */
export function describeAutoencoder(shape: AutoencoderShape): ParameterSpec[] {
  const { imageChannels, bottleneck, resolutionPx } = shape;
  const of = (px: number) => channelsAt(shape, px);
  const weighted = (name: string, sides: readonly number[]) => [
    normal(`${name}.weight`, sides),
    constant(`${name}.bias`, [sides[0] ?? 0]),
  ];
  const flat = of(LAST_PX) * LAST_PX ** 2;
  const down = sidesOf(shape)
    .toReversed()
    .flatMap((px) => [
      ...weighted(`encoder.${px}.conv0`, [of(px), of(px), 3, 3]),
      ...weighted(`encoder.${px}.conv1`, [of(px / 2), of(px), 3, 3]),
      normal(`encoder.${px}.skip.weight`, [of(px / 2), of(px), 1, 1]),
    ]);
  const up = sidesOf(shape).flatMap((px) => [
    ...weighted(`decoder.${px}.conv0`, [of(px), of(px / 2), 3, 3]),
    ...weighted(`decoder.${px}.conv1`, [of(px), of(px), 3, 3]),
    ...weighted(`decoder.${px}.toImage`, [imageChannels, of(px), 1, 1]),
  ]);
  return [
    ...weighted("encoder.fromImage", [of(resolutionPx), imageChannels, 1, 1]),
    ...down,
    ...weighted("encoder.fc", [bottleneck, flat]),
    ...weighted("decoder.fc", [flat, bottleneck]),
    ...weighted(`decoder.${LAST_PX}.toImage`, [imageChannels, of(LAST_PX), 1, 1]),
    ...up,
  ];
}

/** The network. Owns its parameters; what its methods return belongs to the caller or the innermost scope. */
export class Autoencoder {
  readonly shape: AutoencoderShape;
  readonly parameters: Map<string, Tensor>;

  /** @param rng draws the parameters; equal generators give equal bits on one device. */
  constructor(shape: AutoencoderShape, rng: Rng) {
    this.shape = shape;
    this.parameters = drawParameters(describeAutoencoder(shape), rng);
  }

  dispose(): void {
    for (const tensor of this.parameters.values()) tensor.dispose();
  }

  /** image `[n,c,r,r]` in [−1, 1] → `[n,bottleneck]`. */
  encode(image: Tensor): Tensor {
    const [n = 0] = image.shape;
    let x = equalisedConv(channelsLast(image), ...this.#pair("encoder.fromImage"));
    for (const px of sidesOf(this.shape).reverse()) {
      const shortcut = equalisedSkip(x, parameterOf(this.parameters, `encoder.${px}.skip.weight`), HALF);
      const inner = equalisedConv(x, ...this.#pair(`encoder.${px}.conv0`));
      x = equalisedConv(inner, ...this.#pair(`encoder.${px}.conv1`), { down: true, gain: HALF }).add(shortcut);
    }
    return equalisedLinear(x.reshape([n, -1]), ...this.#pair("encoder.fc"));
  }

  /** code `[n,bottleneck]` → image `[n,c,r,r]`. */
  decode(code: Tensor): Tensor {
    const [n = 0] = code.shape;
    const flat = equalisedLinear(code, ...this.#pair("decoder.fc"), { activate: true });
    let x = channelsLast(flat.reshape([n, channelsAt(this.shape, LAST_PX), LAST_PX, LAST_PX]));
    let image = this.#toImage(x, LAST_PX);
    for (const px of sidesOf(this.shape)) {
      x = equalisedConv(this.#grown(x, px), ...this.#pair(`decoder.${px}.conv1`));
      image = upsample2(image).add(this.#toImage(x, px));
    }
    return image;
  }

  /** Doubled, filtered, convolved, activated; the gain is folded into weight and bias. */
  #grown(x: Tensor, px: number): Tensor {
    const [weight, bias] = this.#pair(`decoder.${px}.conv0`);
    const y = convUp2(x, scaledWeight(weight, ACTIVATION_GAIN));
    return activate(y, { bias: bias.mul(ACTIVATION_GAIN), slope: LEAKY_SLOPE });
  }

  #toImage(x: Tensor, px: number): Tensor {
    const [weight, bias] = this.#pair(`decoder.${px}.toImage`);
    return conv2d(x, scaledWeight(weight), { bias });
  }

  #pair(name: string): [weight: Tensor, bias: Tensor] {
    return [parameterOf(this.parameters, `${name}.weight`), parameterOf(this.parameters, `${name}.bias`)];
  }
}
