// What long tasks tell while they work.

/**
 * Told between the pieces of a task: what is being done, in a few words, and how many of how many pieces are.
 * It is called on the thread that computes, some times a second at most, and must not throw.
 */
export type TaskProgress = (stage: string, done: number, total: number) => void;

/** How many times a loop over many small pieces tells of itself. */
const TIMES = 100;

/** Tells of every hundredth part of a loop, so that telling costs nothing beside the pieces. */
export function tellSome(progress: TaskProgress | undefined, stage: string, total: number): (done: number) => void {
  if (!progress) return () => {};
  const every = Math.max(1, Math.floor(total / TIMES));
  return (done) => {
    if (done % every === 0) progress(stage, done, total);
  };
}
