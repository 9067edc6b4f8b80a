// Features without any training or download: a fixed convolutional network of random weights.
import { SeededRandom } from "../core/index.ts";
import { ACTIVATION_GAIN, LEAKY_SLOPE, scaledWeight } from "../nn/index.ts";
import { callOp, cat, conv2d, fromArray, noGrad, pad, type Tensor, TensorScope } from "../tensor/index.ts";
import { expectForm, type FeatureExtractor, type ImageForm } from "./feature-extractor.ts";

/** Raised with any change to widths, weights or what is taken from a stage. */
const VERSION = "1";
const SEED = 20_260_101;
/** Filters of each stage; each halves the side of the one before it. One network reads every stain alone, the other all together. */
const STAIN_WIDTHS = [4, 6, 8, 10, 12] as const;
const MIXED_WIDTHS = [8, 12, 16, 20, 24] as const;
/** A standard deviation over fewer pixels than 4×4 says little. */
const MIN_SIDE_PX = 4;
const BIAS_SPREAD = 0.5;
/** Added to a standard deviation before its logarithm: more than 8-bit rounding gives, so that stored images differ from drawn ones by no more. */
const FLAT = 0.01;

interface Stage {
  /** `[out,in,3,3]` ∼ N(0, 1), scaled when used. */
  readonly weight: Tensor;
  /** `[out]` */
  readonly bias: Tensor;
}

/**
 * A network that nobody trained: 3×3 convolutions of random weights, every second blind to brightness, leaky ReLU, and the mean
 * and log standard deviation of every filter's answer over the image, at up to five scales; once for each stain alone and once
 * for all stains mixed.
 *
 * It is not Inception and its distances cannot be compared with published FIDs: only with its own, at the same version, stains
 * and resolution. Random filters see brightness, texture and how stains overlap, not what things are. Weights are drawn by
 * `SeededRandom`, so every machine has the same; features agree between machines to float32 rounding.
 * @param form the images it will be given. @param device where it runs; `cpu` or `cuda:0`.
 * @returns an extractor of 80 features a stain and 160 of the mixture, fewer below 64 px; owned by the caller.
 * @example
 * ```ts
 * import { randomConvExtractor } from "gan-dl/quality";
 * const extractor = randomConvExtractor({ imageChannels: 2, resolutionPx: 64 });
 * const { n, d } = await extractor.extract({ data: new Float32Array(2 * 64 * 64), shape: [1, 2, 64, 64] });
 * console.assert(n === 1 && d === extractor.dim && d === 2 * 80 + 160);
 * extractor.dispose();
 * ```
 */
export function randomConvExtractor(form: ImageForm, device = "cpu"): FeatureExtractor {
  const nStages = stagesAt(form.resolutionPx);
  const stain = drawStages("stain", 1, STAIN_WIDTHS.slice(0, nStages), device);
  const mixed = drawStages("mixed", form.imageChannels, MIXED_WIDTHS.slice(0, nStages), device);
  const dim = form.imageChannels * nFeatures(stain) + nFeatures(mixed);
  return {
    ...{ id: "random-conv", version: VERSION, dim, form },
    description: `a fixed convolutional network with random weights, never trained (version ${VERSION}, ${dim} features); not Inception: its values can be compared only with its own, at the same stains and resolution`,
    async extract({ data, shape }) {
      expectForm("the images", shape, form);
      using _scope = new TensorScope();
      const [n, c, h, w] = shape;
      const rows = noGrad(() => {
        const x = fromArray(data, shape).to({ device });
        const alone = statistics(x.reshape([n * c, 1, h, w]), stain).reshape([n, c * nFeatures(stain)]);
        return cat([alone, statistics(x, mixed)], 1)
          .to({ device: "cpu" })
          .toFloat32Array();
      });
      return { data: rows, n, d: dim };
    },
    dispose() {
      for (const { weight, bias } of [...stain, ...mixed]) {
        weight.dispose();
        bias.dispose();
      }
    },
  };
}

/** How often the side can be halved, and one. */
function stagesAt(resolutionPx: number): number {
  let stages = 1;
  for (let side = resolutionPx; side % 2 === 0 && side / 2 >= MIN_SIDE_PX && stages < STAIN_WIDTHS.length; side /= 2)
    stages++;
  return stages;
}

function drawStages(branch: string, inputs: number, widths: readonly number[], device: string): Stage[] {
  return widths.map((out, stage) => {
    const into = widths[stage - 1] ?? inputs;
    const random = SeededRandom.forPart(SEED, `random-conv/${VERSION}/${branch}/${stage}`);
    const weight = Float32Array.from({ length: out * into * 9 }, () => random.normal());
    const bias = Float32Array.from({ length: out }, () => BIAS_SPREAD * random.normal());
    for (let filter = 1; filter < out; filter += 2) {
      blindToLevel(weight.subarray(filter * into * 9, (filter + 1) * into * 9));
      bias[filter] = 0;
    }
    return { weight: placed(weight, [out, into, 3, 3], device), bias: placed(bias, [out], device) };
  });
}

/**
 * Takes the mean from each 3×3 kernel. Brightness is most of what an image's numbers hold: among filters that all see it, blur and
 * noise went unnoticed.
 */
function blindToLevel(kernels: Float32Array): void {
  for (let at = 0; at < kernels.length; at += 9) {
    const kernel = kernels.subarray(at, at + 9);
    const mean = kernel.reduce((sum, value) => sum + value, 0) / 9;
    for (let i = 0; i < 9; i++) kernel[i]! -= mean;
  }
}

function placed(data: Float32Array, shape: readonly number[], device: string): Tensor {
  const host = fromArray(data, shape);
  if (device === "cpu") return host;
  const moved = host.to({ device });
  host.dispose();
  return moved;
}

/** A mean and the logarithm of a standard deviation of each filter. */
const nFeatures = (stages: readonly Stage[]): number =>
  stages.reduce((sum, { bias }) => sum + 2 * (bias.shape[0] ?? 0), 0);

/** x `[n,c,h,w]` → `[n,f]`. */
function statistics(x: Tensor, stages: readonly Stage[]): Tensor {
  const parts: Tensor[] = [];
  let y = x;
  stages.forEach(({ weight, bias }, stage) => {
    const smaller = stage === 0 ? y : (callOp("aten::avg_pool2d", "", [y, [2, 2]]) as Tensor);
    // The border is repeated, not zero: against dark ground of −1 zeros are a bright frame, which drowned everything within.
    const framed = pad(smaller, [1, 1, 1, 1], { mode: "replicate" });
    const kernel = scaledWeight(weight, ACTIVATION_GAIN);
    y = conv2d(framed, kernel, { bias: bias.mul(ACTIVATION_GAIN) }).leakyRelu(LEAKY_SLOPE);
    parts.push(y.mean([2, 3]), y.std([2, 3]).add(FLAT).log());
  });
  return cat(parts, 1);
}
