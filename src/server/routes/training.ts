// A run as it is trained: its events as they come, its sample grids, and the request to stop.

import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { STOP_REQUEST_FILE } from "../../schema/index.ts";
import { actionGuard } from "../action-guard.ts";
import { cannotAskToStop, noSuchRun, notRunning } from "../errors-actions.ts";
import { type FollowOptions, followEvents } from "../follow-events.ts";

export interface TrainingRoutesOptions {
  /** The folder of a run by its id; null where there is none. */
  readonly runFolder: (id: string) => Promise<string | null>;
  /** What a page shows to be allowed to act. */
  readonly token: string;
  readonly pollMs?: FollowOptions["pollMs"];
}

/** A comment line now and then keeps proxies and sleeping tabs from taking the stream for dead. */
const KEEP_ALIVE_MS = 15_000;
const SAMPLE = /^[\w.-]+\.png$/;

/** `GET /:run/events`, `GET /:run/samples/:file`, `GET /:run/training`, `POST /:run/stop`. */
export function trainingRoutes({ runFolder, token, pollMs }: TrainingRoutesOptions): Hono {
  const app = new Hono();
  const folderOf = async (id: string): Promise<string> => {
    const folder = await runFolder(id);
    if (folder === null) throw noSuchRun(id);
    return folder;
  };

  app.get("/:run/events", async (c) => {
    const folder = await folderOf(c.req.param("run"));
    const stop = new AbortController();
    return streamSSE(c, async (stream) => {
      stream.onAbort(() => stop.abort());
      const beat = setInterval(() => void stream.write(": still here\n\n"), KEEP_ALIVE_MS);
      try {
        const options = { signal: stop.signal, ...(pollMs === undefined ? {} : { pollMs }) };
        for await (const { isNew, events } of followEvents(folder, options))
          await stream.writeSSE({ event: isNew ? "history" : "events", data: JSON.stringify(events) });
      } finally {
        clearInterval(beat);
      }
    });
  });

  app.get("/:run/samples/:file", async (c) => {
    const file = c.req.param("file");
    const folder = await folderOf(c.req.param("run"));
    const png = SAMPLE.test(file) ? await readFile(join(folder, "samples", file)).catch(() => null) : null;
    if (png === null) return c.notFound();
    // Grids have the kimg in their name and do not change; real.png is written once.
    return c.body(new Uint8Array(png), 200, { "Content-Type": "image/png", "Cache-Control": "private, max-age=3600" });
  });

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
