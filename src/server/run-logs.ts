// Runs that are followed: each log is read and checked once, however many follow it, and forgotten with its last follower.
import { type FollowOptions, followEvents } from "./follow-events.ts";

/** Events as JSON, a list in brackets. `isNew` opens a log from its beginning: what was told before counts no more. */
export interface LogPart {
  readonly isNew: boolean;
  readonly json: string;
}

/** More than this many characters are told in several parts: a slow reader holds one. */
const PART_LENGTH = 2 ** 17;

export class RunLogs {
  readonly #pollMs: FollowOptions["pollMs"];
  readonly #logs = new Map<string, RunLog>();

  constructor(pollMs?: FollowOptions["pollMs"]) {
    this.#pollMs = pollMs;
  }

  /** Runs that somebody follows now. */
  get nFollowed(): number {
    return this.#logs.size;
  }

  /** What the run's log holds and what is added, until the generator is ended or the signal fires. */
  async *follow(folder: string, signal: AbortSignal): AsyncGenerator<LogPart> {
    const log = this.#logs.get(folder) ?? new RunLog(folder, this.#pollMs);
    this.#logs.set(folder, log);
    log.nFollowers++;
    try {
      yield* log.parts(signal);
    } finally {
      log.nFollowers--;
      if (log.nFollowers === 0) {
        log.close();
        this.#logs.delete(folder);
      }
    }
  }
}

class RunLog {
  nFollowers = 0;
  /** Of all events since the log began, in order: JSON without the list's brackets. */
  #texts: string[] = [];
  /** Goes up when the log begins anew. */
  #edition = 0;
  readonly #stop = new AbortController();
  readonly #waiting = new Set<() => void>();

  constructor(folder: string, pollMs: FollowOptions["pollMs"]) {
    this.#read(folder, pollMs).catch(() => this.close()); // who follows is told that the line is down, and asks again
  }

  close(): void {
    this.#stop.abort();
    this.#wake();
  }

  async *parts(signal: AbortSignal): AsyncGenerator<LogPart> {
    let [edition, at] = [0, 0];
    while (!signal.aborted && !this.#stop.signal.aborted) {
      if (edition !== this.#edition) [edition, at] = [this.#edition, 0];
      const from = at;
      for (let length = 0; at < this.#texts.length && length < PART_LENGTH; at++) length += this.#texts[at]!.length;
      if (at > from) yield { isNew: from === 0, json: `[${this.#texts.slice(from, at).join(",")}]` };
      else await this.#change(signal);
    }
  }

  async #read(folder: string, pollMs: FollowOptions["pollMs"]): Promise<void> {
    const options = { signal: this.#stop.signal, ...(pollMs === undefined ? {} : { pollMs }) };
    for await (const { isNew, events } of followEvents(folder, options)) {
      if (isNew) {
        this.#texts = [];
        this.#edition++;
      }
      for (let i = 0; i < events.length; i += 100) {
        const text = JSON.stringify(events.slice(i, i + 100)).slice(1, -1);
        this.#texts.push(text);
      }
      this.#wake();
    }
  }

  #wake(): void {
    for (const go of this.#waiting) go();
    this.#waiting.clear();
  }

  /** Resolves when the log has changed or the signal fires. */
  async #change(signal: AbortSignal): Promise<void> {
    let go = () => {};
    await new Promise<void>((resolve) => {
      go = resolve;
      this.#waiting.add(go);
      signal.addEventListener("abort", go, { once: true });
    });
    this.#waiting.delete(go);
    signal.removeEventListener("abort", go);
  }
}
