// One random stream for each plate, well and site, so that the order of drawing changes nothing.
import { SeededRandom } from "../../core/seeded-random.ts";

const WARM_UP_DRAWS = 16; // names that differ in one letter give near seeds, whose first draws are correlated (lag 1: 0.64)

/** The stream of a named part of the screen, already past its correlated first draws. */
export function randomFor(seed: number, part: string): SeededRandom {
  const random = SeededRandom.forPart(seed, part);
  for (let i = 0; i < WARM_UP_DRAWS; i++) random.uniform();
  return random;
}

/** Log-normal factor around 1 with the given spread of its logarithm. */
export function factor(random: SeededRandom, sdLog: number): number {
  return Math.exp(sdLog * random.normal());
}

/** `value` kept inside [low, high]; never −0, which JSON cannot tell from 0. */
export function clamp(value: number, low = 0, high = 1): number {
  return Math.max(low, Math.min(value, high)) + 0;
}
