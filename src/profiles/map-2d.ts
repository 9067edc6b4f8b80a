// Profiles as points in a plane: principal components, and UMAP for neighbourhoods.
import { UMAP } from "umap-js";
import { SeededRandom } from "../core/seeded-random.ts";
import { multiplyRows, scatterOf } from "../math/row-products.ts";
import { symmetricEigen } from "../math/symmetric-eigen.ts";
import { badMap } from "./errors.ts";
import type { ProfileTable } from "./profile-table.ts";

/** How a map is drawn. */
export interface MapOptions {
  readonly kind: "pca" | "umap";
  /** Equal seeds give equal maps. @default 1 */
  readonly seed?: number;
  /** Rows drawn for a UMAP of more. @default 20000 */
  readonly maxPoints?: number;
  /** Neighbours of a point that its place keeps. @default 15 */
  readonly nNeighbours?: number;
  /** Smallest distance between points that are alike. @default 0.1 */
  readonly minDistance?: number;
  /** Rounds of the layout; UMAP's own choice by size when left out. */
  readonly nEpochs?: number;
  /** Told of UMAP's search for neighbours, which comes first: the share of the points that have theirs, 0 to 1. */
  readonly onNeighbours?: (share: number) => void;
  /** Told of UMAP's layout after each round: the share that is done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** Where each row lies. */
export interface Map2d {
  /** Rows of the table that are on the map. */
  readonly rows: readonly number[];
  /** x, y of each of them, `[rows,2]`. */
  readonly xy: Float64Array;
  /** What was left out, or null. */
  readonly note: string | null;
}

/** Principal components that UMAP's neighbours are found in. */
const COMPONENTS = 50;

/**
 * Places profiles in a plane: the first two principal components, or UMAP (McInnes, Healy & Melville 2018) on the first fifty.
 *
 * UMAP finds each point's exact neighbours; distances between far groups mean nothing. Deterministic by seed.
 * @throws GanDlError `bad-map` with fewer than three rows, or fewer rows than neighbours.
 * @example
 * ```ts
 * import { fromColumns, map2d } from "gan-dl/profiles";
 * const table = fromColumns(new Map([["feature_0", [0, 1, 2, 9]], ["feature_1", [0, 1, 2, 9]]]));
 * console.assert(map2d(table, { kind: "pca" }).xy.length === 8);
 * ```
 */
export function map2d(table: ProfileTable, options: MapOptions): Map2d {
  const { kind, seed = 1, maxPoints = 20_000, nNeighbours = 15, minDistance = 0.1 } = options;
  const needed = kind === "umap" ? nNeighbours + 1 : 3;
  if (table.nRows < needed) throw badMap(table.nRows, needed);
  const random = SeededRandom.forPart(seed, "map-2d");
  const all = Array.from({ length: table.nRows }, (_, i) => i);
  const sampled = kind === "umap" && table.nRows > maxPoints;
  const rows = sampled
    ? random
        .shuffle(all)
        .slice(0, maxPoints)
        .sort((a, b) => a - b)
    : all;
  const note = sampled ? `The map shows ${maxPoints} rows drawn from ${table.nRows}.` : null;
  const { coordinates, d } = principal(table, rows, kind === "pca" ? 2 : COMPONENTS);
  if (kind === "pca") return { rows, xy: planar(coordinates, d, rows.length), note };
  const points = rows.map((_, i) => Array.from(coordinates.subarray(i * d, i * d + d)));
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: nNeighbours,
    minDist: minDistance,
    random: () => random.uniform(),
    ...(options.nEpochs === undefined ? {} : { nEpochs: options.nEpochs }),
  });
  const { indices, distances } = neighbours(coordinates, d, rows.length, nNeighbours, options.onNeighbours);
  umap.setPrecomputedKNN(indices, distances);
  const nRounds = umap.initializeFit(points);
  for (let round = 1; round <= nRounds; round++) {
    umap.step();
    options.onProgress?.(round / nRounds);
  }
  return { rows, xy: Float64Array.from(umap.getEmbedding().flat()), note };
}

function principal(table: ProfileTable, rows: readonly number[], most: number) {
  const f = table.nFeatures;
  const { mean, scatter } = scatterOf(table.features, f, rows);
  const { vectors } = symmetricEigen(scatter, f);
  const d = Math.min(most, f);
  const axes = vectors.slice(0, d * f);
  const centred = new Float64Array(256 * f);
  const coordinates = new Float64Array(rows.length * d);
  for (let start = 0; start < rows.length; start += 256) {
    const size = Math.min(256, rows.length - start);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < f; j++) centred[i * f + j] = table.features[rows[start + i]! * f + j]! - mean[j]!;
    }
    multiplyRows(centred.subarray(0, size * f), axes, f, coordinates.subarray(start * d, (start + size) * d));
  }
  return { coordinates, d };
}

/** The first two of `d` coordinates; the second is 0 where there is one feature. */
function planar(coordinates: Float64Array, d: number, n: number): Float64Array {
  return Float64Array.from({ length: 2 * n }, (_, at) => (at % 2 < d ? coordinates[(at >> 1) * d + (at % 2)]! : 0));
}

/** Exact nearest neighbours by distance, each point first in its own list, as umap-js expects them; each pair is looked at once. */
function neighbours(x: Float64Array, d: number, n: number, k: number, onShare?: (share: number) => void) {
  const square = Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += x[i * d + j]! ** 2;
    return sum;
  });
  const nearest = new Float64Array(n * k).fill(Number.POSITIVE_INFINITY);
  const who = new Int32Array(n * k);
  for (let i = 0; i < n; i++) {
    nearest[i * k] = -1; // itself
    who[i * k] = i;
  }
  const keep = (own: number, other: number, distance: number) => {
    let at = own * k + k - 1;
    for (; nearest[at - 1]! > distance; at--) {
      nearest[at] = nearest[at - 1]!;
      who[at] = who[at - 1]!;
    }
    nearest[at] = distance;
    who[at] = other;
  };
  const block = 32;
  const products = new Float64Array(block * n);
  for (let start = 0; start < n; start += block) {
    const size = Math.min(block, n - start);
    const width = n - start;
    multiplyRows(x.subarray(start * d, (start + size) * d), x.subarray(start * d), d, products);
    for (let i = 0; i < size; i++) {
      const own = start + i;
      for (let other = own + 1; other < n; other++) {
        const distance = Math.max(0, square[own]! + square[other]! - 2 * products[i * width + other - start]!);
        if (distance < nearest[own * k + k - 1]!) keep(own, other, distance);
        if (distance < nearest[other * k + k - 1]!) keep(other, own, distance);
      }
    }
    onShare?.(1 - (1 - (start + size) / n) ** 2); // of the pairs
  }
  const lists = Array.from({ length: n }, (_, i) => i * k);
  return {
    indices: lists.map((at) => Array.from(who.subarray(at, at + k))),
    distances: lists.map((at) => Array.from(nearest.subarray(at, at + k), (v) => Math.sqrt(Math.max(0, v)))),
  };
}
