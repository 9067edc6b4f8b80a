// A map's points as they come: row numbers, then places.
import { apiPath, ask } from "../api.ts";

/** Which rows are on the map and where, each axis within −1 … 1. */
export interface MapPoints {
  /** `[n]` */
  readonly rows: Uint32Array;
  /** `[n,2]` */
  readonly xy: Float32Array;
}

export async function fetchPoints(embedding: string, kind: string, signal: AbortSignal): Promise<MapPoints> {
  const response = await ask(`${apiPath("embeddings", embedding, "map", "points")}?kind=${kind}`, { signal });
  const bytes = await response.arrayBuffer();
  const n = bytes.byteLength / 12;
  return { rows: new Uint32Array(bytes, 0, n), xy: new Float32Array(bytes, 4 * n, 2 * n) };
}
