// Who may act: the page that this server gave out, and no other that a browser may have open.
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { foreignRequest } from "./errors-actions.ts";

/** The header in which a page shows what it was given. */
export const ACTION_HEADER = "x-gandl-action";

/** What a server gives its own pages so that they may act; new with every start. */
export const actionToken = (): string => randomBytes(24).toString("base64url");

/**
 * Lets requests that act pass only from the page itself: their `Origin` is this server's, their body is JSON (which other origins may
 * not send unasked), and they carry the token, which other origins cannot read.
 * @throws GanDlError `foreign-request`.
 */
export function actionGuard(token: string): MiddlewareHandler {
  const expected = Buffer.from(token);
  return async (c, next) => {
    const origin = c.req.header("origin");
    const isOwn = origin !== undefined && hostOf(origin) === c.req.header("host");
    const isJson = c.req.header("content-type")?.startsWith("application/json") === true;
    const given = Buffer.from(c.req.header(ACTION_HEADER) ?? "");
    const isKnown = given.length === expected.length && timingSafeEqual(given, expected);
    if (!isOwn || !isJson || !isKnown) throw foreignRequest();
    await next();
  };
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}
