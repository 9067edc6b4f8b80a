// Images drawn on request by a generator that whoever starts the server hands in: this room knows no LibTorch.
import { Hono } from "hono";
import { z } from "zod";
import { type DrawnImages, DrawRequest } from "../../schema/index.ts";
import { actionGuard } from "../action-guard.ts";
import { DrawQueue } from "../draw-queue.ts";
import { badRequest, cannotDraw, noSuchRun } from "../errors-actions.ts";

/** Names of the conditions that a walk of the run in `folder` may lead between. */
export type ConditionsOf = (folder: string) => Promise<readonly string[]>;

/** Draws images of the run in `folder`. */
export type DrawImages = (folder: string, request: DrawRequest, signal: AbortSignal) => Promise<DrawnImages>;

export interface DrawRoutesOptions {
  readonly runFolder: (id: string) => Promise<string | null>;
  readonly token: string;
  readonly drawImages: DrawImages | null;
  readonly conditionsOf: ConditionsOf;
}

/** `POST /:run/draw` with a {@link DrawRequest}; `GET /:run/conditions`. */
export function drawRoutes({ runFolder, token, drawImages, conditionsOf }: DrawRoutesOptions): Hono {
  const app = new Hono();
  const queue = new DrawQueue();
  app.get("/:run/conditions", async (c) => {
    const id = c.req.param("run");
    const folder = await runFolder(id);
    if (folder === null) throw noSuchRun(id);
    return c.json(await conditionsOf(folder));
  });
  app.post("/:run/draw", actionGuard(token), async (c) => {
    const id = c.req.param("run");
    const folder = await runFolder(id);
    if (folder === null) throw noSuchRun(id);
    if (drawImages === null) throw cannotDraw();
    const request = DrawRequest.safeParse(await c.req.json().catch(() => null));
    if (!request.success) throw badRequest(z.prettifyError(request.error));
    const { signal } = c.req.raw;
    return c.json(await queue.run(() => drawImages(folder, request.data, signal), signal));
  });
  return app;
}
