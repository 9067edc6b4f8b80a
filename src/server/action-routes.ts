// The part of the API that follows and acts: runs, trainings, answers and drawing.
import { Hono } from "hono";
import { compoundImageRoutes, type ImagesOfTreatment } from "./routes/compound-images.ts";
import { type ConditionsOf, type DrawImages, drawRoutes } from "./routes/draw.ts";
import { resultRoutes } from "./routes/results.ts";
import { trainingRoutes } from "./routes/training.ts";
import { type RunPlace, runDetails } from "./run-details.ts";
import type { SharedAnswers } from "./shared-answers.ts";

/** What the server cannot do by itself, because it knows no tensors: handed in by whoever starts it. */
export interface ServerHands {
  /** Draws images of a run; null where nobody can. */
  readonly drawImages: DrawImages | null;
  readonly conditionsOf: ConditionsOf;
  readonly imagesOfTreatment: ImagesOfTreatment;
}

export interface ActionRoutesOptions extends ServerHands {
  /** The runs that are there now. */
  readonly runs: () => Promise<readonly RunPlace[]>;
  /** Folders that are searched for answers, by name. */
  readonly folders: ReadonlyMap<string, string>;
  /** What this server's own pages show to be allowed to act. */
  readonly token: string;
  readonly datasetsNow: () => Promise<string>;
  readonly answers: SharedAnswers;
}

/** `GET /session` (the token, for pages of this origin), `GET /runs`, and what is below each run, `/results`, `/compound-images`. */
export function actionRoutes({ runs, folders, token, answers, ...hands }: ActionRoutesOptions): Hono {
  const app = new Hono();
  // By id only what was found: an id is never made into a path.
  const runFolder = async (id: string) => (await runs()).find((run) => run.id === id)?.folder ?? null;
  app.get("/session", (c) => c.json({ token }, 200, { "Cache-Control": "no-store" }));
  app.get("/runs", async (c) => c.json(await Promise.all((await runs()).map(runDetails))));
  app.route("/runs", trainingRoutes({ runFolder, token }));
  app.route("/runs", drawRoutes({ runFolder, token, drawImages: hands.drawImages, conditionsOf: hands.conditionsOf }));
  app.route("/results", resultRoutes(folders, answers));
  const { imagesOfTreatment: imagesOf, datasetsNow } = hands;
  app.route("/compound-images", compoundImageRoutes({ imagesOf, datasetsNow, answers }));
  return app;
}
