// How alike two pictures are to a network that has seen photographs: the squared distance of what the first stages of an ImageNet ResNet-50
// make of them (after Pihlgren et al. 2020). Frozen, so that each normalisation folds into the convolution before it.
import {
  callOp,
  conv2d,
  noGrad,
  op,
  type StoredTensor,
  type Tensor,
  TensorScope,
  tensorFromStored,
} from "../../tensor/index.ts";
import { readPublishedWeights } from "../published-weights.ts";
import { perceptualTensor } from "./errors.ts";

/** Blocks of each stage, and their inner widths; what leaves a block is four times as wide. */
const STAGES = [
  { nBlocks: 3, width: 64 },
  { nBlocks: 4, width: 128 },
  { nBlocks: 6, width: 256 },
  { nBlocks: 3, width: 512 },
] as const;
const EXPANSION = 4;
const NORM_EPSILON = 1e-5;
/** Of ImageNet's photographs, in [0, 1]: what the weights were trained with. */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/** A convolution with the normalisation after it, as one. */
interface Folded {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** Compares pictures by a frozen network. Owns its weights. */
export class PerceptualLoss {
  /** The file and its hash: what the loss depends on. */
  readonly id: string;
  readonly #layers: ReadonlyMap<string, Folded>;
  readonly #stage: number;

  private constructor(id: string, layers: ReadonlyMap<string, Folded>, stage: number) {
    this.id = id;
    this.#layers = layers;
    this.#stage = stage;
  }

  /**
   * Reads ResNet-50's weights as torchvision names them. @param stage how many of the four stages to run.
   * @throws GanDlError `weights-unreadable`, `bad-safetensors`, `weights-mismatch` naming the tensor.
   */
  static async open(file: string, stage: number): Promise<PerceptualLoss> {
    const { tensors, told } = await readPublishedWeights(file, "leave perceptualWeights out to compare pixels");
    const layers = new Map<string, Folded>();
    for (const { name, norm, shape } of layersOf(stage)) layers.set(name, folded(tensors, file, { name, norm, shape }));
    return new PerceptualLoss(`${told}, stage ${stage}`, layers, stage);
  }

  dispose(): void {
    for (const { weight, bias } of this.#layers.values()) for (const tensor of [weight, bias]) tensor.dispose();
  }

  /** Mean squared distance of two batches `[n,c,h,w]` in [−1, 1], every stain by itself as a grey picture; a scalar. */
  distance(made: Tensor, image: Tensor): Tensor {
    const target = noGrad(() => this.features(image));
    return this.features(made).sub(target).square().mean();
  }

  /** The feature maps of each stain of each image, `[n·c,f,h',w']`. */
  features(image: Tensor): Tensor {
    const [n = 0, c = 0, h = 0, w = 0] = image.shape;
    const grey = image
      .reshape([n * c, 1, h, w])
      .mul(0.5)
      .add(0.5);
    const channels = MEAN.map((mean, i) => grey.sub(mean).div(DEVIATION[i] ?? 1));
    let x = relu(this.#convolved(op("aten::cat", "", channels, 1), "conv1", 2, 3));
    x = callOp("aten::max_pool2d", "", [x, [3, 3], [2, 2], [1, 1], [1, 1], false]) as Tensor;
    for (const [s, { nBlocks }] of STAGES.slice(0, this.#stage).entries())
      for (let i = 0; i < nBlocks; i++) x = this.#block(x, `layer${s + 1}.${i}`, s > 0 && i === 0 ? 2 : 1);
    return x;
  }

  #block(x: Tensor, name: string, stride: number): Tensor {
    let inner = relu(this.#convolved(x, `${name}.conv1`, 1, 0));
    inner = relu(this.#convolved(inner, `${name}.conv2`, stride, 1));
    inner = this.#convolved(inner, `${name}.conv3`, 1, 0);
    const projection = `${name}.downsample.0`;
    return relu(inner.add(this.#layers.has(projection) ? this.#convolved(x, projection, stride, 0) : x));
  }

  #convolved(x: Tensor, name: string, stride: number, padding: number): Tensor {
    const layer = this.#layers.get(name);
    if (!layer) throw new Error(`internal: there is no layer '${name}'`);
    return conv2d(x, layer.weight, { bias: layer.bias, stride, padding });
  }
}

const relu = (x: Tensor): Tensor => op("aten::relu", "", x);

interface LayerSpec {
  readonly name: string;
  readonly norm: string;
  readonly shape: readonly number[];
}

/** Every convolution up to a stage, with the normalisation that follows it. */
function layersOf(stage: number): LayerSpec[] {
  const layers: LayerSpec[] = [{ name: "conv1", norm: "bn1", shape: [64, 3, 7, 7] }];
  let into = 64;
  for (const [s, { nBlocks, width }] of STAGES.slice(0, stage).entries()) {
    for (let i = 0; i < nBlocks; i++) {
      const block = `layer${s + 1}.${i}`;
      const out = EXPANSION * width;
      const shapes = [
        [width, into, 1, 1],
        [width, width, 3, 3],
        [out, width, 1, 1],
      ];
      for (const [k, shape] of shapes.entries())
        layers.push({ name: `${block}.conv${k + 1}`, norm: `${block}.bn${k + 1}`, shape });
      if (i === 0)
        layers.push({ name: `${block}.downsample.0`, norm: `${block}.downsample.1`, shape: [out, into, 1, 1] });
      into = out;
    }
  }
  return layers;
}

/** γ (w∗x − μ) / √(σ² + ε) + β as one convolution. */
function folded(tensors: ReadonlyMap<string, StoredTensor>, file: string, { name, norm, shape }: LayerSpec): Folded {
  using scope = new TensorScope();
  const of = (key: string, want: readonly number[]): Tensor => {
    const stored = tensors.get(key);
    if (stored?.shape.join() !== want.join()) throw perceptualTensor(file, key, stored?.shape ?? null, want);
    return tensorFromStored(stored).to({ dtype: "float32" });
  };
  const width = [shape[0] ?? 0];
  const scale = of(`${norm}.weight`, width).div(of(`${norm}.running_var`, width).add(NORM_EPSILON).sqrt());
  const weight = of(`${name}.weight`, shape).mul(scale.reshape([-1, 1, 1, 1]));
  const bias = of(`${norm}.bias`, width).sub(of(`${norm}.running_mean`, width).mul(scale));
  return { weight: scope.keep(weight), bias: scope.keep(bias) };
}
