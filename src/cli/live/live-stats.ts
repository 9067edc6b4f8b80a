// The figures that the live view shows, and the one place where they are taken from the training loop's events.
import type { SignFigures } from "../../train/index.ts";

/** What one redraw shows. Figures that a loop does not measure are left out or null. */
export interface LiveStats extends SignFigures {
  readonly step: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
  readonly gLoss: number;
  readonly r1: number | null;
  readonly pathLength?: number | null;
  readonly memoryBytes: number;
}

/**
 * Takes the figures from a `tick` event; those that its loop does not measure may be missing.
 * @param nonFiniteSteps steps since the tick before whose gradients were not finite.
 */
export function liveStatsOf(tick: Omit<LiveStats, "nonFiniteSteps">, nonFiniteSteps: number): LiveStats {
  const { kimg, step, imagesPerSecond, secondsLeft, dLoss, gLoss, realScore, fakeScore, r1, memoryBytes } = tick;
  const { pathLength, realSign, fakeSign, augmentP, diversity, gradientNorm } = tick;
  return {
    ...{
      kimg,
      step,
      imagesPerSecond,
      secondsLeft,
      dLoss,
      gLoss,
      realScore,
      fakeScore,
      r1,
      memoryBytes,
      nonFiniteSteps,
    },
    ...Object.fromEntries(
      Object.entries({ pathLength, realSign, fakeSign, augmentP, diversity, gradientNorm }).filter(
        ([, value]) => value !== undefined,
      ),
    ),
  };
}
