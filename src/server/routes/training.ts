// A run as it is trained: its events as they come, its sample grids, and the request to stop.

import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Hono } from "hono";
import { STOP_REQUEST_FILE } from "../../schema/index.ts";
import { actionGuard } from "../action-guard.ts";
import { bodyOf } from "../body-of.ts";
import { cannotAskToStop, noSuchRun, notRunning } from "../errors-actions.ts";
import { stainsOfRun } from "../run-details.ts";
import { type LogPart, RunLogs } from "../run-logs.ts";
import { sentFile } from "../sent-file.ts";

export interface TrainingRoutesOptions {
  /** The folder of a run by its id; null where there is none. */
  readonly runFolder: (id: string) => Promise<string | null>;
  /** What a page shows to be allowed to act. */
  readonly token: string;
  readonly logs?: RunLogs;
}

/** A comment line now and then keeps proxies and sleeping tabs from taking the stream for dead. */
const KEEP_ALIVE_MS = 15_000;
const SAMPLE = /^[\w.-]+\.png$/;

/** `GET /:run/events`, `GET /:run/samples/:file`, `GET /:run/stains`, `GET /:run/training`, `POST /:run/stop`. */
export function trainingRoutes({ runFolder, token, logs = new RunLogs() }: TrainingRoutesOptions): Hono {
  const app = new Hono();
  const folderOf = async (id: string): Promise<string> => {
    const folder = await runFolder(id);
    if (folder === null) throw noSuchRun(id);
    return folder;
  };

  app.get("/:run/events", async (c) => {
    const folder = await folderOf(c.req.param("run"));
    const stop = new AbortController();
    const body = bodyOf(eventStream(logs.follow(folder, stop.signal)), stop);
    return c.body(body, 200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  });

  app.get("/:run/samples/:file", async (c) => {
    const file = c.req.param("file");
    const folder = await folderOf(c.req.param("run"));
    if (!SAMPLE.test(file)) return c.notFound();
    // Grids have the kimg in their name and do not change; real.png is written once.
    return sentFile(join(folder, "samples", file), "private, max-age=3600");
  });

  app.get("/:run/stains", async (c) => c.json(await stainsOfRun(await folderOf(c.req.param("run")))));

  app.get("/:run/training", async (c) => c.json({ holder: await holderOf(await folderOf(c.req.param("run"))) }));

  app.post("/:run/stop", actionGuard(token), async (c) => {
    const id = c.req.param("run");
    const folder = await folderOf(id);
    if ((await holderOf(folder)) === null) throw notRunning(id);
    await writeFile(join(folder, STOP_REQUEST_FILE), "").catch((cause: unknown) => {
      throw cannotAskToStop(cause);
    });
    return c.json({ asked: true }, 202);
  });
  return app;
}

const encoder = new TextEncoder();

/** Server-sent events; where nothing happens, a comment now and then. */
async function* eventStream(parts: AsyncGenerator<LogPart>): AsyncGenerator<Uint8Array> {
  try {
    let next = parts.next();
    for (;;) {
      const quiet = new AbortController();
      const came = await Promise.race([next, wait(KEEP_ALIVE_MS, null, { signal: quiet.signal })]);
      quiet.abort();
      if (came?.done) return;
      if (came === null) yield encoder.encode(": still here\n\n");
      else {
        const { isNew, json } = came.value;
        yield encoder.encode(`event: ${isNew ? "history" : "events"}\ndata: ${json}\n\n`);
        next = parts.next();
      }
    }
  } finally {
    await parts.return(undefined);
  }
}

/** Who trains in a folder: this machine's process as far as it lives, another machine's as far as its lock says. */
export async function holderOf(folder: string): Promise<{ host: string; isHere: boolean } | null> {
  try {
    const { pid, host } = JSON.parse(await readFile(join(folder, "run.lock"), "utf8")) as { pid: number; host: string };
    const isHere = host === hostname();
    return isHere && !isAlive(pid) ? null : { host, isHere };
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
