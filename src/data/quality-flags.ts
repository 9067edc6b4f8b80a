// Fields that a person should look at before a day of training: blurred, empty, saturated, duplicated. Flagged, never dropped.
import type { SiteMeasures } from "./site-measures.ts";

/** What can be wrong with a field. */
export const QUALITY_FAULTS = ["blurred", "empty", "saturated", "duplicated"] as const;
export type QualityFault = (typeof QUALITY_FAULTS)[number];

/** Where the lines are drawn; recorded in dataset.json. */
export const QUALITY_LIMITS = {
  /** A field is empty in a stain whose structure is below this share of its plate's median. */
  emptyBelowShare: 0.1,
  /** A field is saturated when more than this share of its pixels is at the highest level of the whole data set. */
  saturatedAboveShare: 0.005,
  /** A field is blurred when its log focus is so many robust standard deviations below its plate's median … */
  blurredRobustSd: 4,
  /** … and its focus below this share of that median. */
  blurredBelowShare: 0.6,
  /** Plates with fewer fields than this are compared with the whole data set. */
  smallPlate: 8,
} as const;

const MAD_TO_SIGMA = 1.4826; // makes the MAD estimate σ for Gaussian data

/** What was found in one field. */
export interface FieldQuality {
  /** The channels with each fault, by position. */
  readonly faults: Readonly<Partial<Record<QualityFault, readonly number[]>>>;
  /** An earlier field with the same pixels in some channel. */
  readonly duplicateOf: number | null;
}

/**
 * Judges every field against its own plate.
 * @param plateOf the plate of each field, by position.
 * @returns one entry a field with a fault, by position.
 */
export function qualityFlags(measures: SiteMeasures, plateOf: ArrayLike<number>): Map<number, FieldQuality> {
  const found = new Map<number, { faults: Partial<Record<QualityFault, number[]>>; duplicateOf: number | null }>();
  const flag = (field: number, fault: QualityFault, channel: number, of: number | null = null) => {
    const entry = found.get(field) ?? { faults: {}, duplicateOf: null };
    const channels = entry.faults[fault] ?? [];
    channels.push(channel);
    entry.faults[fault] = channels;
    entry.duplicateOf ??= of;
    found.set(field, entry);
  };
  const groups = groupsOf(measures.n, plateOf);
  for (let c = 0; c < measures.nChannels; c++) {
    const highest = maximum(measures, c);
    for (const { members, reference } of groups) {
      const structure = median(reference.map((i) => measures.get(i, c, "structure")));
      const sharpness = spread(
        reference.filter((i) => measures.get(i, c, "structure") > 0).map((i) => logFocus(measures, i, c)),
      );
      for (const i of members) {
        if (measures.get(i, c, "structure") <= QUALITY_LIMITS.emptyBelowShare * structure) flag(i, "empty", c);
        else if (logFocus(measures, i, c) < sharpness) flag(i, "blurred", c);
        const isAtTop = highest > 0 && measures.get(i, c, "max") === highest;
        if (isAtTop && measures.get(i, c, "atMax") > QUALITY_LIMITS.saturatedAboveShare) flag(i, "saturated", c);
      }
    }
    for (const [later, first] of duplicates(measures, c)) flag(later, "duplicated", c, first);
  }
  return found;
}

interface Group {
  readonly members: readonly number[];
  /** The fields that they are compared with. */
  readonly reference: readonly number[];
}

function groupsOf(n: number, plateOf: ArrayLike<number>): Group[] {
  const plates = new Map<number, number[]>();
  for (let i = 0; i < n; i++) {
    const members = plates.get(plateOf[i]!);
    if (members === undefined) plates.set(plateOf[i]!, [i]);
    else members.push(i);
  }
  const all = Array.from({ length: n }, (_, i) => i);
  return [...plates.values()].map((members) => ({
    members,
    reference: members.length < QUALITY_LIMITS.smallPlate ? all : members,
  }));
}

const logFocus = (measures: SiteMeasures, i: number, c: number) =>
  Math.log(Math.max(1e-6, measures.get(i, c, "focus")));

/** The log focus below which a field of this plate is blurred. */
function spread(logs: readonly number[]): number {
  const middle = median(logs);
  const sd = MAD_TO_SIGMA * median(logs.map((v) => Math.abs(v - middle)));
  return middle + Math.min(-QUALITY_LIMITS.blurredRobustSd * sd, Math.log(QUALITY_LIMITS.blurredBelowShare));
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}

function maximum(measures: SiteMeasures, c: number): number {
  let highest = 0;
  for (let i = 0; i < measures.n; i++) highest = Math.max(highest, measures.get(i, c, "max"));
  return highest;
}

/** Pairs of a field and the first with the same pixels; constant planes are empty, not copies. */
function duplicates(measures: SiteMeasures, c: number): [later: number, first: number][] {
  const hashes = BigUint64Array.from({ length: measures.n }, (_, i) => measures.hash(i, c)).sort();
  const repeated = new Set<bigint>();
  for (let k = 1; k < hashes.length; k++) if (hashes[k] === hashes[k - 1]) repeated.add(hashes[k]!);
  if (repeated.size === 0) return [];
  const first = new Map<bigint, number>();
  const pairs: [number, number][] = [];
  for (let i = 0; i < measures.n; i++) {
    const hash = measures.hash(i, c);
    if (!repeated.has(hash) || measures.get(i, c, "sd") === 0) continue;
    const before = first.get(hash);
    if (before === undefined) first.set(hash, i);
    else pairs.push([i, before]);
  }
  return pairs;
}

/** One field's faults as sites.parquet tells them, e.g. `blurred(DNA, ER) saturated(actin)`. */
export function flagText(quality: FieldQuality, channels: readonly string[]): string {
  return QUALITY_FAULTS.flatMap((fault) => {
    const where = quality.faults[fault];
    return where === undefined ? [] : [`${fault}(${where.map((c) => channels[c]).join(", ")})`];
  }).join(" ");
}
