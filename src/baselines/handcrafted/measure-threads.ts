// Images measured by several threads at a time; what comes out does not depend on how many.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Pixels } from "../../data/index.ts";
import { ImageFeatures, type ImageShapeOptions } from "./image-features.ts";
import type { MeasureAnswer, MeasureRequest } from "./measure-worker.ts";

/** Requests that a thread has before it, so that it never waits. */
const AHEAD = 2;

const WORKER = fileURLToPath(new URL("./measure-worker.js", import.meta.url));

interface Thread {
  readonly worker: Worker;
  /** Requests that it has been given and not answered. */
  waiting: number;
}

interface Waiting {
  readonly resolve: (features: Float32Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Measures images on the calling thread and on others, which take more than a tenth of a second of processor each to start: the caller
 * begins at once, and does what the others have no room for. Close it: threads hold memory of the size of a few images.
 */
export class MeasureThreads implements Disposable {
  readonly #threads: Thread[] = [];
  readonly #waiting = new Map<number, Waiting>();
  readonly #own: ImageFeatures;
  #nextId = 0;

  /**
   * @param nThreads with the calling one, at least 1. @param workerFile the built worker, for tests; from TypeScript sources there is none
   * to start, and the caller measures alone.
   * @throws GanDlError `images-too-small` as {@link ImageFeatures}.
   */
  constructor(options: ImageShapeOptions, nThreads: number, workerFile = WORKER) {
    this.#own = new ImageFeatures(options); // refuses here what would end each thread
    if (!existsSync(workerFile)) return;
    for (let i = 1; i < nThreads; i++) {
      const worker = new Worker(workerFile, { workerData: options });
      worker.on("message", (answer: MeasureAnswer) => this.#settle(answer));
      worker.on("error", (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
      this.#threads.push({ worker, waiting: 0 });
    }
  }

  /** Measures images of `pixels` `[n,c,h,w]` (borrowed, copied); new `[n,f]`. */
  async measure(pixels: Pixels, nImages: number): Promise<Float32Array> {
    const thread = this.#threads.toSorted((a, b) => a.waiting - b.waiting)[0];
    if (!thread || thread.waiting >= AHEAD) return this.#own.measureAll(pixels, nImages);
    const id = this.#nextId++;
    const copy = pixels.slice();
    thread.waiting++;
    try {
      return await new Promise<Float32Array>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        thread.worker.postMessage({ id, pixels: copy, nImages } satisfies MeasureRequest, [copy.buffer as ArrayBuffer]);
      });
    } finally {
      thread.waiting--;
    }
  }

  /** Ends the threads; what was asked and not answered is refused. */
  [Symbol.dispose](): void {
    for (const { worker } of this.#threads) void worker.terminate();
    this.#fail(new Error("the threads were closed"));
  }

  #settle({ id, features }: MeasureAnswer): void {
    this.#waiting.get(id)?.resolve(features);
    this.#waiting.delete(id);
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
