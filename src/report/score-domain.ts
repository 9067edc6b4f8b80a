// The axis of a chart of scores.
import type { Score } from "../schema/index.ts";

/** The axis: everything shown, chance included, with a tenth to spare; never wider than 0 to 1 for scores that cannot be. */
export function scoreDomain(scores: readonly Pick<Score, "value" | "ci95" | "chance">[]): [number, number] {
  const values = scores.flatMap((s) => [s.value, ...(s.ci95 ?? []), ...(s.chance === null ? [] : [s.chance])]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const shares = low >= 0 && high <= 1;
  const floor = Math.floor(low * 10 - 0.5) / 10;
  const ceiling = Math.ceil(high * 10 + 0.5) / 10;
  return shares ? [Math.max(0, floor), Math.min(1, ceiling)] : [floor, ceiling];
}
