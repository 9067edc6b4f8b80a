// A run's event log, as it is and as it grows.
import { type FileHandle, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { TrainEvent } from "../schema/index.ts";

/** Some events in order. `isNew` opens a log from its beginning: what was told before counts no more. */
export interface EventBatch {
  readonly isNew: boolean;
  readonly events: readonly TrainEvent[];
}

export interface FollowOptions {
  /** Ends the following. */
  readonly signal: AbortSignal;
  /** Time between two looks at the file. @default 500 */
  readonly pollMs?: number;
}

const CHUNK_BYTES = 1 << 20;

/**
 * Yields what a run's `events.jsonl` holds, then what is added, until the signal fires; a log that is not there yet is waited for.
 *
 * A resumed training replaces the file: it is then told anew. Lines that are no events are passed over, a line that is not yet whole
 * is kept until it is. Memory holds one chunk of the file.
 */
export async function* followEvents(
  folder: string,
  { signal, pollMs = 500 }: FollowOptions,
): AsyncGenerator<EventBatch> {
  const path = join(folder, "events.jsonl");
  let at: Position = { inode: -1, offset: 0, rest: Buffer.alloc(0) };
  let isNew = false;
  while (!signal.aborted) {
    const now = await stat(path).catch(() => null);
    if (now && (now.ino !== at.inode || now.size < at.offset)) {
      at = { inode: now.ino, offset: 0, rest: Buffer.alloc(0) };
      isNew = true; // told with the first lines, which may not be there yet
    }
    if (now && now.size > at.offset) {
      for await (const events of readOn(path, at)) {
        if (signal.aborted) return;
        yield { isNew, events };
        isNew = false;
      }
    }
    await wait(pollMs, undefined, { signal }).catch(() => {});
  }
}

/** How far a file has been read; `rest` is the beginning of a line whose end is not there yet. */
interface Position {
  readonly inode: number;
  offset: number;
  rest: Buffer;
}

async function* readOn(path: string, at: Position): AsyncGenerator<TrainEvent[]> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch {
    return; // replaced at this moment; the next look finds the new one
  }
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, at.offset);
      if (bytesRead === 0) return;
      at.offset += bytesRead;
      const text = Buffer.concat([at.rest, chunk.subarray(0, bytesRead)]);
      const end = text.lastIndexOf(0x0a) + 1;
      at.rest = Buffer.from(text.subarray(end));
      yield eventsOf(text.toString("utf8", 0, end));
    }
  } finally {
    await file.close();
  }
}

function eventsOf(lines: string): TrainEvent[] {
  return lines.split("\n").flatMap((line) => {
    if (line === "") return [];
    try {
      const parsed = TrainEvent.safeParse(JSON.parse(line));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
}
