// Harmony: batches drawn together cluster by cluster, so that a plate effect goes and what differs between clusters stays.
import { SeededRandom } from "../core/seeded-random.ts";
import { cholesky, choleskySolve } from "../math/dense-symmetric.ts";
import { BLOCK_ROWS, dotProducts } from "../math/dot-products.ts";
import { scatterOf } from "../math/row-products.ts";
import { symmetricEigen } from "../math/symmetric-eigen.ts";
import { applyAffine, type FittedAffine, numberedFeatures } from "./affine.ts";
import { type FitRecord, fitRecord, withFit } from "./lineage.ts";
import type { ProfileTable } from "./profile-table.ts";
import { groupsOfRows, referenceGroups } from "./standardise.ts";

/** How Harmony is run; the defaults are the paper's. */
export interface HarmonyOptions {
  readonly rows?: readonly number[];
  /** The column of the batches. */
  readonly by: string;
  /** Principal components taken first. @default 50 */
  readonly nComponents?: number;
  /** Strength of the penalty on clusters of one batch. @default 2 */
  readonly theta?: number;
  /** Softness of the clusters. @default 0.1 */
  readonly sigma?: number;
  /** Ridge of the correction. @default 1 */
  readonly ridge?: number;
  /** @default 10 */
  readonly maxIterations?: number;
  /** Decides the first cluster centres. @default 1 */
  readonly seed?: number;
}

/** A fitted Harmony correction. */
export interface Harmony {
  readonly by: string;
  readonly pca: FittedAffine;
  readonly sigma: number;
  /** Corrections to take off, one after the other: each with its own cluster centres. */
  readonly rounds: readonly HarmonyRound[];
  readonly batches: readonly string[];
  readonly fit: FitRecord;
}

interface HarmonyRound {
  /** Unit vectors `[k,d]`. */
  readonly centres: Float64Array;
  /** What batch b shifts cluster k by, `[k,b,d]`. */
  readonly shifts: Float64Array;
}

const MAX_CLUSTERS = 50;
const CLUSTER_SWEEPS = 5;

/**
 * Learns Harmony's correction: soft clusters on the sphere that mix batches, and for each the shift of every batch.
 *
 * Source: Korsunsky et al., Fast, sensitive and accurate integration of single-cell data with Harmony (Nat. Methods 2019).
 * Differences: all rows are updated at once, not in blocks; the shifts are taken from the corrected profiles round by round, so
 * that they can be applied to rows that were not learned from, of the same batches. Deterministic by seed.
 * @throws GanDlError `no-reference-rows`, `unknown-column`.
 * @example
 * ```ts
 * import { applyHarmony, fitHarmony, fromColumns } from "gan-dl/profiles";
 * const n = 60, of = (f: (i: number) => number) => Array.from({ length: n }, (_, i) => f(i));
 * const table = fromColumns(new Map<string, (string | number)[]>([["plate_id", of((i) => i % 2)],
 *   ["feature_0", of((i) => 9 * (i % 2) + Math.sin(i))], ["feature_1", of((i) => Math.cos(i))]]));
 * console.assert(applyHarmony(table, fitHarmony(table, { by: "plate_id" })).nRows === 60);
 * ```
 */
export function fitHarmony(table: ProfileTable, options: HarmonyOptions): Harmony {
  const { by, nComponents = 50, theta = 2, sigma = 0.1, ridge = 1, maxIterations = 10, seed = 1 } = options;
  const groups = referenceGroups(table, options);
  const batches = [...groups.keys()];
  const rows = [...groups.values()].flat();
  const batchOf = Int32Array.from([...groups.values()].flatMap((own, b) => own.map(() => b)));
  const pca = principalMap(table, rows, nComponents);
  const d = pca.featureNames.length;
  const f = table.nFeatures;
  const subset = new Float32Array(rows.length * f);
  rows.forEach((row, i) => {
    subset.set(table.features.subarray(row * f, row * f + f), i * f);
  });
  const picked = {
    nRows: rows.length,
    nFeatures: f,
    features: subset,
    featureNames: table.featureNames,
    metadata: new Map(),
  };
  const z = Float64Array.from(applyAffine(picked, pca).features);
  const k = Math.max(1, Math.min(MAX_CLUSTERS, Math.round(rows.length / 30)));
  const state = { z, d, k, n: rows.length, batchOf, nBatches: batches.length, theta, sigma, ridge };
  const rounds: HarmonyRound[] = [];
  let centres = firstCentres(state, SeededRandom.forPart(seed, "harmony"));
  let before = Number.POSITIVE_INFINITY;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const clustered = cluster(state, centres);
    centres = clustered.centres;
    const shifts = correct(state, clustered.soft);
    rounds.push({ centres, shifts });
    const size = Math.sqrt(shifts.reduce((sum, v) => sum + v * v, 0));
    if (size > 0.98 * before || size < 1e-4) break; // the batches no longer move towards each other
    before = size;
  }
  return { by, pca, sigma, rounds, batches, fit: fitRecord("harmony", null, table, options.rows ?? null) };
}

/** Principal components of each row, less what its batch shifts it by; a new table. @throws GanDlError `unfitted-group`. */
export function applyHarmony(table: ProfileTable, fitted: Harmony): ProfileTable {
  const projected = applyAffine(table, fitted.pca);
  const d = projected.nFeatures;
  const batchOf = groupsOfRows(table, fitted.by, new Map(fitted.batches.map((name, b) => [name, b])));
  const z = Float64Array.from(projected.features);
  for (const { centres, shifts } of fitted.rounds) {
    const soft = new Float64Array(centres.length / d);
    for (const { from, nRows, along } of blocksAlong(z, d, centres)) {
      for (let i = 0; i < nRows; i++) {
        const row = z.subarray((from + i) * d, (from + i + 1) * d);
        softAssign(along.subarray(i * soft.length, (i + 1) * soft.length), lengthOf(row), fitted.sigma, null, soft);
        takeOff(row, soft, shifts, batchOf[from + i]!, fitted.batches.length, d);
      }
    }
  }
  const changes = { features: Float32Array.from(z), nFeatures: d, featureNames: numberedFeatures(d) };
  return withFit(table, changes, fitted.fit);
}

function principalMap(table: ProfileTable, rows: readonly number[], nComponents: number): FittedAffine {
  const f = table.nFeatures;
  const { mean, scatter } = scatterOf(table.features, f, rows);
  const { values, vectors } = symmetricEigen(scatter, f);
  const d = Math.max(1, Math.min(nComponents, values.filter((v) => v > 1e-10 * values[0]!).length));
  const affine = { centre: mean, matrix: vectors.slice(0, d * f), offset: new Float64Array(d) };
  const fit = fitRecord("pca", null, table, rows);
  return { by: null, groups: new Map([["", affine]]), featureNames: numberedFeatures(d), fit };
}

interface State {
  /** `[n,d]`, corrected in place. */
  readonly z: Float64Array;
  readonly d: number;
  readonly k: number;
  readonly n: number;
  readonly batchOf: Int32Array;
  readonly nBatches: number;
  readonly theta: number;
  readonly sigma: number;
  readonly ridge: number;
}

/** Rows far from each other (k-means++ on the sphere). */
function firstCentres({ z, d, k, n }: State, random: SeededRandom): Float64Array {
  const centres = new Float64Array(k * d);
  const nearest = new Float64Array(n).fill(2);
  let chosen = random.integer(n);
  for (let c = 0; c < k; c++) {
    const centre = centres.subarray(c * d, c * d + d);
    centre.set(unit(z.subarray(chosen * d, chosen * d + d)));
    let total = 0;
    for (let i = 0; i < n; i++) {
      const distance = 1 - cosine(z.subarray(i * d, i * d + d), centre);
      nearest[i] = Math.min(nearest[i]!, Math.max(0, distance));
      total += nearest[i]!;
    }
    let ticket = random.uniform() * total;
    for (chosen = 0; chosen < n - 1; chosen++) {
      ticket -= nearest[chosen]!;
      if (ticket <= 0) break;
    }
  }
  return centres;
}

/** Soft k-means whose clusters are paid for holding batches in proportion. */
function cluster(state: State, start: Float64Array): { centres: Float64Array; soft: Float64Array } {
  const { z, d, k, n, batchOf, nBatches, theta, sigma } = state;
  let centres = start;
  const soft = new Float64Array(n * k);
  const share = new Float64Array(nBatches);
  for (const b of batchOf) share[b]! += 1 / n;
  let penalty: Float64Array | null = null;
  for (let sweep = 0; sweep < CLUSTER_SWEEPS; sweep++) {
    const observed = new Float64Array(nBatches * k);
    const size = new Float64Array(k);
    const next = new Float64Array(k * d);
    for (const { from, nRows, along } of blocksAlong(z, d, centres)) {
      // Turned over, so that the new centres are products of rows too: [k,rows] with [d,rows].
      const shares = new Float64Array(k * nRows);
      const directions = new Float64Array(d * nRows);
      for (let i = 0; i < nRows; i++) {
        const own = soft.subarray((from + i) * k, (from + i + 1) * k);
        const b = batchOf[from + i]!;
        const row = z.subarray((from + i) * d, (from + i + 1) * d);
        const length = lengthOf(row);
        softAssign(along.subarray(i * k, i * k + k), length, sigma, penalty?.subarray(b * k, b * k + k) ?? null, own);
        for (let c = 0; c < k; c++) {
          observed[b * k + c]! += own[c]!;
          size[c]! += own[c]!;
          shares[c * nRows + i] = own[c]!;
        }
        for (let j = 0; j < d; j++) directions[j * nRows + i] = row[j]! / length;
      }
      for (const [at, v] of dotProducts(shares, k, directions, d, nRows).entries()) next[at]! += v;
    }
    penalty = observed.map((o, at) => ((share[Math.floor(at / k)]! * size[at % k]! + 1) / (o + 1)) ** theta);
    for (let c = 0; c < k; c++) next.set(unit(next.subarray(c * d, c * d + d)), c * d);
    centres = next;
  }
  return { centres, soft };
}

/** Each cluster's ridge regression on the batches; takes the shifts off `z` and returns them, `[k,b,d]`. */
function correct(state: State, soft: Float64Array): Float64Array {
  const { z, d, k, n, batchOf, nBatches, ridge } = state;
  const shifts = new Float64Array(k * nBatches * d);
  const p = nBatches + 1; // the first is the cluster's own mean, which is kept
  for (let c = 0; c < k; c++) {
    const gram = new Float64Array(p * p);
    const right = new Float64Array(p * d);
    for (let i = 0; i < n; i++) {
      const r = soft[i * k + c]!;
      if (r < 1e-8) continue;
      const b = batchOf[i]! + 1;
      gram[0]! += r;
      gram[b]! += r;
      gram[b * p + b]! += r;
      for (let j = 0; j < d; j++) {
        right[j]! += r * z[i * d + j]!;
        right[b * d + j]! += r * z[i * d + j]!;
      }
    }
    for (let b = 1; b < p; b++) gram[b * p + b]! += ridge;
    gram[0]! += 1e-9;
    const factor = cholesky(gram, p);
    if (!factor) continue; // an empty cluster
    for (let j = 0; j < d; j++) {
      const solved = choleskySolve(
        factor,
        p,
        Float64Array.from({ length: p }, (_, b) => right[b * d + j]!),
      );
      for (let b = 0; b < nBatches; b++) shifts[(c * nBatches + b) * d + j] = solved[b + 1]!;
    }
  }
  for (let i = 0; i < n; i++) {
    takeOff(z.subarray(i * d, i * d + d), soft.subarray(i * k, i * k + k), shifts, batchOf[i]!, nBatches, d);
  }
  return shifts;
}

/** Rows of `z` block by block, each with its rows' products with the centres, `[nRows,k]`. */
function* blocksAlong(z: Float64Array, d: number, centres: Float64Array) {
  const n = z.length / d;
  for (let from = 0; from < n; from += BLOCK_ROWS) {
    const nRows = Math.min(BLOCK_ROWS, n - from);
    const block = z.subarray(from * d, (from + nRows) * d);
    yield { from, nRows, along: dotProducts(block, nRows, centres, centres.length / d, d) };
  }
}

/** Fills `soft` with a row's shares in the clusters, from its products with their centres and its length. */
function softAssign(
  along: Float64Array,
  length: number,
  sigma: number,
  penalty: Float64Array | null,
  soft: Float64Array,
): void {
  let total = 0;
  for (let c = 0; c < soft.length; c++) {
    const r = Math.exp((-2 * (1 - along[c]! / length)) / sigma) * (penalty ? penalty[c]! : 1);
    soft[c] = r;
    total += r;
  }
  for (let c = 0; c < soft.length; c++) soft[c] = total > 0 ? soft[c]! / total : 1 / soft.length;
}

/** Euclidean; 1 for a row of zeros, which then has no direction. */
function lengthOf(row: Float64Array): number {
  let square = 0;
  for (let j = 0; j < row.length; j++) square += row[j]! ** 2;
  return Math.sqrt(square) || 1;
}

function takeOff(
  row: Float64Array,
  soft: Float64Array,
  shifts: Float64Array,
  batch: number,
  nBatches: number,
  d: number,
) {
  for (let c = 0; c < soft.length; c++) {
    const r = soft[c]!;
    if (r < 1e-8) continue;
    const from = (c * nBatches + batch) * d;
    for (let j = 0; j < d; j++) row[j]! -= r * shifts[from + j]!;
  }
}

function unit(v: Float64Array): Float64Array {
  const length = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0)) || 1;
  return v.map((x) => x / length);
}

function cosine(v: Float64Array, unitVector: Float64Array): number {
  let dot = 0;
  let square = 0;
  for (let j = 0; j < v.length; j++) {
    dot += v[j]! * unitVector[j]!;
    square += v[j]! ** 2;
  }
  return square > 0 ? dot / Math.sqrt(square) : 0;
}
