// Samples of several variants in turn: one of each a round, so that whatever the machine does beside meets all of them.
import { setImmediate as breathe } from "node:timers/promises";
import type { Variant } from "./row.ts";

/** A sample shorter than this is repeated: the clock and the call around it must not count. */
const MIN_SAMPLE_SECONDS = 0.05;

export interface InterleaveOptions {
  readonly rounds: number;
  /** @default 0.05 */
  readonly minSampleSeconds?: number;
  /** Seconds; a stand-in in tests. */
  readonly now?: () => number;
  readonly onRound?: (done: number) => void;
}

/**
 * Measures each variant once a round, in an order that turns by one from round to round.
 * @returns for each variant, in their order, its speed in units of work a second, one number a round.
 */
export async function interleave(variants: readonly Variant[], options: InterleaveOptions): Promise<number[][]> {
  const { rounds, minSampleSeconds = MIN_SAMPLE_SECONDS, onRound = () => {} } = options;
  const now = options.now ?? (() => performance.now() / 1000);
  const repeats: number[] = [];
  for (const variant of variants) repeats.push(await calibrate(variant, minSampleSeconds, now));
  const speeds: number[][] = variants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < variants.length; i++) {
      const turn = (i + round) % variants.length;
      const [variant, count] = [variants[turn] as Variant, repeats[turn] as number];
      speeds[turn]?.push((variant.amount * count) / (await secondsOf(variant, count, now)));
    }
    onRound(round + 1);
    await breathe(); // runs are synchronous; without this no Ctrl-C gets in
  }
  return speeds;
}

/** Warms the variant up and finds how many runs make a sample. */
async function calibrate(variant: Variant, minSeconds: number, now: () => number): Promise<number> {
  if (variant.warmUp) {
    await variant.warmUp();
    return 1;
  }
  if ((await secondsOf(variant, 1, now)) > 4 * minSeconds) return 1; // so long that a cold start hardly shows
  for (let count = 1; ; count *= 2) {
    const seconds = await secondsOf(variant, count, now);
    if (seconds >= minSeconds / 2 || count >= 2 ** 20) return Math.max(1, Math.ceil((count * minSeconds) / seconds));
  }
}

async function secondsOf(variant: Variant, count: number, now: () => number): Promise<number> {
  const start = now();
  let told: number | null = null;
  for (let i = 0; i < count; i++) {
    const result = variant.run();
    const seconds = result instanceof Promise ? await result : result; // no turn of the event loop for what is not asynchronous
    if (typeof seconds === "number") told = (told ?? 0) + seconds;
  }
  return told ?? now() - start;
}
