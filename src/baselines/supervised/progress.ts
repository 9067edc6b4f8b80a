// Words and bars of what supervised systems do.
import type { BaselineEvent } from "../define-baseline.ts";

/** So many images of so many. */
export const imagesDone = (stage: string, done: number, total: number): BaselineEvent => ({
  ...{ kind: "progress", stage, done, total, detail: `${done} / ${total} images` },
});

/** The bar of a training that is between two epochs; it is never full, since something is still being done. */
export const trainingBar = (stage: string, epoch: number, total: number) => ({
  ...{ stage: `training (${stage})`, done: Math.max(0, epoch - 0.01), total },
});

/** The same events as a part of another bar. */
export async function* within<T>(
  bar: { readonly stage: string; readonly done: number; readonly total: number },
  events: AsyncGenerator<BaselineEvent, T>,
): AsyncGenerator<BaselineEvent, T> {
  for (let next = await events.next(); ; next = await events.next()) {
    if (next.done) return next.value;
    const event = next.value;
    yield event.kind === "progress" ? { ...event, ...bar, detail: `${event.stage}, ${event.detail}` } : event;
  }
}
