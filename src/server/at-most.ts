// A turnstile: however many ask at once, only so many jobs hold memory.

/** Runs a job in its turn. A signal that fires while the job waits drops it, with the signal's reason. */
export type InTurn = <T>(job: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/** Runs at most `most` jobs at a time; the others wait in the order they came. A job that fails gives its place back. */
export function atMost(most: number): InTurn {
  const waiting = new Set<() => void>();
  let nRunning = 0;
  const place = (signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        waiting.delete(enter);
        reject(signal?.reason);
      };
      waiting.add(enter);
      signal?.addEventListener("abort", leave, { once: true });
    });
  return async (job, signal) => {
    signal?.throwIfAborted();
    if (nRunning === most) await place(signal);
    else nRunning++;
    try {
      return await job();
    } finally {
      const [next] = waiting;
      if (next) {
        waiting.delete(next);
        next(); // the place is handed on
      } else nRunning--;
    }
  };
}
