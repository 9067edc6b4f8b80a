// Reads a run folder's `events.jsonl` for the report's training curves.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GanDlError } from "../../core/errors.ts";
import { parseWith, TrainEvent } from "../../schema/index.ts";

/** The longest curve worth drawing; longer runs are thinned evenly. */
const MAX_POINTS = 400;

/**
 * Every event of a run, in order. A last line cut short by a kill is left out; any other bad line is an error.
 * @throws GanDlError `bad-event` naming the file and line.
 */
export async function readEvents(runFolder: string): Promise<TrainEvent[]> {
  const file = join(runFolder, "events.jsonl");
  const lines = (await readFile(file, "utf8")).split("\n");
  const events: TrainEvent[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch (cause) {
      if (index === lines.length - 1) break; // no newline after it: the write was cut short
      throw new GanDlError("bad-event", {
        what: `${file} line ${index + 1} is not JSON.`,
        why: "the training curves are read from this file.",
        fix: "restore the file or delete that line.",
        cause,
      });
    }
    events.push(parseWith(TrainEvent, parsed, `${file} line ${index + 1}`, "restore the file or delete that line."));
  }
  return events;
}

/** A point of the training curves. */
export type HistoryPoint = Pick<
  Extract<TrainEvent, { kind: "tick" }>,
  "kimg" | "dLoss" | "gLoss" | "realScore" | "fakeScore" | "r1"
>;

/** The ticks among `events`, thinned to at most 400, the last always kept. */
export function historyOf(events: readonly TrainEvent[]): HistoryPoint[] {
  const ticks = events.filter((event) => event.kind === "tick");
  const every = Math.max(1, Math.ceil(ticks.length / MAX_POINTS));
  return ticks
    .filter((_, i) => i % every === 0 || i === ticks.length - 1)
    .map(({ kimg, dLoss, gLoss, realScore, fakeScore, r1 }) => ({ kimg, dLoss, gLoss, realScore, fakeScore, r1 }));
}
