// Drawing takes the machine: one request at a time, one more may wait.
import { drawingBusy } from "./errors-actions.ts";

/** Runs tasks one after the other; refuses when one is running and one waits. */
export class DrawQueue {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** @param signal drops the task while it waits. @throws GanDlError `busy`; what the task throws. */
  async run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#waiting >= 2) throw drawingBusy();
    this.#waiting++;
    const mine = this.#last.then(() => {
      signal.throwIfAborted();
      return task();
    });
    this.#last = mine.catch(() => {});
    try {
      return await mine;
    } finally {
      this.#waiting--;
    }
  }
}
