// The discriminator of StyleGAN2 as an ONNX graph whose outputs are the taps of METHODS.md §2.5.
//
// Equalised-learning-rate scales, activation gains and the resampling filter are folded into the weights; the minibatch
// statistic is a constant, so its channel of the epilogue becomes a bias that differs only by position: exact.
import { channelsAt, resolutionsOf } from "../../models/index.ts";
import type { CheckpointHeader } from "../../schema/index.ts";
import type { StoredTensor } from "../../tensor/index.ts";
import { OnnxGraph } from "./graph.ts";

const FILTER = [1 / 8, 3 / 8, 3 / 8, 1 / 8];
const GAIN = Math.SQRT2;
const HALF = Math.SQRT1_2;
const SLOPE = { alpha: { float: 0.2 } };

/** The discriminator's tensors by name, without prefix. */
export type EncoderWeights = ReadonlyMap<string, StoredTensor>;

/**
 * Builds the encoder: input `image` `[n,c,r,r]` float32 in [−1, 1]; outputs `fc512`, `conv4_flat`, `conv4_gap`, `blocks_gap`, `logit`, `[n,f]` each.
 * @param properties text that travels in the model.
 */
export function encoderGraph(
  weights: EncoderWeights,
  header: CheckpointHeader,
  properties: Readonly<Record<string, string>>,
): Uint8Array {
  const { model } = header;
  const graph = new OnnxGraph();
  const layer = new EncoderLayers(graph, weights);
  const image = graph.input("image", ["n", model.imageChannels, model.resolutionPx, model.resolutionPx]);

  let x = layer.convolve(image, `blocks.${model.resolutionPx}.fromImage`, { gain: GAIN });
  const means: string[] = [];
  const widths: number[] = [];
  for (const resolution of resolutionsOf(model).slice(1).reverse()) {
    const name = `blocks.${resolution}`;
    const inner = layer.convolve(x, `${name}.conv0`, { gain: GAIN });
    const down = layer.convolve(inner, `${name}.conv1`, { gain: GAIN * HALF, down: true });
    const skip = layer.convolve(x, `${name}.skip`, { gain: HALF, down: true, linear: true });
    x = graph.node("Add", [down, skip]);
    means.push(layer.mean(x));
    widths.push(channelsAt(model, resolution / 2));
  }
  const last = channelsAt(model, 4);
  const conv = layer.epilogueConv(x, header.minibatchStdMean, last);
  const flat = graph.node("Flatten", [conv], { axis: 1 }, "conv4_flat");
  layer.mean(conv, "conv4_gap");
  graph.node("Concat", means, { axis: 1 }, "blocks_gap");
  const fc = layer.linear(flat, "epilogue.fc", GAIN);
  const activated = graph.node("LeakyRelu", [fc], SLOPE, "fc512");
  layer.linear(activated, "epilogue.out", 1, "logit");

  const sizes = {
    fc512: last,
    conv4_flat: last * 16,
    conv4_gap: last,
    blocks_gap: widths.reduce((a, b) => a + b, 0),
    logit: 1,
  };
  for (const [name, width] of Object.entries(sizes)) graph.output(name, ["n", width]);
  return graph.finish("gan-dl encoder", properties);
}

interface ConvolveOptions {
  readonly gain: number;
  /** Filtered and of stride 2. */
  readonly down?: boolean;
  /** Neither bias nor activation. */
  readonly linear?: boolean;
}

/** The layers of the discriminator, each with its weights made ready. */
class EncoderLayers {
  readonly #graph: OnnxGraph;
  readonly #weights: EncoderWeights;

  constructor(graph: OnnxGraph, weights: EncoderWeights) {
    this.#graph = graph;
    this.#weights = weights;
  }

  convolve(x: string, name: string, { gain, down = false, linear = false }: ConvolveOptions): string {
    const { data, shape } = this.#scaled(`${name}.weight`, gain);
    const side = shape[2] ?? 1;
    const kernel = down ? withFilter(data, side) : data;
    const size = down ? side + FILTER.length - 1 : side;
    const padding = down ? (size - 2) / 2 : (side - 1) / 2;
    const weight = this.#graph.constant(`${name}.weight`, Float32Array.from(kernel), [
      shape[0] ?? 0,
      shape[1] ?? 0,
      size,
      size,
    ]);
    const inputs = linear ? [x, weight] : [x, weight, this.#bias(name, gain)];
    const sizes = {
      kernel_shape: [size, size],
      pads: [padding, padding, padding, padding],
      strides: down ? [2, 2] : [1, 1],
    };
    const y = this.#graph.node("Conv", inputs, sizes);
    return linear ? y : this.#graph.node("LeakyRelu", [y], SLOPE);
  }

  /** The 3×3 convolution over the feature maps and the constant statistic, which is one more input channel. */
  epilogueConv(x: string, statistic: number, channels: number): string {
    const name = "epilogue.conv";
    const { data } = this.#scaled(`${name}.weight`, GAIN);
    const perOutput = (channels + 1) * 9;
    const kernel = new Float32Array(channels * channels * 9);
    const bias = this.#stored(`${name}.bias`).data as Float32Array;
    const position = new Float32Array(channels * 16);
    for (let o = 0; o < channels; o++) {
      kernel.set(data.subarray(o * perOutput, o * perOutput + channels * 9), o * channels * 9);
      const taps = data.subarray(o * perOutput + channels * 9, (o + 1) * perOutput);
      for (let p = 0; p < 16; p++)
        position[o * 16 + p] = (bias[o] ?? 0) * GAIN + statistic * tapsInside(taps, Math.floor(p / 4), p % 4);
    }
    const weight = this.#graph.constant(`${name}.weight`, kernel, [channels, channels, 3, 3]);
    const added = this.#graph.constant(`${name}.position`, position, [1, channels, 4, 4]);
    const y = this.#graph.node("Conv", [x, weight], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] });
    return this.#graph.node("LeakyRelu", [this.#graph.node("Add", [y, added])], SLOPE);
  }

  linear(x: string, name: string, gain: number, output?: string): string {
    const { data, shape } = this.#scaled(`${name}.weight`, gain);
    const weight = this.#graph.constant(`${name}.weight`, Float32Array.from(data), shape);
    return this.#graph.node("Gemm", [x, weight, this.#bias(name, gain)], { transB: 1 }, output);
  }

  /** The spatial mean, `[n,c]`. */
  mean(x: string, output?: string): string {
    return this.#graph.node("Flatten", [this.#graph.node("GlobalAveragePool", [x])], { axis: 1 }, output);
  }

  #bias(name: string, gain: number): string {
    const { data, shape } = this.#stored(`${name}.bias`);
    return this.#graph.constant(
      `${name}.bias`,
      Float32Array.from(data as Float32Array, (value) => value * gain),
      shape,
    );
  }

  /** A weight times gain / √fan-in, in float64. */
  #scaled(name: string, gain: number): { data: Float64Array; shape: readonly number[] } {
    const { data, shape } = this.#stored(name);
    const scale = gain / Math.sqrt(shape.slice(1).reduce((product, side) => product * side, 1));
    return { data: Float64Array.from(data as Float32Array, (value) => value * scale), shape };
  }

  #stored(name: string): StoredTensor {
    const found = this.#weights.get(name);
    if (!found) throw new Error(`internal: the checkpoint has no '${name}'`);
    return found;
  }
}

/** Each `side`×`side` kernel convolved with the resampling filter: what "filter, then convolve" is in one kernel. */
function withFilter(data: Float64Array, side: number): Float64Array {
  const size = side + FILTER.length - 1;
  const out = new Float64Array((data.length / side ** 2) * size ** 2);
  for (let k = 0; k < data.length / side ** 2; k++) {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const weight = data[k * side ** 2 + y * side + x]!;
        for (const [v, fy] of FILTER.entries())
          for (const [u, fx] of FILTER.entries()) out[k * size ** 2 + (y + v) * size + x + u]! += weight * fy * fx;
      }
    }
  }
  return out;
}

/** The sum of a 3×3 kernel's taps that fall inside a 4×4 map at a position: what the zero padding leaves of a constant channel. */
function tapsInside(taps: Float64Array, row: number, column: number): number {
  let sum = 0;
  for (let v = 0; v < 3; v++) {
    for (let u = 0; u < 3; u++) {
      const inside = row + v - 1 >= 0 && row + v - 1 < 4 && column + u - 1 >= 0 && column + u - 1 < 4;
      if (inside) sum += taps[v * 3 + u]!;
    }
  }
  return sum;
}
