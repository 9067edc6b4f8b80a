// StyleGAN2's generator: a mapping network and a skip synthesis network (Karras et al. 2020), for any number of image channels.
import {
  equalisedLinear,
  inDtypeOf,
  modulatedConv,
  pixelNorm,
  scaledWeight,
  styledConv,
  upsample2,
} from "../nn/index.ts";
import type { PrecisionConfig, StyleGan2Shape } from "../schema/index.ts";
import {
  callOp,
  cat,
  type DType,
  noGrad,
  type Rng,
  randn,
  type StoredTensor,
  type Tensor,
  zeros,
} from "../tensor/index.ts";
import { bfloat16FromPx, entering, FULL_PRECISION } from "./map-precision.ts";
import { constant, drawParameters, loadTensors, normal, type ParameterSpec, parameterOf } from "./parameters.ts";
import { channelsAt, checkShape, numWsOf, resolutionsOf } from "./stylegan2-shape.ts";

const MAPPING_LR_MUL = 0.01;
const W_AVG_DECAY = 0.995;

/** Where per-pixel noise comes from: fresh draws, fixed maps, or nowhere. */
export type NoiseMode = "random" | "const" | "none";

export interface SynthesisOptions {
  /** @default "random" */
  readonly noise?: NoiseMode;
  /** Draws the noise when it is random. */
  readonly rng?: Rng;
}

/**
 * Every parameter of the generator, in the order in which it is drawn; allocates nothing.
 * @example
 * ```ts
 * import { countParameters, describeGenerator } from "gan-dl/models";
 * const shape = { kind: "stylegan2", resolutionPx: 256, imageChannels: 5, latentDim: 512, styleDim: 512, mappingLayers: 3,
 *   channelBase: 16384, channelMax: 512, minibatchStdGroup: 4 } as const;
 * console.assert(countParameters(describeGenerator(shape)) === 23_459_184);
 * ```
 */
export function describeGenerator(shape: StyleGan2Shape): ParameterSpec[] {
  const { styleDim, imageChannels, nClasses = 0 } = shape;
  // A label enters as one more latent, of the styles' width, beside the random one.
  const embed =
    nClasses > 0
      ? [normal("mapping.embed.weight", [styleDim, nClasses]), constant("mapping.embed.bias", [styleDim])]
      : [];
  const latent = shape.latentDim + (nClasses > 0 ? styleDim : 0);
  const mapping = Array.from({ length: shape.mappingLayers }, (_, i) => [
    normal(`mapping.${i}.weight`, [styleDim, i === 0 ? latent : styleDim], 1 / MAPPING_LR_MUL),
    constant(`mapping.${i}.bias`, [styleDim]),
  ]);
  const affine = (name: string, into: number) => [
    normal(`${name}.affine.weight`, [into, styleDim]),
    constant(`${name}.affine.bias`, [into], 1),
  ];
  const conv = (name: string, into: number, out: number) => [
    ...[normal(`${name}.weight`, [out, into, 3, 3]), constant(`${name}.bias`, [out])],
    ...[...affine(name, into), constant(`${name}.noiseStrength`, [])],
  ];
  const blocks = resolutionsOf(shape).map((resolution) => {
    const name = `synthesis.${resolution}`;
    const out = channelsAt(shape, resolution);
    const first = resolution === 4 ? [] : conv(`${name}.conv0`, channelsAt(shape, resolution / 2), out);
    const toImage = [
      normal(`${name}.toImage.weight`, [imageChannels, out, 1, 1]),
      constant(`${name}.toImage.bias`, [imageChannels]),
    ];
    return [...first, ...conv(`${name}.conv1`, out, out), ...toImage, ...affine(`${name}.toImage`, out)];
  });
  return [...embed, ...mapping.flat(), normal("synthesis.const", [channelsAt(shape, 4), 4, 4]), ...blocks.flat()];
}

/** Fixed state that is no parameter: the mean style, and the constant noise maps. */
function describeBuffers(shape: StyleGan2Shape): ParameterSpec[] {
  const maps = resolutionsOf(shape).flatMap((r) =>
    (r === 4 ? ["conv1"] : ["conv0", "conv1"]).map((conv) => normal(`synthesis.${r}.${conv}.noise`, [r, r])),
  );
  return [constant("mapping.wAvg", [shape.styleDim]), ...maps];
}

/**
 * The generator. Owns its parameters and buffers; everything its methods return belongs to the caller or the innermost scope.
 * Draw it outside of any scope that should not free it.
 * @example
 * ```ts
 * import { drawLatents, Generator } from "gan-dl/models";
 * import { Rng } from "gan-dl/tensor";
 * const shape = { kind: "stylegan2", resolutionPx: 16, imageChannels: 5, latentDim: 8, styleDim: 8, mappingLayers: 2, channelBase: 128,
 *   channelMax: 8, minibatchStdGroup: 4 } as const;
 * const rng = new Rng(1);
 * const generator = new Generator(shape, rng);
 * const w = generator.truncate(generator.map(drawLatents(shape, 2, rng)), 0.7); // [2,8]
 * const image = generator.synthesise(generator.broadcast(w), { noise: "const" });
 * console.assert(image.shape.join() === "2,5,16,16");
 * ```
 */
export class Generator {
  readonly shape: StyleGan2Shape;
  readonly parameters: Map<string, Tensor>;
  readonly buffers: Map<string, Tensor>;
  readonly numWs: number;
  readonly #bfloat16FromPx: number;

  /**
   * @param rng draws the parameters; equal generators give equal bits on one device.
   * @param precision of the feature maps, for training; parameters, styles and the image are float32 in any case. @default float32
   * @throws GanDlError `bad-model-shape`.
   */
  constructor(shape: StyleGan2Shape, rng: Rng, precision: PrecisionConfig = FULL_PRECISION) {
    checkShape(shape);
    this.shape = shape;
    this.#bfloat16FromPx = bfloat16FromPx(shape, precision);
    this.numWs = numWsOf(shape);
    this.parameters = drawParameters(describeGenerator(shape), rng);
    this.buffers = drawParameters(describeBuffers(shape), rng);
    for (const buffer of this.buffers.values()) buffer.setRequiresGrad(false);
  }

  /** Parameters and buffers by name; borrowed. */
  state(): Map<string, Tensor> {
    return new Map([...this.parameters, ...this.buffers]);
  }
  loadState(state: ReadonlyMap<string, Tensor | StoredTensor>): void {
    loadTensors(this.state(), state);
  }
  dispose(): void {
    for (const tensor of this.state().values()) tensor.dispose();
  }

  /**
   * Latents to styles. z `[n,latentDim]` → w `[n,styleDim]`.
   * @param labels `[n,nClasses]`, one 1 a row; a model with classes needs it, one without takes none.
   */
  map(z: Tensor, labels: Tensor | null = null): Tensor {
    let x = this.#withLabels(pixelNorm(z), labels);
    for (let i = 0; i < this.shape.mappingLayers; i++) {
      x = equalisedLinear(x, this.#of(`mapping.${i}.weight`), this.#of(`mapping.${i}.bias`), {
        lrMul: MAPPING_LR_MUL,
        activate: true,
      });
    }
    return x;
  }

  #withLabels(z: Tensor, labels: Tensor | null): Tensor {
    if ((labels !== null) !== (this.shape.nClasses ?? 0) > 0)
      throw new Error(
        `internal: a generator of ${this.shape.nClasses ?? 0} classes was ${labels ? "" : "not "}told labels`,
      );
    if (labels === null) return z;
    const embedded = equalisedLinear(labels, this.#of("mapping.embed.weight"), this.#of("mapping.embed.bias"));
    return cat([z, pixelNorm(embedded)], 1);
  }

  /** Moves the running mean of styles, which truncation pulls towards. w `[n,styleDim]`. */
  trackStyle(w: Tensor): void {
    const mean = noGrad(() => w.detach().mean([0]));
    noGrad(() => this.#buffer("mapping.wAvg").lerp_(mean, 1 - W_AVG_DECAY));
  }

  /** Pulls styles towards their running mean: 1 leaves them, 0 gives the mean. w `[n,styleDim]`. */
  truncate(w: Tensor, psi: number): Tensor {
    const average = this.#buffer("mapping.wAvg");
    return psi === 1 ? w : w.sub(average).mul(psi).add(average);
  }

  /** The same style for every layer, or `second` from layer `cut` on. w `[n,styleDim]` → `[n,numWs,styleDim]`. */
  broadcast(w: Tensor, second: Tensor | null = null, cut = this.numWs): Tensor {
    const [n = 0, d = 0] = w.shape;
    const spread = (style: Tensor, layers: number) => style.reshape([n, 1, d]).expand([n, layers, d]);
    if (second === null || cut >= this.numWs) return spread(w, this.numWs);
    return callOp("aten::cat", "", [[spread(w, cut), spread(second, this.numWs - cut)], 1]) as Tensor;
  }

  /** Styles to images. ws `[n,numWs,styleDim]` → `[n,c,r,r]`, about in [−1, 1] once trained. */
  synthesise(ws: Tensor, options: SynthesisOptions = {}): Tensor {
    const [n = 0] = ws.shape;
    const styles = ws.permute([1, 0, 2]).contiguous(); // [numWs,n,styleDim]
    const start = this.#of("synthesis.const");
    let x = start.reshape([1, ...start.shape]).expand([n, ...start.shape]);
    let image: Tensor | null = null;
    let layer = 0;
    for (const resolution of resolutionsOf(this.shape)) {
      const name = `synthesis.${resolution}`;
      x = entering(x, resolution >= this.#bfloat16FromPx);
      if (resolution > 4) x = this.#conv(x, `${name}.conv0`, styles.select(0, layer++), options, true);
      x = this.#conv(x, `${name}.conv1`, styles.select(0, layer++), options, false);
      const shown = this.#toImage(x, `${name}.toImage`, styles.select(0, layer));
      image = image === null ? shown : upsample2(image).add(shown);
    }
    if (image === null) throw new Error("internal: a generator without blocks");
    return image;
  }

  #conv(x: Tensor, name: string, w: Tensor, { noise = "random", rng }: SynthesisOptions, up: boolean): Tensor {
    const style = equalisedLinear(w, this.#of(`${name}.affine.weight`), this.#of(`${name}.affine.bias`));
    const weight = this.#of(`${name}.weight`);
    const [n = 0, , height = 0, width = 0] = x.shape;
    const sides = up ? [2 * height, 2 * width] : [height, width];
    return styledConv(x, scaledWeight(weight), style, {
      up,
      bias: this.#of(`${name}.bias`),
      noise: this.#noise([n, ...sides], weight.dtype, name, noise, rng),
    });
  }

  /** A map `[n,1,h,w]` or `[1,1,h,w]` and its learned strength; null where there is none. */
  #noise([n = 0, h = 0, w = 0]: readonly number[], dtype: DType, name: string, mode: NoiseMode, rng: Rng | undefined) {
    if (mode === "none") return null;
    if (mode === "random" && rng === undefined) throw new Error("internal: random noise needs a generator to draw it");
    const strength = this.#of(`${name}.noiseStrength`);
    if (mode === "random" && rng) return { map: randn([n, 1, h, w], { rng, dtype }), strength };
    return { map: this.#buffer(`${name}.noise`).reshape([1, 1, h, w]), strength };
  }

  /** A linear 1×1 modulated convolution without demodulation, in the weights' precision from there on: images add up in it. */
  #toImage(x: Tensor, name: string, w: Tensor): Tensor {
    const weight = this.#of(`${name}.weight`);
    const style = equalisedLinear(w, this.#of(`${name}.affine.weight`), this.#of(`${name}.affine.bias`));
    const shown = inDtypeOf(weight, modulatedConv(x, scaledWeight(weight), style, { demodulate: false }));
    return shown.add(this.#of(`${name}.bias`).reshape([1, -1, 1, 1]));
  }

  #of(name: string): Tensor {
    return parameterOf(this.parameters, name);
  }
  #buffer(name: string): Tensor {
    return parameterOf(this.buffers, name);
  }
}

/** An exponential moving average's target: a second set of a generator's parameters, without gradients, in full precision. */
export function copyOfGenerator(generator: Generator, rng: Rng): Generator {
  const copy = new Generator(generator.shape, rng);
  copy.loadState(generator.state());
  for (const parameter of copy.parameters.values()) parameter.setRequiresGrad(false);
  return copy;
}

/** Latents ∼ N(0, 1), `[n,latentDim]`. */
export const drawLatents = (shape: StyleGan2Shape, n: number, rng: Rng): Tensor =>
  n === 0 ? zeros([0, shape.latentDim], { device: rng.device }) : randn([n, shape.latentDim], { rng });
