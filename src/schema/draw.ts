// What the explorer's Generate page asks for, and what it gets.
import { z } from "zod";

const Seed = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
const Steps = z.int().min(2).max(64).describe("images from the first to the last, both included");

/** Which images of a run's generator are to be drawn. */
export const DrawRequest = z.strictObject({
  checkpoint: z.string().default("latest").describe("latest, first, best or a number of kimg"),
  truncation: z.number().min(0).max(1).default(1),
  what: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("seeds"),
      first: Seed,
      n: z.int().min(1).max(64),
      className: z.string().nullable(),
    }),
    z.strictObject({
      kind: z.literal("walk"),
      from: Seed,
      to: Seed,
      steps: Steps,
      space: z.enum(["w", "z"]).default("w"),
      className: z.string().nullable(),
    }),
    z.strictObject({ kind: z.literal("classes"), seed: Seed, from: z.string(), to: z.string(), steps: Steps }),
    z
      .strictObject({ kind: z.literal("conditions"), seed: Seed, from: z.string(), to: z.string(), steps: Steps })
      .describe("between conditions of real images, for a generator that was told none"),
  ]),
});
export type DrawRequest = z.infer<typeof DrawRequest>;

/** Drawn images, in order. */
export const DrawnImages = z.strictObject({
  kimg: z.number(),
  range: z.string().describe("where black and full colour come from, in words"),
  sidePx: z.int(),
  told: z.string().optional().describe("what is to be known of these images, in words"),
  images: z.array(z.strictObject({ name: z.string(), png: z.string().describe("base64") })),
});
export type DrawnImages = z.infer<typeof DrawnImages>;
