// How long each part of a study took.
import type { StageTiming } from "../../schema/index.ts";

/** Times the parts of a study, in order. */
export class Stages {
  readonly #done: StageTiming[];

  constructor(before: readonly StageTiming[] = []) {
    this.#done = [...before];
  }
  get all(): readonly StageTiming[] {
    return this.#done;
  }
  /** Runs `work` and notes its time. @param nImages images it handled, or null where that means nothing. */
  async time<T>(name: string, nImages: number | null | ((result: T) => number), work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    const seconds = (performance.now() - start) / 1000;
    const images = typeof nImages === "function" ? nImages(result) : nImages;
    this.#done.push({ name, seconds, imagesPerSecond: images === null ? null : images / seconds });
    return result;
  }
}
