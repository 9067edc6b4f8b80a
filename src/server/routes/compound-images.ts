// What a compound looks like, drawn by whoever starts the server: this room reads no pixels.
import { Hono } from "hono";
import type { CompoundImages } from "../../schema/index.ts";
import { atMost } from "../at-most.ts";
import { noSuchTreatment } from "../errors-actions.ts";
import { jsonBytes, type SharedAnswers } from "../shared-answers.ts";

/** Images of a treatment; null where no data set that is served has it. The signal's reason when it fires. */
export type ImagesOfTreatment = (
  treatment: string,
  perGroup: number,
  signal: AbortSignal,
) => Promise<CompoundImages | null>;

const PER_GROUP = 4;
/** A compound holds its images while they are drawn. */
const inTurn = atMost(2);

export interface CompoundImageOptions {
  readonly imagesOf: ImagesOfTreatment;
  /** Names the data sets that are served; another text when one is added or imported anew. */
  readonly datasetsNow: () => Promise<string>;
  readonly answers: SharedAnswers;
}

/** `GET /?treatment=NAME`. */
export function compoundImageRoutes({ imagesOf, datasetsNow, answers }: CompoundImageOptions): Hono {
  const app = new Hono();
  app.get("/", async (c) => {
    const treatment = c.req.query("treatment") ?? "";
    const key = JSON.stringify(["compound", treatment, await datasetsNow()]);
    const draw = async (signal: AbortSignal) => {
      const found = await inTurn(() => imagesOf(treatment, PER_GROUP, signal), signal);
      if (found === null) throw noSuchTreatment(treatment);
      return jsonBytes(found);
    };
    const body = await answers.ask(key, draw, c.req.raw.signal);
    return c.body(body, 200, { "Content-Type": "application/json", "Cache-Control": "private, max-age=300" });
  });
  return app;
}
