// Image files decoded and measured by several threads at a time; what comes out does not depend on how many.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { GanDlError } from "../core/errors.ts";
import type { PlaneMeasure } from "./measure-plane.ts";
import { type PlanesWanted, placePlanes } from "./place-planes.ts";
import type { PlaneAnswer, PlaneRequest } from "./plane-worker.ts";
import type { Pixels } from "./shards.ts";

const WORKER = fileURLToPath(new URL("./plane-worker.js", import.meta.url));

interface Waiting {
  readonly resolve: (measures: PlaneMeasure[]) => void;
  readonly reject: (error: Error) => void;
}

/** Does what {@link placePlanes} does, off the calling thread, which is left to read, hash and write. Close it. */
export class PlaneThreads implements Disposable {
  readonly #workers: { readonly worker: Worker; nWaiting: number }[] = [];
  readonly #waiting = new Map<number, Waiting>();
  #failed: Error | null = null;
  #nextId = 0;

  /**
   * @param nThreads 0 or 1 works in place, as do TypeScript sources, where there is no built worker to start.
   * @param workerFile the built worker, for tests.
   */
  constructor(nThreads: number, workerFile = WORKER) {
    if (nThreads < 2 || !existsSync(workerFile)) return;
    for (let i = 0; i < nThreads; i++) {
      const worker = new Worker(workerFile);
      worker.on("message", (answer: PlaneAnswer) => this.#settle(answer));
      worker.on("error", (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
      this.#workers.push({ worker, nWaiting: 0 });
    }
  }

  /**
   * {@link placePlanes}, by the thread with the least to do.
   * @param bytes handed over: they cannot be read afterwards. @param out in shared memory (`allocateShared`).
   */
  async place(bytes: Uint8Array, wanted: PlanesWanted, out: Pixels): Promise<PlaneMeasure[]> {
    if (this.#failed) throw this.#failed;
    if (this.#workers.length === 0) return placePlanes(bytes, wanted, out);
    const thread = this.#workers.reduce((least, each) => (each.nWaiting < least.nWaiting ? each : least));
    const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice(); // a view's memory may be others' too
    const id = this.#nextId++;
    thread.nWaiting++;
    try {
      return await new Promise<PlaneMeasure[]>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        const request: PlaneRequest = { id, bytes: own, wanted, out };
        thread.worker.postMessage(request, [own.buffer as ArrayBuffer]);
      });
    } finally {
      thread.nWaiting--;
    }
  }

  /** Ends the threads; what was asked and not answered is refused. */
  [Symbol.dispose](): void {
    for (const { worker } of this.#workers) void worker.terminate();
    this.#fail(new Error("internal: the threads were closed"));
  }

  #settle(answer: PlaneAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.kind === "placed") waiting?.resolve([...answer.measures]);
    else waiting?.reject(new GanDlError(answer.code, answer.say));
  }

  #fail(error: Error): void {
    this.#failed = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
