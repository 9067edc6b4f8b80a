// Answers that were written into the folders that are served.
import { Hono } from "hono";
import { findResults } from "../find-results.ts";
import { jsonBytes, type SharedAnswers } from "../shared-answers.ts";

/** How long an answer is handed to others too. */
const FRESH_MS = 2000;

/** `GET /`: every file of task results, newest first, by the folders' names. */
export function resultRoutes(folders: ReadonlyMap<string, string>, answers: SharedAnswers): Hono {
  const app = new Hono();
  const search = async () => {
    const found = await Promise.all(
      [...folders].map(async ([name, folder]) =>
        (await findResults(folder)).map((result) => ({ folder: name, ...result })),
      ),
    );
    return jsonBytes(found.flat().sort((a, b) => b.modifiedMs - a.modifiedMs));
  };
  app.get("/", async (c) => {
    const key = JSON.stringify(["results", Math.floor(performance.now() / FRESH_MS)]);
    const body = await answers.ask(key, search, c.req.raw.signal);
    return c.body(body, 200, { "Content-Type": "application/json" });
  });
  return app;
}
