// The two jobs that need the whole matrix: a map of it, and the neighbours of a point in it. They run in a thread of their own.

import { readFeatureTable } from "../data/table-files.ts";
import { multiplyRows } from "../math/row-products.ts";
import { map2d, profileTable } from "../profiles/index.ts";

/** A matrix with the length of each row. */
export interface Features {
  /** `[n,f]` */
  readonly matrix: Float32Array;
  readonly nRows: number;
  readonly nFeatures: number;
  /** `[n]` */
  readonly lengths: Float64Array;
  /** Features that were empty and count as 0. */
  readonly nMissing: number;
}

/** How points are placed. */
export type MapKind = "pca" | "umap";

/** Rows on the map and where they lie. */
export interface PlacedPoints {
  readonly rows: Uint32Array<ArrayBuffer>;
  /** `[n,2]`, each axis within −1 … 1. */
  readonly xy: Float32Array<ArrayBuffer>;
  readonly note: string | null;
}

/** Reads the feature columns of a table; missing features count as 0, and a map says how many there were. */
export async function readFeatures(path: string): Promise<Features> {
  const { features, nRows, featureNames } = await readFeatureTable(path);
  const f = featureNames.length;
  const lengths = new Float64Array(nRows);
  let nMissing = 0;
  for (let i = 0; i < nRows; i++) {
    let sum = 0;
    for (let j = i * f; j < (i + 1) * f; j++) {
      if (!Number.isFinite(features[j])) {
        features[j] = 0;
        nMissing++;
      }
      sum += features[j]! ** 2;
    }
    lengths[i] = Math.sqrt(sum);
  }
  return { matrix: features, nRows, nFeatures: f, lengths, nMissing };
}

/** What a map is at, and how far; null where that cannot be told. */
export type OnMapStep = (percent: number | null, step: string) => void;

/** Places every row (PCA) or at most 20,000 (UMAP). Equal tables give equal maps. @param onStep told of each percent of UMAP's two steps. */
export function drawMap({ matrix, nFeatures, nMissing }: Features, kind: MapKind, onStep: OnMapStep): PlacedPoints {
  const percents = (step: string) => {
    let told = -1;
    return (share: number) => {
      const percent = Math.floor(100 * share);
      if (percent > told) onStep(percent, step);
      told = percent;
    };
  };
  if (kind === "pca") onStep(null, "finding principal components");
  const featureNames = Array.from({ length: nFeatures }, (_, j) => `feature_${j}`);
  const { rows, xy, note } = map2d(profileTable({ features: matrix, featureNames, metadata: new Map() }), {
    kind,
    onNeighbours: percents("finding neighbours"),
    onProgress: percents("laying out neighbourhoods"),
  });
  const missing = nMissing > 0 ? `${nMissing.toLocaleString("en")} features were missing and count as 0.` : null;
  const said = [note, missing].filter((part) => part !== null).join(" ");
  return { rows: Uint32Array.from(rows), xy: intoSquare(xy), note: said === "" ? null : said };
}

/** Both axes by one factor, so that distances keep their proportions. */
function intoSquare(xy: Float64Array): Float32Array<ArrayBuffer> {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < xy.length; i++) {
    low[i % 2] = Math.min(low[i % 2]!, xy[i]!);
    high[i % 2] = Math.max(high[i % 2]!, xy[i]!);
  }
  const half = Math.max(high[0]! - low[0]!, high[1]! - low[1]!, 1e-30) / 1.9;
  return Float32Array.from(xy, (value, i) => (value - (low[i % 2]! + high[i % 2]!) / 2) / half);
}

/**
 * The `k` rows nearest by cosine to the mean of `rows`, which are left out, nearest first; every row is compared.
 * @returns empty where the mean has no direction.
 */
export function nearest({ matrix, nRows, nFeatures, lengths }: Features, rows: readonly number[], k: number) {
  const query = new Float64Array(nFeatures);
  for (const row of rows)
    for (let j = 0; j < nFeatures; j++) query[j]! += matrix[row * nFeatures + j]! / (lengths[row]! || 1);
  const length = Math.hypot(...query);
  if (length === 0) return [];
  const own = new Set(rows);
  const cosine = multiplyRows(matrix, query, nFeatures, new Float64Array(nRows));
  const found: { row: number; cosine: number }[] = [];
  for (let row = 0; row < nRows; row++) {
    if (own.has(row) || lengths[row] === 0) continue;
    const value = cosine[row]! / (lengths[row]! * length);
    if (found.length === k && value <= found[k - 1]!.cosine) continue;
    let at = found.length;
    while (at > 0 && found[at - 1]!.cosine < value) at--;
    found.splice(at, 0, { row, cosine: value });
    if (found.length > k) found.pop();
  }
  return found;
}
