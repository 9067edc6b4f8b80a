// A classification network with its weights: runs, trains, saves and loads.
import {
  linear,
  noGrad,
  type Rng,
  readSafetensors,
  type StoredTensor,
  type Tensor,
  tensorFromStored,
  zeros,
} from "../../tensor/index.ts";
import { imageTooSmallForBackbone, weightsLack, weightsShape, weightsUnknown } from "../errors.ts";
import { constant, drawParameters, loadTensors, normal, type ParameterSpec, parameterOf } from "../parameters.ts";
import { BACKBONES, type BackboneName } from "./registry.ts";

/** Five halvings leave one pixel of this. */
export const LEAST_SIDE_PX = 32;

/** Which network, for which images and classes. */
export interface BackboneShape {
  readonly name: BackboneName;
  readonly imageChannels: number;
  /** 0 leaves the classifier out. */
  readonly nClasses: number;
}

/** What a pass gives; the caller or the innermost scope owns all of it. */
export interface BackboneOutput {
  /** The last feature map, `[n,f,h/32,w/32]`. */
  readonly map: Tensor;
  /** Its mean, `[n,f]`: the embedding. */
  readonly pooled: Tensor;
  /** `[n,nClasses]`; null without a classifier. */
  readonly logits: Tensor | null;
}

/**
 * Every parameter and buffer of a network under torchvision's names, none allocated.
 * @example
 * ```ts
 * import { countParameters, describeBackbone } from "gan-dl/models";
 * const { parameters } = describeBackbone({ name: "resnet-34", imageChannels: 3, nClasses: 1000 });
 * console.assert(countParameters(parameters) === 21_797_672); // He et al. 2016 with torchvision's projections
 * ```
 */
export function describeBackbone({ name, imageChannels, nClasses }: BackboneShape): {
  parameters: ParameterSpec[];
  buffers: ParameterSpec[];
} {
  const architecture = BACKBONES[name];
  const { parameters, buffers } = architecture.describe(imageChannels);
  const f = architecture.nFeatures;
  const classifier =
    nClasses === 0
      ? []
      : [
          normal(`${architecture.classifier}.weight`, [nClasses, f], 1 / Math.sqrt(3 * f)), // PyTorch's variance
          constant(`${architecture.classifier}.bias`, [nClasses]),
        ];
  return { parameters: [...parameters, ...classifier], buffers: [...buffers] };
}

/**
 * A classification network. Owns its parameters and buffers; {@link Backbone.dispose} frees them.
 * @example
 * ```ts
 * import { Backbone } from "gan-dl/models";
 * import { noGrad, Rng, TensorScope, zeros } from "gan-dl/tensor";
 * using _scope = new TensorScope();
 * const network = new Backbone({ name: "resnet-small", imageChannels: 5, nClasses: 2 }, new Rng(1));
 * const { pooled, logits } = noGrad(() => network.run(zeros([3, 5, 64, 64])));
 * console.assert(pooled.shape.join() === "3,128" && logits?.shape.join() === "3,2");
 * ```
 */
export class Backbone {
  readonly shape: BackboneShape;
  readonly parameters: Map<string, Tensor>;
  readonly buffers: Map<string, Tensor>;

  /** @param rng draws the parameters; equal generators give equal bits on one device. */
  constructor(shape: BackboneShape, rng: Rng) {
    this.shape = shape;
    const { parameters, buffers } = describeBackbone(shape);
    this.parameters = drawParameters(parameters, rng);
    this.buffers = new Map(
      drawParameters(
        buffers.filter(({ name }) => !isCounter(name)),
        rng,
      ),
    );
    for (const buffer of this.buffers.values()) buffer.setRequiresGrad(false);
    for (const { name } of buffers.filter((buffer) => isCounter(buffer.name)))
      this.buffers.set(name, zeros([], { dtype: "int64", device: rng.device }));
  }

  /** Width of the embedding. */
  get nFeatures(): number {
    return BACKBONES[this.shape.name].nFeatures;
  }

  /**
   * Runs on images `[n,c,h,w]`, 32 px a side or more. @param train normalises by the batch and moves the running statistics.
   * @throws GanDlError `images-too-small`.
   */
  run(image: Tensor, { train = false }: { train?: boolean } = {}): BackboneOutput {
    const [, , h = 0, w = 0] = image.shape;
    const { name, nClasses } = this.shape;
    if (Math.min(h, w) < LEAST_SIDE_PX) throw imageTooSmallForBackbone(name, h, w, LEAST_SIDE_PX);
    const { parameters, buffers } = this;
    const architecture = BACKBONES[name];
    const map = architecture.featureMap(image, { parameters, buffers, train });
    const pooled = map.mean([2, 3]);
    if (nClasses === 0) return { map, pooled, logits: null };
    const of = (part: string) => parameterOf(parameters, `${architecture.classifier}.${part}`);
    return { map, pooled, logits: linear(pooled, of("weight"), of("bias")) };
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

  /** Takes weights as torchvision names them; {@link loadBackboneWeights} for a file. */
  take(tensors: ReadonlyMap<string, StoredTensor>, file: string): readonly string[] {
    const fits = matchWeights(this.shape, tensors, file);
    const own = this.state();
    noGrad(() => {
      for (const [name, stored] of fits.taken) {
        const live = tensorFromStored(stored);
        own.get(name)?.copy_(live);
        live.dispose();
      }
    });
    return fits.fresh;
  }
}

const isCounter = (name: string): boolean => name.endsWith("num_batches_tracked");

/**
 * Which tensors of a file go where. The stem of images with other channels and a classifier of other classes stay as drawn; everything
 * else must be there in its shape, and nothing else may be. Counters of batches, which older files lack, are optional.
 * @throws GanDlError `weights-mismatch`.
 */
function matchWeights(shape: BackboneShape, tensors: ReadonlyMap<string, StoredTensor>, file: string) {
  const { stem, classifier, legacyName } = BACKBONES[shape.name];
  const { parameters, buffers } = describeBackbone(shape);
  const wanted = new Map([...parameters, ...buffers].map((spec) => [spec.name, spec.shape]));
  const given = new Map([...tensors].map(([name, tensor]) => [legacyName(name), tensor]));
  const isClassifier = (name: string) => name.startsWith(`${classifier}.`);
  const unknown = [...given.keys()].filter((name) => !wanted.has(name) && !isClassifier(name));
  if (unknown.length > 0) throw weightsUnknown(file, shape.name, unknown);
  const fits = (name: string) => given.get(name)?.shape.join() === wanted.get(name)?.join();
  const classifierFits = fits(`${classifier}.weight`) && fits(`${classifier}.bias`);
  const fresh: string[] = [];
  const missing: string[] = [];
  const taken = new Map<string, StoredTensor>();
  for (const [name, want] of wanted) {
    const stored = given.get(name);
    const mayBeFresh = name === stem || isClassifier(name);
    if (isClassifier(name) && !classifierFits) fresh.push(name);
    else if (stored && fits(name)) taken.set(name, stored);
    else if (stored && !(mayBeFresh && isOtherStem(stored.shape, want)))
      throw weightsShape(file, shape.name, name, stored.shape, want);
    else if (stored) fresh.push(name);
    else if (!isCounter(name)) missing.push(name);
  }
  if (missing.length > 0) throw weightsLack(file, shape.name, missing);
  return { taken, fresh };
}

/** Equal but for the image's channels. */
const isOtherStem = (got: readonly number[], want: readonly number[]): boolean =>
  got.length === 4 && got.filter((_, axis) => axis !== 1).join() === want.filter((_, axis) => axis !== 1).join();

/**
 * Puts the weights of a safetensors file with torchvision's names into a network. A stem of other image channels and a classifier of
 * other classes are left as drawn.
 * @returns the names of the tensors that were left as drawn. @throws GanDlError `weights-mismatch`, `bad-safetensors`.
 */
export async function loadBackboneWeights(network: Backbone, file: string): Promise<readonly string[]> {
  const { tensors } = await readSafetensors(file);
  return network.take(tensors, file);
}
