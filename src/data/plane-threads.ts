// Image files decoded and measured by several threads at a time; what comes out does not depend on how many.
import { fileURLToPath } from "node:url";
import { GanDlError } from "../core/errors.ts";
import type { PlaneMeasure } from "./measure-plane.ts";
import { type PlanesWanted, placePlanes } from "./place-planes.ts";
import type { PlaneAnswer, PlaneRequest } from "./plane-worker.ts";
import type { Pixels } from "./shards.ts";
import { ThreadPool } from "./thread-pool.ts";

const WORKER = fileURLToPath(new URL("./plane-worker.js", import.meta.url));

/** Does what {@link placePlanes} does, off the calling thread, which is left to read, hash and write. Close it. */
export class PlaneThreads implements Disposable {
  readonly #pool: ThreadPool<PlaneRequest, PlaneAnswer>;

  /**
   * @param nThreads 0 or 1 works in place, as do TypeScript sources, where there is no built worker to start.
   * @param workerFile the built worker, for tests.
   */
  constructor(nThreads: number, workerFile = WORKER) {
    this.#pool = new ThreadPool(workerFile, nThreads < 2 ? 0 : nThreads);
  }

  /**
   * {@link placePlanes}, by the thread with the least to do.
   * @param bytes handed over: they cannot be read afterwards. @param out in shared memory (`allocateShared`).
   */
  async place(bytes: Uint8Array, wanted: PlanesWanted, out: Pixels): Promise<readonly PlaneMeasure[]> {
    if (this.#pool.size === 0) return placePlanes(bytes, wanted, out);
    const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice(); // a view's memory may be others' too
    const answer = await this.#pool.ask({ bytes: own, wanted, out }, [own.buffer as ArrayBuffer]);
    if (answer.kind === "refused") throw new GanDlError(answer.code, answer.say);
    return answer.measures;
  }

  /** Ends the threads; what was asked and not answered is refused. */
  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]();
  }
}
