// The part of the API that follows and acts: runs, trainings, answers and drawing.
import { Hono } from "hono";
import { findRuns } from "./find-runs.ts";
import { compoundImageRoutes, type ImagesOfTreatment } from "./routes/compound-images.ts";
import { type DrawImages, drawRoutes } from "./routes/draw.ts";
import { resultRoutes } from "./routes/results.ts";
import { trainingRoutes } from "./routes/training.ts";

export interface ActionRoutesOptions {
  /** Folders that are served, by name. */
  readonly folders: ReadonlyMap<string, string>;
  /** What this server's own pages show to be allowed to act. */
  readonly token: string;
  /** Draws images of a run; null where nobody can. */
  readonly drawImages: DrawImages | null;
  readonly imagesOfTreatment: ImagesOfTreatment;
}

/** `GET /session` (the token, for pages of this origin), `GET /runs`, and what is below each run, `/results`, `/compound-images`. */
export function actionRoutes({ folders, token, drawImages, imagesOfTreatment }: ActionRoutesOptions): Hono {
  const app = new Hono();
  // By id only what was found: an id is never made into a path.
  const runFolder = async (id: string) => (await findRuns(folders)).find((run) => run.id === id)?.folder ?? null;
  app.get("/session", (c) => c.json({ token }, 200, { "Cache-Control": "no-store" }));
  app.get("/runs", async (c) => {
    const runs = await findRuns(folders);
    return c.json(runs.map(({ folder: _folder, ...run }) => run));
  });
  app.route("/runs", trainingRoutes({ runFolder, token }));
  app.route("/runs", drawRoutes({ runFolder, token, drawImages }));
  app.route("/results", resultRoutes(folders));
  app.route("/compound-images", compoundImageRoutes(imagesOfTreatment));
  return app;
}
