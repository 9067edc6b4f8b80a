// What a compound looks like at each dose, beside the controls: for the explorer's Screen page.
import { z } from "zod";

/** Images in groups: healthy and diseased controls, then dose by dose. */
export const CompoundImages = z.strictObject({
  dataset: z.string().describe("the data set's title"),
  synthetic: z.boolean(),
  groups: z.array(
    z.strictObject({
      label: z.string().describe("a control's name, or a dose with its unit"),
      kind: z.enum(["negative_control", "positive_control", "dose"]),
      doseUm: z.number().nullable(),
      nImages: z.int().describe("how many there are; some of them are shown"),
      images: z.array(
        z.strictObject({ site: z.string(), well: z.string(), plate: z.string(), png: z.string().describe("base64") }),
      ),
    }),
  ),
});
export type CompoundImages = z.infer<typeof CompoundImages>;
