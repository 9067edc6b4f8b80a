// A small screen of drawn images, as files and as a data set folder: what loading, embedding and importing are measured on.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SeededRandom } from "gan-dl/core";
import { importDataset } from "gan-dl/data";
import sharp from "sharp";

/** How much of it there is. */
export interface ScreenSize {
  readonly sites: number;
  readonly channels: number;
  readonly sidePx: number;
}

const CHANNELS = ["DNA", "ER", "actin", "RNA", "Golgi", "Mito"];
const NOISE_LEVELS = 16;

/** Round cells on a dim noisy ground, 8 bits: what a PNG compressor finds in a fluorescence image. */
function drawnPixels(sidePx: number, random: SeededRandom): Uint8Array {
  const pixels = Uint8Array.from({ length: sidePx ** 2 }, () => 8 + random.integer(NOISE_LEVELS));
  const radius = Math.max(3, sidePx / 32);
  for (let cell = 0; cell < 100; cell++) {
    const [x, y] = [random.integer(sidePx), random.integer(sidePx)];
    for (let row = Math.max(0, Math.floor(y - radius)); row < Math.min(sidePx, y + radius); row++)
      for (let column = Math.max(0, Math.floor(x - radius)); column < Math.min(sidePx, x + radius); column++) {
        const distance = Math.hypot(row - y, column - x) / radius;
        if (distance < 1) pixels[row * sidePx + column]! += Math.floor(100 * (1 - distance ** 2)) >> 1;
      }
  }
  return pixels;
}

/** The images as PNG files and their table, in a new folder below `folder`; a drawing serves several files, turned by rows. */
export async function writeScreen(folder: string, { sites, channels, sidePx }: ScreenSize): Promise<string[]> {
  const random = new SeededRandom(1);
  const drawings = Array.from({ length: 4 }, () => drawnPixels(sidePx, random));
  mkdirSync(folder, { recursive: true });
  const wells = Array.from({ length: sites }, (_, i) => wellName(i));
  writeFileSync(
    join(folder, "metadata.csv"),
    ["plate,well,site", ...wells.map((well, i) => `P1,${well},${i}`)].join("\n"),
  );
  const names = wells.flatMap((_, site) =>
    Array.from({ length: channels }, (_, channel) => `${site}_${channel + 1}.png`),
  );
  await Promise.all(
    names.map(async (name, i) => {
      const drawing = drawings[i % drawings.length] as Uint8Array;
      const cut = ((i * 7) % sidePx) * sidePx;
      const turned = Buffer.concat([drawing.subarray(cut), drawing.subarray(0, cut)]);
      const raw = { width: sidePx, height: sidePx, channels: 1 } as const;
      await sharp(turned, { raw }).toColourspace("b-w").png().toFile(join(folder, name));
    }),
  );
  return names.map((name) => join(folder, name));
}

/** A01 … P24, then A01 again. */
const wellName = (i: number): string =>
  `${String.fromCharCode(65 + (Math.floor(i / 24) % 16))}${String((i % 24) + 1).padStart(2, "0")}`;

/** Imports what {@link writeScreen} wrote. @returns the data set folder. */
export async function importScreen(source: string, out: string, channels: number): Promise<string> {
  const table = {
    images: "{site}_{channel}.png",
    channels: CHANNELS.slice(0, channels).map((name) => ({ name })),
  };
  for await (const event of importDataset({ source, out, table, overwrite: true })) void event;
  return out;
}

/** A data set folder of drawn images. */
export async function screenDataset(folder: string, size: ScreenSize): Promise<string> {
  await writeScreen(join(folder, "images"), size);
  return importScreen(join(folder, "images"), join(folder, "dataset"), size.channels);
}
