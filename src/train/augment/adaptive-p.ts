// How often to augment: as often as it takes to keep the discriminator from being sure of the real images.
import type { AdaConfig, AugmentState } from "../../schema/index.ts";

type Steering = Pick<AdaConfig, "target" | "kimg" | "interval" | "initialP" | "maxP" | "fixed">;

/**
 * Steers the probability of augmentation by the mean sign r of the discriminator's scores of real images (Karras et al. 2020,
 * §3.1): r is 0 for a discriminator that cannot tell, 1 for one that knows its real images by heart. Every `interval` steps p
 * rises or falls by (images since then) / (kimg · 1000), as r is above or below the target, within 0 and `maxP`.
 * @example
 * ```ts
 * import { AdaptiveP } from "gan-dl/train";
 * const steering = new AdaptiveP({ target: 0.6, kimg: 500, interval: 4, initialP: 0, maxP: 0.8, fixed: undefined });
 * for (let step = 0; step < 4; step++) steering.observe(0.9, 32); // mean sign of 32 real scores
 * console.assert(steering.p === (32 * 4) / 500_000);
 * ```
 */
export class AdaptiveP {
  readonly #steering: Steering;
  #p: number;
  #signSum = 0;
  #images = 0;
  #steps = 0;

  constructor(steering: Steering) {
    this.#steering = steering;
    this.#p = Math.min(steering.initialP, steering.maxP);
  }

  /** The probability to augment with now; the fixed one where the configuration fixes it. */
  get p(): number {
    return this.#steering.fixed ?? this.#p;
  }

  /**
   * Tells what one step saw. A mean that is not finite counts for nothing: the step tells of it elsewhere.
   * @param signMean mean of sign(D(real)), −1 to 1. @param images how many images it is over.
   */
  observe(signMean: number, images: number): void {
    if (this.#steering.fixed !== undefined) return;
    if (Number.isFinite(signMean)) {
      this.#signSum += signMean * images;
      this.#images += images;
    }
    this.#steps++;
    if (this.#steps < this.#steering.interval) return;
    this.#change();
    this.#signSum = 0;
    this.#images = 0;
    this.#steps = 0;
  }

  #change(): void {
    if (this.#images === 0) return;
    const { target, kimg, maxP } = this.#steering;
    const direction = Math.sign(this.#signSum / this.#images - target);
    const moved = this.#p + (direction * this.#images) / (kimg * 1000);
    this.#p = Math.min(Math.max(moved, 0), maxP);
  }

  /** Everything a bit-exact resume needs; plain JSON. */
  state(): Omit<AugmentState, "random"> {
    return { p: this.#p, signSum: this.#signSum, images: this.#images, steps: this.#steps };
  }

  /** Goes on exactly where `state` was taken. */
  restore({ p, signSum, images, steps }: Omit<AugmentState, "random">): void {
    this.#p = p;
    this.#signSum = signSum;
    this.#images = images;
    this.#steps = steps;
  }
}
