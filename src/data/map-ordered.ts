// Work on several items at once, results in the items' order.

/**
 * Yields `work(item)` for each item, in order, with at most `inFlight` of them under way.
 *
 * When one fails or the reader stops early, those under way are awaited before the error is passed on, so that no work
 * outlives the loop.
 * @example
 * ```ts
 * import { mapOrdered } from "gan-dl/data";
 * const doubled: number[] = [];
 * for await (const v of mapOrdered([1, 2, 3], 2, async (x) => 2 * x)) doubled.push(v);
 * console.assert(doubled.join() === "2,4,6");
 * ```
 */
export async function* mapOrdered<T, R>(
  items: Iterable<T>,
  inFlight: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const queue: Promise<R>[] = [];
  try {
    for (const item of items) {
      const result = work(item);
      result.catch(() => {}); // reported when its turn comes; until then it is not "unhandled"
      queue.push(result);
      if (queue.length >= inFlight) yield await queue.shift()!;
    }
    while (queue.length > 0) yield await queue.shift()!;
  } finally {
    await Promise.allSettled(queue);
  }
}
