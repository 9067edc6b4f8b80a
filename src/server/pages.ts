// The built pages, each found once: a path that is not among them does not exist, wherever it may point.
import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Handler } from "hono";
import { noExplorer } from "./errors.ts";
import { sentFile, TYPES } from "./sent-file.ts";

/** Serves the files of `folder`; those in `assets/` carry their hash in their name and are kept for good. @throws GanDlError `no-explorer`. */
export async function pages(folder: string): Promise<Handler> {
  const items = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map(
    items
      .filter((item) => item.isFile() && extname(item.name) in TYPES)
      .map((item) => {
        const path = join(item.parentPath, item.name);
        return [path.slice(folder.length).replaceAll("\\", "/").replace(/^\/*/, "/"), path];
      }),
  );
  if (!files.has("/index.html")) throw noExplorer();
  return async (c, next) => {
    const asked = c.req.path === "/" ? "/index.html" : c.req.path;
    const path = files.get(asked);
    if (path === undefined) return next();
    return sentFile(path, asked.startsWith("/assets/") ? "private, max-age=31536000, immutable" : "no-cache");
  };
}
