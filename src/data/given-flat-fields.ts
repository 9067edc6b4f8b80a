// Flat fields made elsewhere: CellProfiler's Illum*.npy, one a channel, for each plate or for all.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { areaDownsample } from "./area-downsample.ts";
import { badFlatField, noFlatField } from "./errors-import.ts";
import type { FlatField } from "./illumination.ts";
import { parseFloatNpy } from "./npy-float.ts";

/** Flat fields by plate and channel. */
export interface GivenFlatFields {
  /** The fields of one plate, one a channel, at the size of the stored images. */
  of(plate: { plate_id: string; plate: string }, heightPx: number, widthPx: number): Promise<readonly FlatField[]>;
  /** Hash over every file of the folder. */
  readonly mark: string;
}

/**
 * Opens a folder of flat fields.
 *
 * The field of a channel, say DNA, of plate BR0025 is the first of `BR0025_IllumDNA.npy`, `BR0025_DNA.npy`,
 * `IllumDNA.npy` and `DNA.npy` that is there, the plate by its plate_id or its name; images are divided by it.
 * @throws GanDlError `no-flat-field` when the folder cannot be read.
 */
export async function openGivenFlatFields(folder: string, channels: readonly string[]): Promise<GivenFlatFields> {
  const entries = await readdir(folder).catch((error: unknown) => {
    throw noFlatField(folder, [], error);
  });
  const names = entries.filter((name) => name.endsWith(".npy")).sort();
  const hash = createHash("sha256");
  for (const name of names) hash.update(name).update(await readFile(join(folder, name)));
  const find = (plate: { plate_id: string; plate: string }, channel: string): string => {
    const prefixes = [`${plate.plate_id}_`, `${plate.plate}_`, ""];
    const wanted = prefixes.flatMap((prefix) => [`${prefix}Illum${channel}.npy`, `${prefix}${channel}.npy`]);
    const found = wanted.find((name) => names.includes(name));
    if (found === undefined) throw noFlatField(folder, wanted);
    return join(folder, found);
  };
  return {
    mark: hash.digest("hex"),
    of: async (plate, heightPx, widthPx) =>
      Promise.all(channels.map(async (channel) => readField(find(plate, channel), heightPx, widthPx))),
  };
}

async function readField(path: string, heightPx: number, widthPx: number): Promise<FlatField> {
  const name = basename(path);
  const { shape, data } = parseFloatNpy(await readFile(path), name);
  const [h = 0, w = 0] = shape;
  if (shape.length !== 2 || Math.abs(h / w - heightPx / widthPx) > 0.02)
    throw badFlatField(name, `its shape is [${shape}], and the images are ${heightPx} × ${widthPx} px`);
  if (!data.every((value) => Number.isFinite(value) && value > 0))
    throw badFlatField(name, "a value is not above zero");
  if (h <= heightPx) return { heightPx: h, widthPx: w, values: data };
  const values = new Float64Array(heightPx * widthPx); // images were shrunk by averaging, so is the field
  areaDownsample(data, h, w, values, heightPx, widthPx);
  return { heightPx, widthPx, values };
}
