// The discriminator of StyleGAN2 as an ONNX graph whose outputs are the taps of docs/methods.md §2.5.
//
// Equalised-learning-rate scales and gains are folded into the weights; the minibatch statistic is a constant, so its channel
// of the epilogue becomes a bias that differs only by position: exact. The resampling filter is a depthwise convolution of its own:
// folded into the strided kernels beside it (6×6 and 4×4) the encoder does twice the arithmetic and was measured to run at 0.5 to 0.65
// of the speed in ONNX Runtime. (In LibTorch, whose depthwise convolution is slow, it is the other way round: see `nn/resample.ts`.)
import { channelsAt, LABEL_LR_MUL, resolutionsOf } from "../../models/index.ts";
import type { CheckpointHeader } from "../../schema/index.ts";
import { tapWidths } from "../tap-widths.ts";
import { OnnxGraph } from "./graph.ts";

const FILTER = [1 / 8, 3 / 8, 3 / 8, 1 / 8];
const GAIN = Math.SQRT2;
const HALF = Math.SQRT1_2;
const SLOPE = { alpha: { float: 0.2 } };
const LAST_PX = 4;

/** A float32 parameter of the discriminator, row-major. */
export interface EncoderWeight {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The discriminator's parameters by name, as `describeDiscriminator` lists them. */
export type EncoderWeights = ReadonlyMap<string, EncoderWeight>;

/**
 * Builds the encoder: input `image` `[n,c,r,r]` float32 in [−1, 1]; outputs `fc512`, `conv4_flat`, `conv4_gap`, `blocks_gap`,
 * `blocks_gap_std`, `logit`, `[n,f]` each. Karras et al. 2020, residual discriminator.
 * @param weights borrowed; every parameter of a discriminator of this shape.
 * @returns the bytes of an ONNX model (opset 17).
 */
export function encoderGraph(
  weights: EncoderWeights,
  { model, minibatchStdMean }: Pick<CheckpointHeader, "model" | "minibatchStdMean">,
): Uint8Array {
  const graph = new OnnxGraph();
  const layers = new EncoderLayers(graph, weights);
  const image = graph.input("image", ["n", model.imageChannels, model.resolutionPx, model.resolutionPx]);

  let x = layers.convolve(image, `blocks.${model.resolutionPx}.fromImage`);
  const means: string[] = [];
  const spreads: string[] = [];
  for (const resolution of resolutionsOf(model).slice(1).reverse()) {
    x = layers.block(x, `blocks.${resolution}`, channelsAt(model, resolution));
    const mean = layers.mean(x);
    means.push(mean.flat);
    spreads.push(layers.spread(x, mean.map));
  }
  graph.node("Concat", means, { axis: 1 }, "blocks_gap");
  graph.node("Concat", [...means, ...spreads], { axis: 1 }, "blocks_gap_std");

  const conv = layers.epilogueConv(x, minibatchStdMean, channelsAt(model, LAST_PX));
  layers.mean(conv, "conv4_gap");
  const flat = graph.node("Flatten", [conv], { axis: 1 }, "conv4_flat");
  const hidden = graph.node("LeakyRelu", [layers.linear(flat, "epilogue.fc", GAIN)], SLOPE, "fc512");
  const { nClasses = 0, mappingLayers } = model;
  if (nClasses === 0) layers.linear(hidden, "epilogue.out", 1, "logit");
  else
    layers.logitOfEachClass(
      layers.linear(hidden, "epilogue.out", 1),
      nClasses,
      mappingLayers,
      channelsAt(model, LAST_PX),
    );

  for (const [name, width] of Object.entries(tapWidths(model))) graph.output(name, ["n", width]);
  return graph.finish("gan-dl encoder");
}

interface ConvolveOptions {
  /** Folded into weight and bias: exact, because the leaky ReLU scales with its argument. @default √2 */
  readonly gain?: number;
  /** @default 1 */
  readonly stride?: 1 | 2;
  /** @default keeps the size at stride 1 */
  readonly paddingPx?: number;
}

/** The layers of the discriminator, each with its weights made ready. Methods take and give the names of graph values. */
class EncoderLayers {
  readonly #graph: OnnxGraph;
  readonly #weights: EncoderWeights;
  readonly #filters = new Map<number, string>();

  constructor(graph: OnnxGraph, weights: EncoderWeights) {
    this.#graph = graph;
    this.#weights = weights;
  }

  /** A residual block: half the side, and both branches scaled by √½ so that their sum keeps its variance. */
  block(x: string, name: string, channels: number): string {
    const inner = this.convolve(x, `${name}.conv0`);
    const filtered = this.#filter(inner, channels, { stride: 1, paddingPx: 2 });
    const down = this.convolve(filtered, `${name}.conv1`, { gain: GAIN * HALF, stride: 2, paddingPx: 0 });
    // Of the filtered map only every other pixel meets the 1×1 kernel, so only those are computed.
    const halved = this.#filter(x, channels, { stride: 2, paddingPx: 1 });
    const weight = this.#weight(`${name}.skip.weight`, HALF);
    const skip = this.#graph.node("Conv", [halved, weight], convolution(1, 1, 0));
    return this.#graph.node("Add", [down, skip]);
  }

  /** A convolution with bias and leaky ReLU. */
  convolve(x: string, name: string, { gain = GAIN, stride = 1, paddingPx }: ConvolveOptions = {}): string {
    const side = this.#stored(`${name}.weight`).shape[2] ?? 1;
    const inputs = [x, this.#weight(`${name}.weight`, gain), this.#bias(name, gain)];
    const y = this.#graph.node("Conv", inputs, convolution(side, stride, paddingPx ?? (side - 1) / 2));
    return this.#graph.node("LeakyRelu", [y], SLOPE);
  }

  /** The 3×3 convolution over the feature maps and the constant statistic, which is one more input channel. */
  epilogueConv(x: string, statistic: number, channels: number): string {
    const name = "epilogue.conv";
    const scaled = this.#scaled(`${name}.weight`, GAIN);
    const bias = this.#stored(`${name}.bias`).data;
    const perOutput = (channels + 1) * 9;
    const kernel = new Float32Array(channels * channels * 9);
    const added = new Float32Array(channels * LAST_PX ** 2);
    for (let o = 0; o < channels; o++) {
      kernel.set(scaled.subarray(o * perOutput, o * perOutput + channels * 9), o * channels * 9);
      const taps = scaled.subarray(o * perOutput + channels * 9, (o + 1) * perOutput);
      for (let p = 0; p < LAST_PX ** 2; p++) {
        const inside = tapsInside(taps, Math.floor(p / LAST_PX), p % LAST_PX);
        added[o * LAST_PX ** 2 + p] = (bias[o] ?? 0) * GAIN + statistic * inside;
      }
    }
    const weight = this.#graph.constant(`${name}.weight`, kernel, [channels, channels, 3, 3]);
    const biasMap = this.#graph.constant(`${name}.biasMap`, added, [1, channels, LAST_PX, LAST_PX]);
    const y = this.#graph.node("Conv", [x, weight], convolution(3, 1, 1));
    return this.#graph.node("LeakyRelu", [this.#graph.node("Add", [y, biasMap])], SLOPE);
  }

  linear(x: string, name: string, gain: number, output?: string): string {
    const inputs = [x, this.#weight(`${name}.weight`, gain), this.#bias(name, gain)];
    return this.#graph.node("Gemm", inputs, { transB: 1 }, output);
  }

  /** For a discriminator that is told labels: its score under each of them. Labels are constants, so a runtime maps them once. */
  logitOfEachClass(out: string, nClasses: number, nLayers: number, width: number): void {
    const eye = Float32Array.from({ length: nClasses ** 2 }, (_, i) => (i % (nClasses + 1) === 0 ? 1 : 0));
    const embedded = this.linear(this.#graph.constant("labels", eye, [nClasses, nClasses]), "labels.embed", 1);
    const power = this.#graph.node("ReduceMean", [this.#graph.node("Mul", [embedded, embedded])], { axes: [1] });
    const epsilon = this.#graph.constant("labels.epsilon", Float32Array.of(1e-8), []);
    const length = this.#graph.node("Sqrt", [this.#graph.node("Add", [power, epsilon])]);
    let mapped = this.#graph.node("Div", [embedded, length]);
    for (let i = 0; i < nLayers; i++)
      mapped = this.#graph.node("LeakyRelu", [this.linear(mapped, `labels.${i}`, GAIN * LABEL_LR_MUL)], SLOPE);
    this.#graph.node("Gemm", [out, mapped], { transB: 1, alpha: { float: 1 / Math.sqrt(width) } }, "logit");
  }

  /** The spatial mean, as a map `[n,c,1,1]` and as `[n,c]`. */
  mean(x: string, output?: string): { map: string; flat: string } {
    const map = this.#graph.node("GlobalAveragePool", [x]);
    return { map, flat: this.#graph.node("Flatten", [map], { axis: 1 }, output) };
  }

  /** The spatial standard deviation (population) around a mean `[n,c,1,1]`; from differences, so that nothing cancels. `[n,c]`. */
  spread(x: string, mean: string): string {
    const difference = this.#graph.node("Sub", [x, mean]);
    const variance = this.#graph.node("GlobalAveragePool", [this.#graph.node("Mul", [difference, difference])]);
    return this.#graph.node("Flatten", [this.#graph.node("Sqrt", [variance])], { axis: 1 });
  }

  /** The resampling filter on every channel. */
  #filter(x: string, channels: number, { stride, paddingPx }: { stride: 1 | 2; paddingPx: number }): string {
    let filter = this.#filters.get(channels);
    if (filter === undefined) {
      const kernel = FILTER.flatMap((row) => FILTER.map((column) => row * column));
      const data = Float32Array.from({ length: channels * kernel.length }, (_, i) => kernel[i % kernel.length] ?? 0);
      filter = this.#graph.constant(`filter.${channels}`, data, [channels, 1, FILTER.length, FILTER.length]);
      this.#filters.set(channels, filter);
    }
    const attributes = { ...convolution(FILTER.length, stride, paddingPx), group: channels };
    return this.#graph.node("Conv", [x, filter], attributes);
  }

  #weight(name: string, gain: number): string {
    return this.#graph.constant(name, Float32Array.from(this.#scaled(name, gain)), this.#stored(name).shape);
  }

  #bias(layer: string, gain: number): string {
    const { data, shape } = this.#stored(`${layer}.bias`);
    const scaled = data.map((value) => value * gain);
    return this.#graph.constant(`${layer}.bias`, scaled, shape);
  }

  /** A weight times gain / √fan-in (the equalised learning rate), in float64. */
  #scaled(name: string, gain: number): Float64Array {
    const { data, shape } = this.#stored(name);
    const fanIn = shape.slice(1).reduce((product, side) => product * side, 1);
    const scale = gain / Math.sqrt(fanIn);
    return Float64Array.from(data, (value) => value * scale);
  }

  #stored(name: string): EncoderWeight {
    const found = this.#weights.get(name);
    if (!found) throw new Error(`internal: the encoder's weights have no '${name}'`);
    return found;
  }
}

const convolution = (side: number, stride: number, paddingPx: number) => ({
  kernel_shape: [side, side],
  pads: [paddingPx, paddingPx, paddingPx, paddingPx],
  strides: [stride, stride],
});

/** The sum of a 3×3 kernel's taps that fall inside the 4×4 map at a position: what the zero padding leaves of a constant channel. */
function tapsInside(taps: Float64Array, row: number, column: number): number {
  const isInside = (at: number) => at >= 0 && at < LAST_PX;
  return taps.reduce((sum, tap, i) => {
    const inside = isInside(row + Math.floor(i / 3) - 1) && isInside(column + (i % 3) - 1);
    return sum + (inside ? tap : 0);
  }, 0);
}
