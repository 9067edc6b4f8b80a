// Whether replicates resemble each other more than they resemble the rest: the field's counts, on unit rows.
import { SeededRandom } from "../core/seeded-random.ts";
import { eachSimilarity } from "./similarity.ts";
import { median, quantile } from "./statistics.ts";

/** Row numbers of each group name, in order of first appearance. */
function members(groupOf: readonly string[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  groupOf.forEach((group, row) => {
    const rows = groups.get(group);
    if (rows) rows.push(row);
    else groups.set(group, [row]);
  });
  return groups;
}

const rowOf = (units: Float64Array, f: number, row: number) => units.subarray(row * f, row * f + f);

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}

function gather(units: Float64Array, f: number, rows: readonly number[]): Float64Array {
  const out = new Float64Array(rows.length * f);
  rows.forEach((row, i) => {
    out.set(rowOf(units, f, row), i * f);
  });
  return out;
}

/** Share of replicate pairs above a quantile of all other pairs. */
export interface ReplicateReproducibility {
  readonly fraction: number;
  /** The quantile of non-replicate similarities that a replicate pair has to exceed. */
  readonly threshold: number;
  readonly nPairs: number;
  readonly nAbove: number;
  /** Whether non-replicate pairs were sampled (more than two million of them). */
  readonly sampled: boolean;
}

const MAX_NULL_PAIRS = 2_000_000;

/**
 * The share of pairs of one group whose similarity exceeds a quantile of all pairs of different groups.
 *
 * Source: `replicate_reproducibility` of cytominer-eval. Above two million other pairs, 200,000 are drawn by seed.
 * @param units unit rows `[n,f]` of `unitRows`.  @param groupOf the group of each row.
 * @returns fraction NaN where no group has two rows, or there is a single group and so no other pair.
 */
export function replicateReproducibility(
  units: Float64Array,
  f: number,
  groupOf: readonly string[],
  { quantileOverNull = 0.95, seed = 1 }: { readonly quantileOverNull?: number; readonly seed?: number } = {},
): ReplicateReproducibility {
  const n = groupOf.length;
  const groups = members(groupOf);
  const own: number[] = [];
  for (const rows of groups.values()) {
    rows.forEach((a, i) => {
      for (const b of rows.slice(i + 1)) own.push(dot(rowOf(units, f, a), rowOf(units, f, b)));
    });
  }
  const nOther = (n * (n - 1)) / 2 - own.length;
  const sampled = nOther > MAX_NULL_PAIRS;
  const others = sampled
    ? sampledOthers(units, f, groupOf, SeededRandom.forPart(seed, "non-replicate-pairs"))
    : allOthers(units, f, groupOf, nOther);
  const threshold = quantile(others, quantileOverNull);
  const nAbove = own.filter((s) => s > threshold).length;
  const fraction = others.length === 0 ? Number.NaN : nAbove / own.length;
  return { fraction, threshold, nPairs: own.length, nAbove, sampled };
}

function allOthers(units: Float64Array, f: number, groupOf: readonly string[], nOther: number): Float64Array {
  const out = new Float64Array(nOther);
  let at = 0;
  eachSimilarity(units, units, f, (i, similarities) => {
    for (let j = i + 1; j < groupOf.length; j++) if (groupOf[i] !== groupOf[j]) out[at++] = similarities[j]!;
  });
  return out;
}

function sampledOthers(units: Float64Array, f: number, groupOf: readonly string[], random: SeededRandom): Float64Array {
  return Float64Array.from({ length: MAX_NULL_PAIRS / 10 }, () => {
    for (;;) {
      const [a, b] = [random.integer(groupOf.length), random.integer(groupOf.length)];
      if (groupOf[a] !== groupOf[b]) return dot(rowOf(units, f, a), rowOf(units, f, b));
    }
  });
}

/** How many of the pairs most like a group are its own. */
export interface GroupPrecision {
  readonly group: string;
  readonly precision: number;
  /** NaN for a group of one. */
  readonly recall: number;
}

/**
 * For each group, precision and recall among the k most similar pairs that start in it; a pair of the group counts from both ends.
 * Source: `precision_recall` of cytominer-eval.
 */
export function precisionRecallAtK(
  units: Float64Array,
  f: number,
  groupOf: readonly string[],
  k: number,
): GroupPrecision[] {
  return [...members(groupOf)].map(([group, rows]) => {
    const pairs: { similarity: number; own: boolean }[] = [];
    eachSimilarity(gather(units, f, rows), units, f, (i, similarities) => {
      similarities.forEach((similarity, j) => {
        if (j !== rows[i]) pairs.push({ similarity, own: groupOf[j] === group });
      });
    });
    pairs.sort((a, b) => b.similarity - a.similarity);
    const found = pairs.slice(0, k).filter((pair) => pair.own).length;
    const total = pairs.filter((pair) => pair.own).length;
    return { group, precision: found / k, recall: total > 0 ? found / total : Number.NaN };
  });
}

/** How far a profile stands out from the controls towards its group. */
export interface Grit {
  readonly profile: string;
  readonly group: string;
  /** In standard deviations of the profile's similarities to controls; NaN where the group has no other profile. */
  readonly grit: number;
}

/**
 * Grit: similarities of a profile's rows to those of other profiles of its group, as z-scores of its similarities to controls.
 *
 * Source: `grit` of cytominer-eval; the z-score divides by the standard deviation with n.
 * @param isControl the rows that are controls.  @param summary how the z-scores become one. Default `mean`.
 */
export function gritScores(
  units: Float64Array,
  f: number,
  labels: {
    readonly profile: readonly string[];
    readonly group: readonly string[];
    readonly isControl: readonly boolean[];
  },
  summary: "mean" | "median" = "mean",
): Grit[] {
  const controls = labels.isControl.flatMap((is, row) => (is ? [row] : []));
  const byGroup = members(labels.group);
  return [...members(labels.profile.map((profile, i) => `${profile}\u0000${labels.group[i]}`))].map(([key, rows]) => {
    const [profile = "", group = ""] = key.split("\u0000");
    const kin = (byGroup.get(group) ?? []).filter((row) => labels.profile[row] !== profile);
    const similarities = (others: readonly number[]) => {
      const out: number[] = [];
      eachSimilarity(gather(units, f, rows), gather(units, f, others), f, (i, s) => {
        s.forEach((v, j) => {
          if (others[j] !== rows[i]) out.push(v);
        });
      });
      return out;
    };
    const toControls = similarities(controls);
    const centre = toControls.reduce((sum, v) => sum + v, 0) / toControls.length;
    const spread = Math.sqrt(toControls.reduce((sum, v) => sum + (v - centre) ** 2, 0) / toControls.length);
    const z = similarities(kin).map((v) => (v - centre) / spread);
    const grit = z.length === 0 ? Number.NaN : summary === "mean" ? z.reduce((a, b) => a + b, 0) / z.length : median(z);
    return { profile, group, grit };
  });
}

/** Share of groups whose replicates agree more than chance groups do. */
export interface PercentReplicating {
  /** NaN where no group can be judged. */
  readonly fraction: number;
  /**
   * Whether each group replicates, in order of first appearance. Groups of one row are left out, and those of more rows than there
   * are groups: no chance group of their size can be drawn, each row from another group.
   */
  readonly replicates: ReadonlyMap<string, boolean>;
}

/**
 * The share of groups whose median similarity between replicates exceeds the 95th percentile of groups of the same size drawn
 * from different groups. Source: Way et al., Cell Systems 2022 (percent replicating). Deterministic by seed.
 * @param options.nNull chance groups a size. Default 1000.
 */
export function percentReplicating(
  units: Float64Array,
  f: number,
  groupOf: readonly string[],
  { nNull = 1000, quantileOverNull = 0.95, seed = 1 } = {},
): PercentReplicating {
  const random = SeededRandom.forPart(seed, "percent-replicating");
  const all = [...members(groupOf)];
  const groups = all.filter(([, rows]) => rows.length > 1 && rows.length <= all.length);
  const medianOf = (rows: readonly number[]) => {
    const pairs = rows.flatMap((a, i) => rows.slice(i + 1).map((b) => dot(rowOf(units, f, a), rowOf(units, f, b))));
    return median(pairs);
  };
  const thresholds = new Map<number, number>();
  const thresholdOf = (size: number) => {
    const known = thresholds.get(size);
    if (known !== undefined) return known;
    const draws = Array.from({ length: nNull }, () => {
      const rows: number[] = [];
      const used = new Set<string>();
      while (rows.length < size) {
        const row = random.integer(groupOf.length);
        if (used.has(groupOf[row]!)) continue;
        used.add(groupOf[row]!);
        rows.push(row);
      }
      return medianOf(rows);
    });
    const threshold = quantile(draws, quantileOverNull);
    thresholds.set(size, threshold);
    return threshold;
  };
  const judged = groups.map(([group, rows]) => [group, medianOf(rows) > thresholdOf(rows.length)] as const);
  return { fraction: judged.filter(([, yes]) => yes).length / judged.length, replicates: new Map(judged) };
}
