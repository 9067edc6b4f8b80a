// A run's events as they come.
import type { TrainEvent } from "../../../src/schema/run.ts";
import { EMPTY_HISTORY, type History, withEvents } from "./history.ts";

/** What the page is told: the history so far, or that the line is down and will be tried again. */
export interface RunFollower {
  onHistory(history: History): void;
  onConnection(isOpen: boolean): void;
}

/** Follows a stream of events until the returned function is called; the browser connects anew by itself. */
export function followRun(url: string, follower: RunFollower): () => void {
  const source = new EventSource(url);
  let history: History = EMPTY_HISTORY;
  const take = (before: History, data: string) => {
    history = withEvents(before, JSON.parse(data) as TrainEvent[]);
    follower.onHistory(history);
  };
  source.addEventListener("history", ({ data }: MessageEvent<string>) => take(EMPTY_HISTORY, data));
  source.addEventListener("events", ({ data }: MessageEvent<string>) => take(history, data));
  source.addEventListener("open", () => follower.onConnection(true));
  source.addEventListener("error", () => follower.onConnection(false));
  return () => source.close();
}
