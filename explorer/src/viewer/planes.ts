// Fetching planes, the last ones kept.
import { apiPath, ask } from "../api.ts";
import type { Plane } from "./composite.ts";

/** Sites that are looked at in turn come from here. */
const MOST_BYTES = 192 * 2 ** 20;
const kept = new Map<string, Plane>();

/** The stored grey levels of one channel of one image. */
export async function fetchPlane(dataset: string, image: number, channel: number, signal: AbortSignal): Promise<Plane> {
  const path = apiPath("datasets", dataset, "images", image, "planes", channel);
  const known = kept.get(path);
  if (known) {
    kept.delete(path);
    kept.set(path, known);
    return known;
  }
  const response = await ask(path, { signal });
  const [widthPx = 0, heightPx = 0] = (response.headers.get("X-Image-Size") ?? "").split("x").map(Number);
  const bytes = await response.arrayBuffer();
  // Stored little-endian, as every browser's processor is.
  const values = response.headers.get("X-Image-Type") === "uint16" ? new Uint16Array(bytes) : new Uint8Array(bytes);
  const plane = { widthPx, heightPx, values };
  kept.set(path, plane);
  let bytesKept = [...kept.values()].reduce((sum, { values: v }) => sum + v.byteLength, 0);
  for (const [key, old] of kept) {
    if (bytesKept <= MOST_BYTES || old === plane) break;
    bytesKept -= old.values.byteLength;
    kept.delete(key);
  }
  return plane;
}
