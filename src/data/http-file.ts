// One file of an HTTP server, read by ranges: many at once, again with growing pauses when the network or server fails.
import { setTimeout as pause } from "node:timers/promises";
import { isGanDlError } from "../core/errors.ts";
import type { ByteReader } from "./byte-reader.ts";
import { firstLine } from "./errors.ts";
import { noRangeSupport, remoteChanged, remoteFailed, remoteRefused } from "./errors-remote.ts";

/** How a remote file is fetched. */
export interface HttpOptions {
  /** Requests at a time. @default 16 */
  readonly parallelRequests?: number;
  /** Failures in a row, without a byte in between, after which a read gives up. @default 7 */
  readonly attempts?: number;
  /** The first pause; each next is twice as long, up to half a minute. @default 500 */
  readonly retryDelayMs?: number;
  /** A connection that is silent so long counts as dropped. @default 30 000 */
  readonly stallMs?: number;
}

/** A remote file, and what tells whether it is still the same. */
export interface HttpFile extends ByteReader {
  readonly url: string;
  /** The server's mark of this version; empty when it gives none. */
  readonly version: string;
  /** Bytes received so far. */
  readonly received: () => number;
}

const MAX_PAUSE_MS = 30_000;
/** Answers that a later request may not get: timeouts, too many requests, a server in trouble. */
const isPassing = (status: number) => status === 408 || status === 425 || status === 429 || status >= 500;

/**
 * Opens `url` with a request for its first byte, which tells the size and whether the server can give parts of files.
 * @throws GanDlError `remote-refused` (not found, no access), `remote-failed`, `no-range-support`.
 */
export async function openHttpFile(url: string, options: HttpOptions = {}): Promise<HttpFile> {
  const client = new RangeClient(url, options);
  await client.probe();
  return client;
}

class RangeClient implements HttpFile {
  readonly url: string;
  readonly name: string;
  readonly parallelReads: number;
  readonly isRemote = true;
  size = 0;
  version = "";
  readonly #attempts: number;
  readonly #retryDelayMs: number;
  readonly #stallMs: number;
  readonly #open = new Set<AbortController>();
  #isClosed = false;
  readonly #queue: (() => void)[] = [];
  #running = 0;
  #received = 0;

  constructor(url: string, options: HttpOptions) {
    this.url = url;
    this.name = url.replace(/[?#].*$/, ""); // a query may hold a key; it is nobody's business in a message
    this.parallelReads = options.parallelRequests ?? 16;
    this.#attempts = options.attempts ?? 7;
    this.#retryDelayMs = options.retryDelayMs ?? 500;
    this.#stallMs = options.stallMs ?? 30_000;
  }

  readonly received = (): number => this.#received;

  async probe(): Promise<void> {
    await this.#retrying(async () => {
      await this.#request(
        0,
        1,
        (response) => {
          const total = /^bytes \d+-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
          if (total === undefined) throw noRangeSupport(this.name, "its answer does not say how long the file is");
          this.size = Number(total);
          this.version = response.headers.get("etag") ?? response.headers.get("last-modified") ?? "";
        },
        () => {},
      );
      return true;
    });
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    const out = Buffer.allocUnsafeSlow(wanted);
    let done = 0;
    if (wanted === 0) return out;
    await this.#retrying(async () => {
      const before = done;
      try {
        await this.#request(
          offset + done,
          wanted - done,
          (response) => this.#checkSame(response),
          (chunk) => {
            chunk.copy(out, done); // what came before a connection dropped is kept
            done += chunk.length;
          },
        );
      } catch (error) {
        if (isGanDlError(error)) throw error;
        if (done === before) throw error;
      }
      return done === wanted;
    });
    return out;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const request of this.#open) request.abort(new Error("closed"));
  }

  #checkSame(response: Response): void {
    const version = response.headers.get("etag") ?? response.headers.get("last-modified") ?? "";
    if (version !== this.version) throw remoteChanged(this.name);
  }

  /** Runs `work` until it says it is done; failures without progress are counted, and paused after. */
  async #retrying(work: () => Promise<boolean>): Promise<void> {
    for (let failures = 0; ; ) {
      try {
        if (await work()) return;
        failures = 0; // it went on, so the next request goes out at once
      } catch (error) {
        if (isGanDlError(error)) throw error;
        failures++;
        if (failures >= this.#attempts || this.#isClosed)
          throw remoteFailed(this.name, firstLine(error), failures, error);
        const asked = error instanceof PassingFault ? error.retryAfterMs : 0;
        const backOff = Math.min(MAX_PAUSE_MS, this.#retryDelayMs * 2 ** (failures - 1));
        await pause(Math.max(asked, backOff * (0.5 + Math.random() / 2))); // spread, lest all come back at once
      }
    }
  }

  /** One range request; `take` gets the body piece by piece. */
  async #request(
    offset: number,
    length: number,
    check: (response: Response) => void,
    take: (chunk: Buffer) => void,
  ): Promise<void> {
    await this.#turn();
    const stop = new AbortController();
    this.#open.add(stop);
    let timer = setTimeout(() => stop.abort(new Error("no answer")), this.#stallMs);
    try {
      const headers = { range: `bytes=${offset}-${offset + length - 1}`, "accept-encoding": "identity" };
      const response = await fetch(this.url, { headers, signal: stop.signal });
      this.#checkStatus(response, offset);
      check(response);
      let left = length;
      for await (const part of response.body ?? []) {
        clearTimeout(timer);
        timer = setTimeout(() => stop.abort(new Error("no answer")), this.#stallMs);
        const chunk = Buffer.from(part).subarray(0, left);
        this.#received += chunk.length;
        left -= chunk.length;
        take(chunk);
        if (left === 0) break;
      }
      if (left > 0) throw new Error("the connection closed early");
    } catch (error) {
      throw stop.signal.aborted && !isGanDlError(error) ? stop.signal.reason : lowest(error);
    } finally {
      clearTimeout(timer);
      this.#open.delete(stop);
      stop.abort(); // ends a body that nobody reads: 450 GB, from a server without ranges
      this.#next();
    }
  }

  #checkStatus(response: Response, offset: number): void {
    const { status } = response;
    if (status === 206) {
      const start = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
      if (start !== undefined && Number(start) !== offset)
        throw noRangeSupport(this.name, "it gives another part than the one asked for");
      return;
    }
    if (status === 200) throw noRangeSupport(this.name, "it sends the whole file when asked for a part");
    if (isPassing(status))
      throw new PassingFault(`the server answers ${status} ${response.statusText}`.trim(), response);
    throw remoteRefused(this.name, status, response.statusText);
  }

  async #turn(): Promise<void> {
    if (this.#running < this.parallelReads) {
      this.#running++;
      return;
    }
    await new Promise<void>((go) => this.#queue.push(go)); // the one who ends hands over its place
  }

  #next(): void {
    const go = this.#queue.shift();
    if (go === undefined) this.#running--;
    else go();
  }
}

class PassingFault extends Error {
  readonly retryAfterMs: number;

  constructor(message: string, response: Response) {
    super(message);
    const seconds = Number(response.headers.get("retry-after") ?? 0);
    this.retryAfterMs = Number.isFinite(seconds) ? Math.min(seconds * 1000, 2 * MAX_PAUSE_MS) : 0;
  }
}

/** fetch says only "fetch failed"; what happened is below. */
const lowest = (error: unknown): unknown =>
  error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
