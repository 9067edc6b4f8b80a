// The models that can be trained.
import type { ModelDefinition } from "./define-model.ts";
import { stylegan2 } from "./stylegan2.ts";

/** Every model, by id in its definition. Adding one is one file and one line here. */
export const MODELS: readonly ModelDefinition[] = [stylegan2];

export {
  Backbone,
  type BackboneOutput,
  type BackboneShape,
  describeBackbone,
  LEAST_SIDE_PX,
  loadBackboneWeights,
} from "./backbones/backbone.ts";
export { BACKBONE_NAMES, type BackboneName } from "./backbones/registry.ts";
export type { ModelDefinition } from "./define-model.ts";
export { countParameters, loadTensors, type ParameterSpec } from "./parameters.ts";
export { Discriminator, describeDiscriminator, LABEL_LR_MUL, type Scores } from "./stylegan2-discriminator.ts";
export {
  copyOfGenerator,
  describeGenerator,
  drawLatents,
  Generator,
  type NoiseMode,
  type SynthesisOptions,
} from "./stylegan2-generator.ts";
export { channelsAt, numWsOf, resolutionsOf } from "./stylegan2-shape.ts";
