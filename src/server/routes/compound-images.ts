// What a compound looks like, drawn by whoever starts the server: this room reads no pixels.
import { Hono } from "hono";
import type { CompoundImages } from "../../schema/index.ts";
import { noSuchTreatment } from "../errors-actions.ts";

/** Images of a treatment; null where no data set that is served has it. */
export type ImagesOfTreatment = (treatment: string, perGroup: number) => Promise<CompoundImages | null>;

const PER_GROUP = 4;

/** `GET /?treatment=NAME`. */
export function compoundImageRoutes(imagesOf: ImagesOfTreatment): Hono {
  const app = new Hono();
  app.get("/", async (c) => {
    const treatment = c.req.query("treatment") ?? "";
    const found = await imagesOf(treatment, PER_GROUP);
    if (found === null) throw noSuchTreatment(treatment);
    return c.json(found, 200, { "Cache-Control": "private, max-age=300" });
  });
  return app;
}
