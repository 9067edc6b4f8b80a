// What a model family must offer to be trained and used as an encoder.
import type { StyleGan2Shape } from "../schema/index.ts";
import type { Rng } from "../tensor/index.ts";
import type { ParameterSpec } from "./parameters.ts";
import type { Discriminator } from "./stylegan2-discriminator.ts";
import type { Generator } from "./stylegan2-generator.ts";

/** One model family. */
export interface ModelDefinition {
  readonly id: string;
  readonly title: string;
  /** Every parameter, without allocating one. */
  describe(shape: StyleGan2Shape): { generator: ParameterSpec[]; discriminator: ParameterSpec[] };
  /** Draws both networks; the caller owns them. */
  build(shape: StyleGan2Shape, rng: Rng): { generator: Generator; discriminator: Discriminator };
}

/** Types a definition; nothing more. */
export const defineModel = (definition: ModelDefinition): ModelDefinition => definition;
