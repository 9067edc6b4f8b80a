// Memory that only the garbage collector gives back, and of which it does not know how much it is.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { MiddlewareHandler } from "hono";

/**
 * DuckDB's results hold about 0.15 MiB each outside of JavaScript's heap, and their package offers no way to free one: V8, which sees a
 * few hundred bytes, waits for thousands of them: 284 → 550 MiB before it collected (docs/explorer.md, "Many readers").
 */
const GROWN_BY_BYTES = 64 * 2 ** 20;
/** Looking costs some microseconds. */
const ANSWERS_BETWEEN = 32;

/** What is looked at and what is done. */
export interface Collecting {
  readonly residentBytes: () => number;
  readonly collect: () => void;
}

/** Collects garbage whenever the process has grown by 64 MiB since the last time. */
export function collectGarbage({ residentBytes, collect }: Collecting = thisProcess()): MiddlewareHandler {
  let [nAnswers, low] = [0, residentBytes()];
  return async (_c, next) => {
    await next();
    if (++nAnswers % ANSWERS_BETWEEN !== 0) return;
    const now = residentBytes();
    low = Math.min(low, now);
    if (now < low + GROWN_BY_BYTES) return;
    collect();
    // What is collected is freed in the turns that follow; until then the process has not grown.
    low = now;
  };
}

function thisProcess(): Collecting {
  setFlagsFromString("--expose-gc");
  return { residentBytes: () => process.memoryUsage.rss(), collect: runInNewContext("gc") as () => void };
}
