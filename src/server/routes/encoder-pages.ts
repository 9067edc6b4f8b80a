// The page that embeds images in the browser alone, for each reference that lies in the folders served: data from there, script from us.
import { readdir, readFile } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { Hono } from "hono";
import { noEncoderPage } from "../errors-actions.ts";
import { sentFile } from "../sent-file.ts";

export interface EncoderPagesOptions {
  /** Folders that are served. */
  readonly folders: readonly string[];
  /** Where the page was bundled to: `encoder.html` and `assets`. */
  readonly built: string;
}

const MAX_DEPTH = 3;
const DATA = ["model.onnx", "reference.json", "reference.bin"];

/**
 * `GET /` leads to the first page, `GET /:page/` is one. A folder gives numbers only: a script that lies in it is never served, because
 * it would run as ours.
 */
export function encoderPageRoutes({ folders, built }: EncoderPagesOptions): Hono {
  const app = new Hono();
  app.get("/", async (c) => {
    const [first] = await findPages(folders);
    if (!first) throw noEncoderPage();
    return c.redirect(`${c.req.path.replace(/\/$/, "")}/${encodeURIComponent(first.id)}/`);
  });
  app.get("/:page/", async (c) => {
    await pageOf(folders, c.req.param("page"));
    return c.html(await readFile(join(built, "encoder.html"), "utf8"));
  });
  app.get("/:page/assets/:file", async (c) => {
    const file = c.req.param("file");
    if (!/^[\w.-]+$/.test(file)) return c.notFound();
    return sentFile(join(built, "assets", file), "private, max-age=31536000, immutable");
  });
  app.get("/:page/:file", async (c) => {
    const file = c.req.param("file");
    const { folder } = await pageOf(folders, c.req.param("page"));
    if (!DATA.includes(file)) return c.notFound();
    return sentFile(join(folder, file), "no-cache");
  });
  return app;
}

/** Whether the folders hold a page at all. */
export const hasEncoderPage = async (folders: readonly string[]): Promise<boolean> =>
  (await findPages(folders)).length > 0;

interface FoundPage {
  readonly id: string;
  readonly folder: string;
}

async function pageOf(folders: readonly string[], id: string): Promise<FoundPage> {
  const found = (await findPages(folders)).find((page) => page.id === id);
  if (!found) throw noEncoderPage();
  return found;
}

/** Folders with a reference and its model, as deep as three levels below. */
async function findPages(folders: readonly string[]): Promise<FoundPage[]> {
  const found: FoundPage[] = [];
  const search = async (root: string, folder: string, depth: number): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const names = new Set(entries.map(({ name }) => name));
    if (DATA.every((name) => names.has(name))) {
      const id = [basename(root), ...relative(root, folder).split(sep)].filter(Boolean).join("~");
      found.push({ id, folder });
      return;
    }
    if (depth >= MAX_DEPTH) return;
    for (const entry of entries)
      if (entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules")
        await search(root, join(folder, entry.name), depth + 1);
  };
  for (const folder of folders) await search(folder, folder, 0);
  return found;
}
