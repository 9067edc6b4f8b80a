// Who may ask: this machine or the holder of the token, under a name that is ours, from our own pages.
import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import { hostname } from "node:os";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { isGanDlError } from "../core/errors.ts";
import { badMethod, crossOrigin, foreignHost, noToken } from "./errors.ts";

/** How the server may be reached. */
export interface Access {
  /** What it listens on. */
  readonly host: string;
  /** Demanded of every request when not null. */
  readonly token: string | null;
}

const COOKIE = "gandl_token";
const LOOPBACK = ["localhost", "127.0.0.1", "::1"];

/** Whether only this machine can reach `host`. */
export const isLoopback = (host: string): boolean => LOOPBACK.includes(host) || /^127\.\d+\.\d+\.\d+$/.test(host);

/**
 * regl, which draws the map, compiles its draw calls: hence 'unsafe-eval', which runs no text of a page. regl-scatterplot and
 * ONNX Runtime start workers from text of their own. Nothing is ever loaded from elsewhere.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": POLICY,
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  // These two give WebAssembly its threads, and keep other sites' windows away from ours.
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** Refuses what is not ours to answer, before any route sees it, and puts the safety headers on every answer. */
export function guard(access: Access): MiddlewareHandler {
  return async (c, next) => {
    const refused = refusal(c, access);
    if (refused) c.res = refused;
    else await next();
    for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value);
    if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "no-store");
  };
}

function refusal(c: Context, { host, token }: Access): Response | null {
  if (!["GET", "HEAD", "POST"].includes(c.req.method)) return fault(c, badMethod(c.req.method), 405);
  const asked = c.req.header("host") ?? new URL(c.req.url).host;
  if (!isOurName(hostName(asked), host)) return fault(c, foreignHost(asked), 421);
  if (isForeign(c, asked)) return fault(c, crossOrigin(), 403);
  if (token === null) return null;
  const given = c.req.query("token");
  if (given !== undefined && same(given, token) && c.req.method === "GET" && !c.req.path.startsWith("/api/")) {
    setCookie(c, COOKIE, token, { httpOnly: true, sameSite: "Lax", path: "/" });
    return c.redirect(c.req.path, 302); // so that the token does not stay in the address bar
  }
  const held = given ?? getCookie(c, COOKIE) ?? c.req.header("authorization")?.replace(/^Bearer /, "");
  return held !== undefined && same(held, token) ? null : fault(c, noToken(), 401);
}

/** A name that is resolved by others can be pointed at us (DNS rebinding); numbers cannot. */
function isOurName(name: string, host: string): boolean {
  if (LOOPBACK.includes(name) || isLoopback(name)) return true;
  if (isLoopback(host)) return false;
  return name === host.toLowerCase() || name === hostname().toLowerCase() || isIP(name) !== 0;
}

/** The host without port and brackets. */
const hostName = (host: string) =>
  host
    .toLowerCase()
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1");

/** A link from elsewhere may open our pages; nothing from elsewhere may read or change data. */
function isForeign(c: Context, asked: string): boolean {
  const origin = c.req.header("origin");
  if (origin !== undefined && !isSameHost(origin, asked)) return true;
  const site = c.req.header("sec-fetch-site");
  if (site === undefined || site === "same-origin" || site === "none") return false;
  const isVisit = c.req.method === "GET" && c.req.header("sec-fetch-mode") === "navigate";
  return !isVisit || c.req.path.startsWith("/api/");
}

function isSameHost(origin: string, asked: string): boolean {
  try {
    return new URL(origin).host === asked.toLowerCase();
  } catch {
    return false; // "null", of a page in a sandbox
  }
}

function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

const NOT_FOUND = ["not-found", "unknown-column", "unknown-plate"];

/** An error as an answer: a user's fault with its words, ours without any detail of the machine. */
export function fault(c: Context, error: unknown, status?: 401 | 403 | 405 | 421): Response {
  if (!isGanDlError(error))
    return c.json(
      {
        code: "internal",
        message: "The server met a fault of its own.\n  fix: look at the terminal of `gandl serve`, and report it.",
      },
      500,
    );
  return c.json({ code: error.code, message: error.message }, status ?? (NOT_FOUND.includes(error.code) ? 404 : 400));
}
