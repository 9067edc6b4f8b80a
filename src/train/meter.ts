// From steps to ticks: what a person watches.
import type { TrainEvent } from "../schema/index.ts";
import type { StepStats } from "./step-stats.ts";

/** Speed is told over about the last steps, not since the start. */
const SPEED_DECAY = 0.9;

/** Means over the steps since the last tick whose losses were finite; speed smoothed. */
export class Meter {
  readonly #periodSteps: number;
  #steps: StepStats[] = [];
  #r1: number | null = null;
  #imagesPerMs = 0;

  /** @param periodSteps after so many steps the expensive ones, with penalties, have come round. */
  constructor(periodSteps: number) {
    this.#periodSteps = periodSteps;
  }

  add(stats: StepStats, images: number, elapsedMs: number): void {
    if (Number.isFinite(stats.dLoss + stats.gLoss)) this.#steps.push(stats);
    if (stats.r1 !== null && Number.isFinite(stats.r1)) this.#r1 = stats.r1;
    // Steps with a penalty cost about twice as much; averaging over at least one period keeps the speed steady.
    const decay = Math.max(SPEED_DECAY, 1 - 1 / this.#periodSteps);
    const now = images / elapsedMs;
    this.#imagesPerMs = this.#imagesPerMs === 0 ? now : 1 / (decay / this.#imagesPerMs + (1 - decay) / now);
  }

  /** Null when no step was finite: there is nothing to average, and the `non-finite` events tell why. */
  tick(
    stamp: { time: string; kimg: number; step: number },
    imagesLeft: number,
    augmentP: number | null,
  ): TrainEvent | null {
    const last = this.#steps.at(-1);
    if (last === undefined) return null;
    const mean = (pick: (stats: StepStats) => number) =>
      this.#steps.reduce((sum, stats) => sum + pick(stats), 0) / this.#steps.length;
    const event: TrainEvent = {
      kind: "tick",
      ...stamp,
      imagesPerSecond: this.#imagesPerMs * 1000,
      secondsLeft: Math.max(0, imagesLeft) / this.#imagesPerMs / 1000,
      dLoss: mean((s) => s.dLoss),
      gLoss: mean((s) => s.gLoss),
      realScore: mean((s) => s.realScore),
      fakeScore: mean((s) => s.fakeScore),
      r1: this.#r1,
      pathLength: last.pathLength,
      realSign: mean((s) => s.realSign),
      fakeSign: mean((s) => s.fakeSign),
      augmentP,
      diversity: finiteOrNull(mean((s) => s.diversity)),
      memoryBytes: process.memoryUsage().rss,
    };
    this.#steps = [];
    return event;
  }
}

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
