// Answers that were written into the folders that are served.
import { Hono } from "hono";
import { findResults } from "../find-results.ts";

/** `GET /`: every file of task results, newest first, by the folders' names. */
export function resultRoutes(folders: ReadonlyMap<string, string>): Hono {
  const app = new Hono();
  app.get("/", async (c) => {
    const found = await Promise.all(
      [...folders].map(async ([name, folder]) =>
        (await findResults(folder)).map((result) => ({ folder: name, ...result })),
      ),
    );
    return c.json(found.flat().sort((a, b) => b.modifiedMs - a.modifiedMs));
  });
  return app;
}
