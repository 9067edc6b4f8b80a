// How a thread that uses DuckDB is ended: never within one of its calls. Its binding throws where JavaScript can no longer run, and takes
// the whole process along.
import type { Worker } from "node:worker_threads";

/** Held by a thread (in its `workerData`) and by who started it: twice the calls under way, and 1 once the thread is to end. */
export type ThreadEnding = Int32Array<SharedArrayBuffer>;

const ENDS = 1;
const CALL = 2;

export const threadEnding = (): ThreadEnding => new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Ends the thread: at once, or where a call is under way as soon as it has answered. The process lives until then. */
export function endThread(worker: Worker, ending: ThreadEnding): void {
  if (Atomics.or(ending, 0, ENDS) < CALL) void worker.terminate();
  else worker.ref();
}

/** On the thread: makes a call that is not cut off. Where the thread is to end it ends here, before the call or after it. */
export async function uninterrupted<T>(ending: ThreadEnding, call: () => Promise<T>): Promise<T> {
  if (Atomics.add(ending, 0, CALL) === ENDS) process.exit();
  try {
    return await call();
  } finally {
    if (Atomics.sub(ending, 0, CALL) === ENDS + CALL) process.exit();
  }
}
