// Where in an image a score comes from: patches or feature maps brought back to pixels, and held against what is known of each pixel.
import { rocAuc } from "./roc.ts";

/** Where patches of one size begin: every row origin with every column origin, row by row. */
export interface PatchGrid {
  readonly rowsPx: readonly number[];
  readonly columnsPx: readonly number[];
  readonly patchPx: number;
}

/**
 * The score of each pixel: the mean over the patches that it lies in, `[h*w]`, 0 where none lies.
 * @param scores one a patch, row by row.
 * @example
 * ```ts
 * import { spreadPatches } from "gan-dl/math";
 * const map = spreadPatches([0, 1], { rowsPx: [0], columnsPx: [0, 1], patchPx: 2 }, 2, 3);
 * console.assert(map.join() === "0,0.5,1,0,0.5,1");
 * ```
 */
export function spreadPatches(
  scores: ArrayLike<number>,
  { rowsPx, columnsPx, patchPx }: PatchGrid,
  heightPx: number,
  widthPx: number,
): Float32Array {
  if (scores.length !== rowsPx.length * columnsPx.length)
    throw new RangeError(`${scores.length} scores for ${rowsPx.length} × ${columnsPx.length} patches`);
  const sum = new Float32Array(heightPx * widthPx);
  const count = new Uint16Array(heightPx * widthPx);
  rowsPx.forEach((top, r) => {
    columnsPx.forEach((left, c) => {
      const score = scores[r * columnsPx.length + c]!;
      for (let y = top; y < top + patchPx; y++) {
        for (let x = left; x < left + patchPx; x++) {
          sum[y * widthPx + x]! += score;
          count[y * widthPx + x]!++;
        }
      }
    });
  });
  return sum.map((value, i) => (count[i]! > 0 ? value / count[i]! : 0));
}

/**
 * A feature map seen along one direction: Σ over channels of weight · feature, plus bias, `[h*w]`.
 * @param features `[c,h,w]`. @param weights `[c]`.
 */
export function projectMap(features: Float32Array, weights: ArrayLike<number>, bias = 0): Float32Array {
  const size = features.length / weights.length;
  if (!Number.isInteger(size))
    throw new RangeError(`${features.length} values are no map of ${weights.length} channels`);
  const out = new Float64Array(size).fill(bias);
  for (let c = 0; c < weights.length; c++) {
    for (let i = 0; i < size; i++) out[i]! += weights[c]! * features[c * size + i]!;
  }
  return Float32Array.from(out);
}

/** Height and width of a map. */
export type MapSize = readonly [heightPx: number, widthPx: number];

/**
 * A map enlarged (or reduced) linearly between the centres of its pixels; beyond the outermost centres it stays level.
 * @param map `[h*w]`.
 * @example
 * ```ts
 * import { resizeMap } from "gan-dl/math";
 * console.assert(resizeMap(Float32Array.of(0, 4), [1, 2], [1, 4]).join() === "0,1,3,4");
 * ```
 */
export function resizeMap(map: Float32Array, [h, w]: MapSize, [heightPx, widthPx]: MapSize): Float32Array {
  if (map.length !== h * w) throw new RangeError(`${map.length} values are not a map of ${h} × ${w}`);
  const rows = places(h, heightPx);
  const columns = places(w, widthPx);
  const out = new Float32Array(heightPx * widthPx);
  rows.forEach(({ below: y, share: dy }, row) => {
    const next = Math.min(y + 1, h - 1);
    columns.forEach(({ below: x, share: dx }, column) => {
      const right = Math.min(x + 1, w - 1);
      const top = map[y * w + x]! * (1 - dx) + map[y * w + right]! * dx;
      const bottom = map[next * w + x]! * (1 - dx) + map[next * w + right]! * dx;
      out[row * widthPx + column] = top * (1 - dy) + bottom * dy;
    });
  });
  return out;
}

/** For each new pixel the old one before its centre, and how far it lies towards the next. */
function places(from: number, to: number): { below: number; share: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    return { below: Math.floor(at), share: at - Math.floor(at) };
  });
}

/** What a pixel shows. */
export const CELL_MAP = { background: 0, healthy: 1, infected: 2 } as const;

/** How well maps find the pixels of infected cells; NaN where a side has no pixel. */
export interface RegionAuc {
  /** Infected cells against everything else. */
  readonly amongAll: number;
  /** Infected against healthy cells: the background does not help. */
  readonly amongCells: number;
  readonly nPixels: number;
  readonly infectedShare: number;
}

/**
 * The area under the ROC curve over the pixels of all maps together.
 * @param maps one score a pixel. @param cells values of {@link CELL_MAP}, for the same pixels.
 * @example
 * ```ts
 * import { regionAuc } from "gan-dl/math";
 * const { amongAll, amongCells } = regionAuc([Float32Array.of(0.9, 0.1, 0.5)], [Uint8Array.of(2, 1, 0)]);
 * console.assert(amongAll === 1 && amongCells === 1);
 * ```
 */
export function regionAuc(maps: readonly Float32Array[], cells: readonly Uint8Array[]): RegionAuc {
  const scores: number[] = [];
  const kinds: number[] = [];
  maps.forEach((map, i) => {
    const kind = cells[i];
    if (kind?.length !== map.length)
      throw new RangeError(`map ${i} has ${map.length} pixels, its cells ${kind?.length}`);
    for (let p = 0; p < map.length; p++) {
      scores.push(map[p]!);
      kinds.push(kind[p]!);
    }
  });
  const isInfected = (kind: number) => kind === CELL_MAP.infected;
  const ofCells = kinds.flatMap((kind, p) => (kind === CELL_MAP.background ? [] : [p]));
  return {
    amongAll: rocAuc(scores, kinds.map(isInfected)),
    amongCells: rocAuc(
      ofCells.map((p) => scores[p]!),
      ofCells.map((p) => isInfected(kinds[p]!)),
    ),
    nPixels: scores.length,
    infectedShare: kinds.filter(isInfected).length / Math.max(1, kinds.length),
  };
}
