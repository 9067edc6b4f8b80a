// Images measured by several threads at a time; what comes out does not depend on how many.
import { fileURLToPath } from "node:url";
import type { Pixels } from "../../data/index.ts";
import { ThreadPool } from "../../data/thread-pool.ts";
import { ImageFeatures, type ImageShapeOptions } from "./image-features.ts";
import type { MeasureAnswer, MeasureRequest } from "./measure-worker.ts";

/** Requests that a thread has before it, so that it never waits. */
const AHEAD = 2;

const WORKER = fileURLToPath(new URL("./measure-worker.js", import.meta.url));

/**
 * Measures images on the calling thread and on others, which take more than a tenth of a second of processor each to start: the caller
 * begins at once, and does what the others have no room for. Close it: threads hold memory of the size of a few images.
 */
export class MeasureThreads implements Disposable {
  readonly #pool: ThreadPool<MeasureRequest, MeasureAnswer>;
  readonly #own: ImageFeatures;

  /**
   * @param nThreads with the calling one, at least 1. @param workerFile the built worker, for tests; from TypeScript sources there is none
   * to start, and the caller measures alone.
   * @throws GanDlError `images-too-small` as {@link ImageFeatures}.
   */
  constructor(options: ImageShapeOptions, nThreads: number, workerFile = WORKER) {
    this.#own = new ImageFeatures(options); // refuses here what would end each thread
    this.#pool = new ThreadPool(workerFile, nThreads - 1, options);
  }

  /** Measures images of `pixels` `[n,c,h,w]` (borrowed, copied); new `[n,f]`. */
  async measure(pixels: Pixels, nImages: number): Promise<Float32Array> {
    if (this.#pool.shortestQueue >= AHEAD) return this.#own.measureAll(pixels, nImages);
    const copy = pixels.slice();
    const { features } = await this.#pool.ask({ pixels: copy, nImages }, [copy.buffer as ArrayBuffer]);
    return features;
  }

  /** Ends the threads; what was asked and not answered is refused. */
  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]();
  }
}
