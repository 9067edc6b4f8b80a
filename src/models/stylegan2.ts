// StyleGAN2 as one model of the registry.
import type { StyleGan2Shape } from "../schema/index.ts";
import type { Rng } from "../tensor/index.ts";
import { defineModel } from "./define-model.ts";
import { Discriminator, describeDiscriminator } from "./stylegan2-discriminator.ts";
import { describeGenerator, Generator } from "./stylegan2-generator.ts";

export const stylegan2 = defineModel({
  id: "stylegan2",
  title: "StyleGAN2: skip generator, residual discriminator (Karras et al. 2020)",
  describe: (shape: StyleGan2Shape) => ({
    generator: describeGenerator(shape),
    discriminator: describeDiscriminator(shape),
  }),
  build: (shape: StyleGan2Shape, rng: Rng) => ({
    generator: new Generator(shape, rng),
    discriminator: new Discriminator(shape, rng),
  }),
});
