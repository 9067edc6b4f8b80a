// What a classification network must tell for weights to be counted, drawn, loaded and run.
import type { Tensor } from "../../tensor/index.ts";
import type { ParameterSpec } from "../parameters.ts";
import type { NormState } from "./batch-norm.ts";

/** Every tensor of a network without its classifier, none allocated. */
export interface BackboneDescription {
  readonly parameters: readonly ParameterSpec[];
  /** Running statistics: saved and loaded with the weights, not trained. */
  readonly buffers: readonly ParameterSpec[];
}

/** One architecture, for any number of image channels. */
export interface Architecture {
  /** Channels of the last feature map: the width of an embedding. */
  readonly nFeatures: number;
  /** Name of the one kernel whose shape depends on the image's channels. */
  readonly stem: string;
  /** Prefix of the classifier's weight and bias. */
  readonly classifier: string;
  describe(imageChannels: number): BackboneDescription;
  /** The last feature map. image `[n,c,h,w]` → `[n,nFeatures,h/32,w/32]`. */
  featureMap(image: Tensor, state: NormState): Tensor;
  /** The present name of a tensor that older files of the same weights call otherwise. */
  legacyName(name: string): string;
}
