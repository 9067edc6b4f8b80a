// Where a run stands, in a sentence.
import { type History, standing } from "./history.ts";

/** A duration as people say it: `42 s`, `3 min`, `2 h 5 min`. */
export function durationText(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.round(s / 60)} min`;
  return `${Math.floor(s / 3600)} h ${Math.round((s % 3600) / 60)} min`;
}

/** @param now milliseconds. */
export function standingText(history: History, now: number): string {
  const last = history.ticks.at(-1);
  const kimg = last ? `${Number(last.kimg.toPrecision(4))}` : "0";
  const of = history.totalKimg === null ? "" : ` of ${history.totalKimg}`;
  const done = `${kimg}${of} kimg`;
  switch (standing(history, now)) {
    case "waiting":
      return "Nothing was logged yet.";
    case "running":
      if (!last) return `Running: ${done}; the first figures come soon.`;
      return `Running: ${done}, ${Math.round(last.imagesPerSecond)} images a second, about ${durationText(last.secondsLeft)} left.`;
    case "silent":
      return `Nothing was logged for more than ten minutes: ${done}. If the process is gone, go on with --resume.`;
    case "finished":
      return `Finished: ${done}.`;
    case "stopped":
      return `Stopped at ${done}; it can go on with --resume.`;
  }
}
