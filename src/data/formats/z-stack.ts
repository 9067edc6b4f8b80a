// A stack in z to one plane a channel: the maximum over all planes, or the one that was asked for.

import { badZ, zNotChosen } from "../errors-formats.ts";
import type { DecodedImage, ZChoice } from "./image-format.ts";
import { MAX_PAGES } from "./limits.ts";

/** What the planes of a stack share. */
export interface StackForm {
  readonly height: number;
  readonly width: number;
  readonly bitDepth: 8 | 16;
  readonly file: string;
}

/** The planes to look at, from 0. @throws GanDlError `z-not-chosen`, `bad-z`. */
export function chosenPlanes(sizeZ: number, z: ZChoice | undefined, file: string): number[] {
  if (sizeZ > MAX_PAGES) throw badZ(file, z ?? "max", sizeZ);
  if (z === undefined) {
    if (sizeZ > 1) throw zNotChosen(file, sizeZ);
    return [0];
  }
  if (z === "max") return Array.from({ length: sizeZ }, (_, i) => i);
  if (sizeZ === 1) return [0]; // an image that is no stack is its own plane
  if (!(Number.isInteger(z) && z >= 1 && z <= sizeZ)) throw badZ(file, z, sizeZ);
  return [z - 1];
}

/** Reads one plane a channel through `read`, holding one more at a time. */
export async function stackPlanes(
  nChannels: number,
  sizeZ: number,
  { height, width, bitDepth, file }: StackForm,
  z: ZChoice | undefined,
  read: (channel: number, z: number) => Promise<Uint8Array | Uint16Array>,
): Promise<DecodedImage> {
  const planes = chosenPlanes(sizeZ, z, file);
  const n = height * width;
  const data = bitDepth === 8 ? new Uint8Array(n * nChannels) : new Uint16Array(n * nChannels);
  for (let c = 0; c < nChannels; c++) {
    const out = data.subarray(c * n, (c + 1) * n);
    for (const [k, plane] of planes.entries()) {
      const pixels = await read(c, plane);
      if (pixels.length !== n) throw new Error(`a plane has ${pixels.length} pixels, not ${n}`);
      if (k === 0) out.set(pixels);
      else for (let i = 0; i < n; i++) if (pixels[i]! > out[i]!) out[i] = pixels[i]!;
    }
  }
  return { data, channels: nChannels, height, width, bitDepth };
}
