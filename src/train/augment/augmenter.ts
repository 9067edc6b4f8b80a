// The pipe, its probability and its random numbers together: what a training step holds.
import { SeededRandom } from "../../core/index.ts";
import type { AdaConfig, AugmentState } from "../../schema/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import { AdaptiveP } from "./adaptive-p.ts";
import { AugmentPipe } from "./augment-pipe.ts";

/**
 * Adaptive discriminator augmentation of one run: every image goes through `augment` before the discriminator sees it, and every
 * discriminator step tells `observe` what it thought of the real ones.
 * @example
 * ```ts
 * import { AdaConfig } from "gan-dl/schema";
 * import { Rng, randn } from "gan-dl/tensor";
 * import { Augmenter } from "gan-dl/train";
 * const augmenter = new Augmenter(AdaConfig.parse({ kind: "ada", fixed: 1 }), 7);
 * const real = randn([2, 5, 16, 16], { rng: new Rng(1) });
 * const before = augmenter.state();
 * const first = augmenter.augment(real);
 * augmenter.restore(before);
 * console.assert(augmenter.augment(real).sub(first).abs().amax().item() === 0);
 * ```
 */
export class Augmenter {
  readonly #pipe: AugmentPipe;
  readonly #probability: AdaptiveP;
  #random: SeededRandom;

  /** @param seed of the run; equal seeds give equal draws. */
  constructor(config: AdaConfig, seed: number) {
    this.#pipe = new AugmentPipe(config.ops);
    this.#probability = new AdaptiveP(config);
    this.#random = SeededRandom.forPart(seed, "augmentation");
  }

  /** The probability that the next images are augmented with. */
  get p(): number {
    return this.#probability.p;
  }

  /** Images `[n,c,side,side]` (borrowed) → as many, augmented; the same tensor where nothing happens. */
  augment(images: Tensor): Tensor {
    return this.#pipe.augment(images, this.p, this.#random);
  }

  /** @param signMean mean of sign(D(real)) over one step, of images that went through `augment`. @param images how many. */
  observe(signMean: number, images: number): void {
    this.#probability.observe(signMean, images);
  }

  /** Everything a bit-exact resume needs; plain JSON. */
  state(): AugmentState {
    const { generator, spareNormal } = this.#random.state();
    return { ...this.#probability.state(), random: { generator: [...generator], spareNormal } };
  }

  /** Goes on exactly where `state` was taken. */
  restore(state: AugmentState): void {
    this.#probability.restore(state);
    this.#random = SeededRandom.fromState(state.random);
  }
}
