// Images measured by several threads at a time; what comes out does not depend on how many.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Pixels } from "../../data/index.ts";
import { ImageFeatures, type ImageShapeOptions } from "./image-features.ts";
import type { MeasureAnswer, MeasureRequest } from "./measure-worker.ts";

const WORKER = fileURLToPath(new URL("./measure-worker.js", import.meta.url));

interface Thread {
  readonly worker: Worker;
  /** Images that it has been given and not answered. */
  waiting: number;
}

interface Waiting {
  readonly resolve: (features: Float32Array) => void;
  readonly reject: (error: Error) => void;
}

/** Measures images off the calling thread. Close it: threads hold memory of the size of a few images. */
export class MeasureThreads implements Disposable {
  readonly #threads: Thread[] = [];
  readonly #waiting = new Map<number, Waiting>();
  /** From TypeScript sources there is no built worker to start: then it measures in place. */
  readonly #inPlace: ImageFeatures | null;
  #nextId = 0;

  /**
   * @param nThreads at least 1. @param workerFile the built worker, for tests.
   * @throws GanDlError `images-too-small` as {@link ImageFeatures}.
   */
  constructor(options: ImageShapeOptions, nThreads: number, workerFile = WORKER) {
    const own = new ImageFeatures(options); // refuses here what would end each thread
    this.#inPlace = nThreads === 1 || !existsSync(workerFile) ? own : null;
    if (this.#inPlace) return;
    for (let i = 0; i < nThreads; i++) {
      const worker = new Worker(workerFile, { workerData: options });
      worker.on("message", (answer: MeasureAnswer) => this.#settle(answer));
      worker.on("error", (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
      this.#threads.push({ worker, waiting: 0 });
    }
  }

  /** Measures images of `pixels` `[n,c,h,w]` (borrowed, copied); new `[n,f]`. */
  async measure(pixels: Pixels, nImages: number): Promise<Float32Array> {
    if (this.#inPlace) return this.#inPlace.measureAll(pixels, nImages);
    const thread = this.#threads.reduce((least, each) => (each.waiting < least.waiting ? each : least));
    const id = this.#nextId++;
    const copy = pixels.slice();
    thread.waiting += nImages;
    try {
      return await new Promise<Float32Array>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        thread.worker.postMessage({ id, pixels: copy, nImages } satisfies MeasureRequest, [copy.buffer as ArrayBuffer]);
      });
    } finally {
      thread.waiting -= nImages;
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
