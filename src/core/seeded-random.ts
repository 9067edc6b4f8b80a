// Seeded pseudo-random numbers for everything that is not a tensor: data order, splits, bootstraps, synthetic screens.
import { xoroshiro128plus, xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/**
 * A deterministic generator: equal seeds give equal numbers on every machine (xoroshiro128+, by pure-rand).
 *
 * Not for tensors: LibTorch draws with its own generators (`tensor/rng.ts`).
 * @example
 * ```ts
 * import { SeededRandom } from "gan-dl/core";
 * const a = new SeededRandom(1), b = new SeededRandom(1);
 * console.assert(a.uniform() === b.uniform());
 * ```
 */
export class SeededRandom {
  #generator: ReturnType<typeof xoroshiro128plus>;
  #spareNormal: number | null = null;

  /** @param seed any integer; equal seeds give equal streams. */
  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed | 0);
  }

  /** A stream for a named part of a job, so that adding a draw in one part does not move another. */
  static forPart(seed: number, part: string): SeededRandom {
    let hash = 0x811c9dc5 ^ seed; // FNV-1a
    for (let i = 0; i < part.length; i++) hash = Math.imul(hash ^ part.charCodeAt(i), 0x01000193);
    // Names that differ in their last letter must not give similar seeds: murmur3's finaliser spreads every bit.
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return new SeededRandom(hash ^ (hash >>> 16));
  }

  /** Uniform in [0, 1) with 53 random bits. */
  uniform(): number {
    const high = this.#generator.next() >>> 5; // 27 bits
    const low = this.#generator.next() >>> 6; // 26 bits
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Uniform integer in [0, n). */
  integer(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal, by Box–Muller (both halves used). */
  normal(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Shuffles `items` in place (Fisher–Yates) and returns them. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swap = items[i];
      items[i] = items[j];
      items[j] = swap;
    }
    return items;
  }

  /** Everything a bit-exact resume needs; plain JSON. */
  state(): SeededRandomState {
    return { generator: [...this.#generator.getState()], spareNormal: this.#spareNormal };
  }

  /** A generator that goes on exactly where `state` was taken. */
  static fromState(state: SeededRandomState): SeededRandom {
    const random = new SeededRandom(0);
    random.#generator = xoroshiro128plusFromState(state.generator);
    random.#spareNormal = state.spareNormal;
    return random;
  }
}

/** A saved {@link SeededRandom}. */
export interface SeededRandomState {
  readonly generator: readonly number[];
  readonly spareNormal: number | null;
}
