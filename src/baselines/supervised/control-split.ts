// Which images a supervised system learns from, which choose its weights, and which it never sees.
import { z } from "zod";
import { SeededRandom } from "../../core/seeded-random.ts";
import type { Dataset } from "../../data/index.ts";
import type { Site } from "../../schema/index.ts";
import { labelsMissing, unknownPlates } from "./errors.ts";

/** The parameter that keeps plates from a system; a whole number is a plate's name. */
export const HeldOut = z
  .union(
    [
      z.number().min(0).max(0.9),
      z.array(z.string()),
      z.int().transform((plate) => [String(plate)]),
      z.string().transform((plates) => plates.split(",").map((plate) => plate.trim())),
    ],
    { error: "a share from 0 to 0.9, or plate_id values with commas" },
  )
  .default(0.25)
  .describe(
    "share of the plates (two at the least, where there are four: a test leaves one of them out), or their names separated by commas; nothing is learned from them, so that it can be tested on them",
  );

export const ValidationShare = z
  .number()
  .min(0)
  .max(0.9)
  .default(0.2)
  .describe("of the learning plates' wells, which choose the weights");

/** Image positions with their class; both `[n]`. */
export interface LabelledImages {
  readonly images: Int32Array;
  /** 1: infected and untreated. */
  readonly labels: Int32Array;
}

/** The controls of a screen, in three parts that share no well. */
export interface ControlSplit {
  readonly train: LabelledImages;
  readonly validation: LabelledImages;
  /** Of the plates that were held out. */
  readonly heldOut: LabelledImages;
  readonly heldOutPlates: readonly string[];
}

export interface ControlSplitOptions {
  readonly id: string;
  /** Share of the plates to hold out, two at the least where there are four, or their names. */
  readonly heldOut: number | readonly string[];
  /** Share of the wells of the other plates that choose the weights. */
  readonly validationShare: number;
  readonly seed: number;
  /** 1: the positive class, 0: the negative one, null: neither. @default the roles of control wells */
  readonly labelOf?: (site: Site) => 0 | 1 | null;
}

/** Untreated infected wells are 1; mock and inactivated virus, the healthy wells, are 0. */
export const labelOfRole = ({ role }: Site): 0 | 1 | null =>
  role === "positive_control" ? 1 : role === "negative_control" ? 0 : null;

/**
 * Splits the control images by plate, then by well within class. Random by `seed` alone.
 * @throws GanDlError `labels-missing`, `unknown-plate`.
 */
export function splitControls(dataset: Dataset, options: ControlSplitOptions): ControlSplit {
  const { id, heldOut, validationShare, seed, labelOf = labelOfRole } = options;
  const labels = dataset.sites.map(labelOf);
  const controls = labels.flatMap((label, i) => (label === null ? [] : [i]));
  const heldOutPlates = platesToHoldOut(dataset, controls, heldOut, seed);
  const isHeldOut = (i: number) => heldOutPlates.includes(dataset.sites[i]!.plate_id);
  const learning = controls.filter((i) => !isHeldOut(i));
  const validating = wellsOfShare(dataset, learning, labels, validationShare, seed);
  const isValidating = (i: number) => validating.has(dataset.sites[i]!.well_id);
  const labelled = (images: readonly number[]): LabelledImages => ({
    images: Int32Array.from(images),
    labels: Int32Array.from(images, (i) => labels[i] ?? 0),
  });
  const train = labelled(learning.filter((i) => !isValidating(i)));
  for (const [label, what] of [
    [1, "a positive control (infected, untreated)"],
    [0, "a negative control (healthy)"],
  ] as const) {
    if (!train.labels.includes(label)) throw labelsMissing(id, what, countsOfRoles(dataset));
  }
  return {
    train,
    validation: labelled(learning.filter(isValidating)),
    heldOut: labelled(controls.filter(isHeldOut)),
    heldOutPlates,
  };
}

function platesToHoldOut(
  dataset: Dataset,
  controls: readonly number[],
  heldOut: number | readonly string[],
  seed: number,
): readonly string[] {
  const known = [...new Set(controls.map((i) => dataset.sites[i]!.plate_id))].sort();
  if (typeof heldOut !== "number") {
    const unknown = heldOut.filter((plate) => !known.includes(plate));
    if (unknown.length > 0) throw unknownPlates(unknown, known);
    return heldOut;
  }
  const least = heldOut === 0 ? 0 : Math.min(2, Math.floor(known.length / 2)); // a test leaves one of them out
  const n = Math.min(Math.max(0, known.length - 1), Math.max(least, Math.round(heldOut * known.length)));
  return SeededRandom.forPart(seed, "held-out plates").shuffle(known).slice(0, n).sort();
}

/** A share of the wells of each class, drawn. */
function wellsOfShare(
  dataset: Dataset,
  images: readonly number[],
  labels: readonly (0 | 1 | null)[],
  share: number,
  seed: number,
): Set<string> {
  const random = SeededRandom.forPart(seed, "validation wells");
  return new Set(
    [0, 1].flatMap((label) => {
      const wells = images.filter((i) => labels[i] === label).map((i) => dataset.sites[i]!.well_id);
      const distinct = random.shuffle([...new Set(wells)].sort());
      return distinct.slice(0, Math.round(share * distinct.length));
    }),
  );
}

function countsOfRoles(dataset: Dataset): string[] {
  const counts = new Map<string, number>();
  for (const { role } of dataset.sites) counts.set(role, (counts.get(role) ?? 0) + 1);
  return [...counts].map(([role, n]) => `${n} of role ${role}`);
}
