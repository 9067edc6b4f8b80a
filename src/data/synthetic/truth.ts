// `truth.json`: everything that was planted in a synthetic screen, so that every answer can be held against it.
import { z } from "zod";
import { SyntheticOptions } from "./options.ts";

/** The names RxRx19a uses in `disease_condition`. */
export const CONDITION = {
  mock: "Mock",
  uvInactivated: "UV Inactivated SARS-CoV-2",
  active: "Active SARS-CoV-2",
} as const;

/** The five stains in file order: `_w1.png` … `_w5.png`. */
export const SYNTHETIC_CHANNELS = [
  { name: "DNA", stain: "Hoechst" },
  { name: "ER", stain: "ConA" },
  { name: "actin", stain: "Phalloidin" },
  { name: "RNA", stain: "Syto14" },
  { name: "Golgi", stain: "WGA" },
] as const;

const perChannel = z.array(z.number()).length(SYNTHETIC_CHANNELS.length);

/** What the microscope and the staining did to one plate. */
export const PlateTruth = z.strictObject({
  plate_id: z.string().describe("{experiment}_{plate}"),
  experiment: z.string(),
  plate: z.string(),
  gain: perChannel.describe("factor on the signal, 1 = none"),
  offset: perChannel.describe("grey level of darkness"),
  cellDensity: z.number().describe("factor on the number of cells, 1 = none"),
  illumination: z
    .strictObject({ x: z.number(), y: z.number(), vignette: z.number() })
    .describe("relative change of brightness from left to right, from top to bottom, and from centre to corner"),
  columnGain: z.number().describe("relative change of stain from the first to the last column of the plate"),
});
export type PlateTruth = z.infer<typeof PlateTruth>;

/** How a well differs from others for no reason that matters: factors, 1 = none. They keep the phenotype from being told by brightness alone. */
export const Nuisance = z.strictObject({
  cellSize: z.number(),
  fibres: z.number().describe("brightness of actin fibres"),
  halo: z.number().describe("brightness of the ER around the nucleus"),
  golgi: z.number().describe("brightness of Golgi spots"),
});
export type Nuisance = z.infer<typeof Nuisance>;

/** What happened in one well. */
export const WellTruth = z.strictObject({
  well_id: z.string(),
  plate_id: z.string(),
  well: z.string(),
  row: z.int().describe("0-based"),
  column: z.int().describe("0-based"),
  condition: z.enum([CONDITION.mock, CONDITION.uvInactivated, CONDITION.active]),
  treatment: z.string().nullable(),
  dose_um: z.number().nullable(),
  expectedSeverity: z.number().describe("on the compound's curve, 0 healthy … 1"),
  severity: z.number().describe("as drawn, with well-to-well spread; the expected share of infected cells is 0.9 × it"),
  toxicity: z.number().describe("as drawn, 0 none … 1"),
  gain: perChannel.describe("stain of this well relative to its plate, position included"),
  cellDensity: z.number().describe("factor on the number of cells relative to the plate"),
  nuisance: Nuisance,
});
export type WellTruth = z.infer<typeof WellTruth>;

/** What was drawn in one image; nuclei are counted when their centre lies inside it. */
export const SiteTruth = z.strictObject({
  site_id: z.string(),
  well_id: z.string(),
  nCells: z.int().nonnegative(),
  nInfected: z.int().nonnegative(),
  blurUm: z.number().describe("sd of the optics' blur: focus differs from image to image"),
});
export type SiteTruth = z.infer<typeof SiteTruth>;

/** `truth.json`. Compounds, with their EC50s, stand in `options.compounds`. */
export const SyntheticTruth = z.strictObject({
  kind: z.literal("gandl-synthetic-truth"),
  schemaVersion: z.literal(1),
  synthetic: z.literal(true),
  note: z.string(),
  options: SyntheticOptions,
  channels: z.array(z.strictObject({ name: z.string(), stain: z.string() })),
  plates: z.array(PlateTruth),
  wells: z.array(WellTruth),
  sites: z.array(SiteTruth),
});
export type SyntheticTruth = z.infer<typeof SyntheticTruth>;
