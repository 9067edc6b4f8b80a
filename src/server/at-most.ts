// A turnstile: however many ask at once, only so many jobs hold memory.

/** Runs at most `most` jobs at a time; the others wait in the order they came. A job that fails gives its place back. */
export function atMost(most: number): <T>(job: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let nRunning = 0;
  return async (job) => {
    if (nRunning === most) await new Promise<void>((resolve) => waiting.push(resolve));
    else nRunning++;
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      if (next)
        next(); // the place is handed on
      else nRunning--;
    }
  };
}
