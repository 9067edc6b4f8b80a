// The generator and discriminator of Radford et al. 2016 (DCGAN), as CytoGAN used them: strided convolutions, batch normalisation, one
// dense layer before the score. Without the discriminator's normalisation they are what Gulrajani et al. 2017 train.
import { constant, drawParameters, normal, type ParameterSpec, parameterOf } from "../../models/parameters.ts";
import { conv2d, convTranspose2d, linear, noGrad, op, type Rng, type Tensor } from "../../tensor/index.ts";

export interface DcganShape {
  /** A power of two, 16 or more. */
  readonly resolutionPx: number;
  readonly imageChannels: number;
  readonly latentDim: number;
  /** Channels at the largest size; they double at each halving, up to eight times. */
  readonly channels: number;
  /** Width of the discriminator's dense layer: the embedding. */
  readonly denseDim: number;
  /** Whether the discriminator normalises by batches. */
  readonly normaliseDiscriminator: boolean;
}

/** Of all weights, as the paper has it. */
const WEIGHT_SD = 0.02;
const SLOPE = 0.2;
const MOMENTUM = 0.1;
const EPSILON = 1e-5;
const LAST_PX = 4;

/** Channels after the image was halved `halvings` times. */
const widthAfter = ({ channels }: DcganShape, halvings: number): number => channels * Math.min(8, 2 ** (halvings - 1));
const halvingsOf = ({ resolutionPx }: DcganShape): number => Math.log2(resolutionPx / LAST_PX);

/** Scale and shift of a normalisation, which are trained. */
const normalisation = (name: string, width: number): ParameterSpec[] => [
  constant(`${name}.weight`, [width], 1),
  constant(`${name}.bias`, [width]),
];

/** The parameters of both networks, none allocated. */
export function describeDcgan(shape: DcganShape): { generator: ParameterSpec[]; discriminator: ParameterSpec[] } {
  const { imageChannels, latentDim, denseDim } = shape;
  const n = halvingsOf(shape);
  const top = widthAfter(shape, n);
  const halvings = Array.from({ length: n }, (_, i) => i + 1);
  const before = (i: number) => (i === 1 ? imageChannels : widthAfter(shape, i - 1));
  return {
    generator: [
      ...[
        normal("start.weight", [top * LAST_PX ** 2, latentDim], WEIGHT_SD),
        constant("start.bias", [top * LAST_PX ** 2]),
      ],
      ...normalisation("start.norm", top),
      ...halvings
        .toReversed()
        .flatMap((i) => [
          normal(`up.${i}.weight`, [widthAfter(shape, i), before(i), 4, 4], WEIGHT_SD),
          constant(`up.${i}.bias`, [before(i)]),
          ...(i === 1 ? [] : normalisation(`up.${i}.norm`, before(i))),
        ]),
    ],
    discriminator: [
      ...halvings.flatMap((i) => [
        normal(`down.${i}.weight`, [widthAfter(shape, i), before(i), 4, 4], WEIGHT_SD),
        constant(`down.${i}.bias`, [widthAfter(shape, i)]),
        ...(i === 1 || !shape.normaliseDiscriminator ? [] : normalisation(`down.${i}.norm`, widthAfter(shape, i))),
      ]),
      ...[normal("dense.weight", [denseDim, top * LAST_PX ** 2], WEIGHT_SD), constant("dense.bias", [denseDim])],
      ...[normal("score.weight", [1, denseDim], WEIGHT_SD), constant("score.bias", [1])],
    ],
  };
}

/** Parameters, and the running statistics of the normalisations among them. */
class Network {
  readonly shape: DcganShape;
  readonly parameters: Map<string, Tensor>;
  /** Running means and variances, moved while training; not trained themselves. */
  readonly buffers: Map<string, Tensor>;

  constructor(shape: DcganShape, specs: readonly ParameterSpec[], rng: Rng) {
    this.shape = shape;
    this.parameters = drawParameters(specs, rng);
    const running = specs
      .filter(({ name }) => name.endsWith(".norm.weight"))
      .flatMap(({ name, shape: sides }) => {
        const norm = name.slice(0, -".weight".length);
        return [constant(`${norm}.mean`, sides), constant(`${norm}.variance`, sides, 1)];
      });
    this.buffers = drawParameters(running, rng);
    for (const buffer of this.buffers.values()) buffer.setRequiresGrad(false);
  }

  dispose(): void {
    for (const tensor of [...this.parameters.values(), ...this.buffers.values()]) tensor.dispose();
  }

  protected of(name: string): Tensor {
    return parameterOf(this.parameters, name);
  }

  /** By the batch's statistics in training, else by the running ones; untouched where there is no such normalisation. */
  protected normalised(x: Tensor, name: string, train: boolean): Tensor {
    if (!this.parameters.has(`${name}.weight`)) return x;
    const [mean, variance] = [parameterOf(this.buffers, `${name}.mean`), parameterOf(this.buffers, `${name}.variance`)];
    const affine = [this.of(`${name}.weight`), this.of(`${name}.bias`)] as const;
    return op("aten::batch_norm", "", x, ...affine, mean, variance, train, MOMENTUM, EPSILON, false);
  }
}

/** Latents to images. */
export class DcganGenerator extends Network {
  constructor(shape: DcganShape, rng: Rng) {
    super(shape, describeDcgan(shape).generator, rng);
  }

  /** z `[n,z]` → image `[n,c,r,r]` in [−1, 1], by the batch's statistics, which move the running ones. */
  generate(z: Tensor): Tensor {
    const n = halvingsOf(this.shape);
    const start = linear(z, this.of("start.weight"), this.of("start.bias"));
    let x = start.reshape([z.shape[0] ?? 0, widthAfter(this.shape, n), LAST_PX, LAST_PX]);
    x = op("aten::relu", "", this.normalised(x, "start.norm", true));
    for (let i = n; i >= 1; i--) {
      x = convTranspose2d(x, this.of(`up.${i}.weight`), { bias: this.of(`up.${i}.bias`), stride: 2, padding: 1 });
      if (i > 1) x = op("aten::relu", "", this.normalised(x, `up.${i}.norm`, true));
    }
    return x.tanh();
  }
}

/** Images to scores, and to the layer before. */
export class DcganDiscriminator extends Network {
  constructor(shape: DcganShape, rng: Rng) {
    super(shape, describeDcgan(shape).discriminator, rng);
  }

  /** image `[n,c,r,r]` in [−1, 1] → `[n]`, in training. */
  score(image: Tensor): Tensor {
    return linear(this.#dense(image, true), this.of("score.weight"), this.of("score.bias")).reshape([-1]);
  }

  /** The dense layer before the score, `[n,denseDim]`, by running statistics: an image's row does not depend on its batch. */
  features(image: Tensor): Tensor {
    return noGrad(() => this.#dense(image, false));
  }

  #dense(image: Tensor, train: boolean): Tensor {
    let x = image;
    for (let i = 1; i <= halvingsOf(this.shape); i++) {
      x = conv2d(x, this.of(`down.${i}.weight`), { bias: this.of(`down.${i}.bias`), stride: 2, padding: 1 });
      x = this.normalised(x, `down.${i}.norm`, train).leakyRelu(SLOPE);
    }
    return linear(x.reshape([image.shape[0] ?? 0, -1]), this.of("dense.weight"), this.of("dense.bias")).leakyRelu(
      SLOPE,
    );
  }
}
