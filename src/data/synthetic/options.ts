// What a synthetic screen can be asked for, and the compounds of the demo screen.
import { z } from "zod";
import { badSyntheticOptions } from "./errors.ts";

const common = {
  name: z.string().min(1).describe("as it appears in metadata.csv; never the name of a real compound"),
  dosesUm: z
    .array(z.number().positive())
    .min(1)
    .default([0.01, 0.03, 0.1, 0.3, 1, 3])
    .describe("tested doses, µM; half-log steps as in RxRx19a's main library"),
};
const potency = {
  ec50Um: z.number().positive().describe("dose of half the effect, µM"),
  hill: z.number().positive().describe("steepness of the Hill curve"),
};

/** A compound whose effect is planted, and therefore known. */
export const SyntheticCompound = z.discriminatedUnion("effect", [
  z.strictObject({
    ...common,
    ...potency,
    effect: z.literal("rescue"),
    maxRescue: z.number().min(0).max(1).describe("share of the severity removed at infinite dose"),
  }),
  z.strictObject({ ...common, effect: z.literal("inert") }),
  z.strictObject({
    ...common,
    ...potency,
    effect: z.literal("toxic"),
    maxToxicity: z.number().min(0).max(1).describe("toxicity reached at infinite dose, 0–1; severity stays as it is"),
  }),
]);
export type SyntheticCompound = z.infer<typeof SyntheticCompound>;

/** Two that work, one too weak for the tested doses, two that do nothing, one that harms. */
export const DEMO_COMPOUNDS: readonly z.input<typeof SyntheticCompound>[] = [
  { name: "Synthestat A", effect: "rescue", ec50Um: 0.08, hill: 1.3, maxRescue: 0.95 },
  { name: "Synthestat B", effect: "rescue", ec50Um: 0.3, hill: 1.8, maxRescue: 0.85 },
  { name: "Synthestat C", effect: "rescue", ec50Um: 12, hill: 1.2, maxRescue: 0.9 },
  { name: "Synthinert D", effect: "inert" },
  { name: "Synthinert E", effect: "inert" },
  { name: "Synthotoxin F", effect: "toxic", ec50Um: 0.3, hill: 1.5, maxToxicity: 0.9 },
];

const count = (initial: number) => z.int().nonnegative().default(initial);

/** Every option of a synthetic screen; the defaults are the demo screen of 864 sites. */
export const SyntheticOptions = z.strictObject({
  seed: z.int().default(1).describe("equal seeds give equal bytes"),
  sidePx: z.int().min(32).max(1024).default(128).describe("height and width of an image, pixels"),
  pixelSizeUm: z
    .number()
    .min(0.25)
    .max(2.6)
    .default(1.3)
    .describe("µm a pixel; with sidePx it fixes the field of view"),
  cellType: z.string().min(1).default("HRCE"),
  experiments: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9-]+$/, "letters, digits and '-' only: site_id is split at '_'")
        .refine((name) => !/^(HRCE|VERO|HUVEC)-/i.test(name), "must not be the name of a real experiment"),
    )
    .min(1)
    .default(["SYN-1", "SYN-2"]),
  platesPerExperiment: z.int().positive().default(2),
  sitesPerWell: z.int().positive().default(2),
  controlWells: z
    .strictObject({ mock: count(10), uvInactivated: count(10), activeUntreated: count(16) })
    .prefault({})
    .describe("wells a plate"),
  compounds: z.array(SyntheticCompound).default(() => DEMO_COMPOUNDS.map((c) => SyntheticCompound.parse(c))),
  replicates: z.int().positive().default(2).describe("wells a plate for each compound and dose"),
  layout: z
    .enum(["randomised", "confounded"])
    .default("randomised")
    .describe("confounded: Mock and UV at the fixed columns RxRx19a gives them, so that position tells class"),
  activeSeverity: z.number().min(0).max(1).default(0.7).describe("mean severity of untreated infected wells"),
  plateEffect: z.number().min(0).max(4).default(1).describe("scales every plate and position effect; 0 removes them"),
  cellsPerMm2: z.number().positive().max(3000).default(900),
});
export type SyntheticOptions = z.infer<typeof SyntheticOptions>;
/** What a caller writes: every key may be left out. */
export type SyntheticOptionsInput = z.input<typeof SyntheticOptions>;

/**
 * Fills every default.
 * @throws GanDlError `bad-synthetic-options` listing each faulty key.
 */
export function resolveSyntheticOptions(input: SyntheticOptionsInput = {}): SyntheticOptions {
  const parsed = SyntheticOptions.safeParse(input);
  if (!parsed.success) throw badSyntheticOptions(z.prettifyError(parsed.error));
  for (const [what, names] of [
    ["experiments", parsed.data.experiments],
    ["compounds", parsed.data.compounds.map((c) => c.name)],
  ] as const) {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw badSyntheticOptions(`✖ "${twice}" is named twice\n  → at ${what}`);
  }
  return parsed.data;
}
