// A file each for generated images: a composite and every stain's grey levels, with a table that `gandl import` reads.
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  type ChannelDisplay,
  encodeComposite,
  encodeGrey,
  type GeneratedImage,
  type ImageRecipe,
  TablePicture,
  toStoredLevels,
} from "../../train/index.ts";
import { cannotWritePicture, folderNotEmpty } from "./errors.ts";

/** Writes a file that appears whole or not at all. @throws GanDlError `cannot-write-picture`. */
export async function writePicture(file: string, bytes: Uint8Array | string): Promise<void> {
  const partial = `${file}.partial-${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(partial, bytes);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw cannotWritePicture(file, error);
  }
}

/** @throws GanDlError `folder-not-empty`. */
export async function checkFolder(folder: string, overwrite: boolean): Promise<void> {
  const names = await readdir(folder).catch(() => [] as string[]);
  if (names.length > 0 && !overwrite) throw folderNotEmpty(folder);
}

/** Files of an image in the folder: `seed-000007.png` all stains, `seed-000007_w1.png` the first. */
export const greyFile = (name: string, channel: number): string => `${name}_w${channel + 1}.png`;

/** Writes one image's files. The composite is 8-bit colour, each stain greyscale in the dtype that the run was trained on. */
export async function writeImage(
  folder: string,
  { recipe, data, shape: [c, heightPx, widthPx] }: GeneratedImage,
  channels: readonly ChannelDisplay[],
  maxLevel: 255 | 65535,
): Promise<void> {
  const levels = toStoredLevels(data, maxLevel);
  const table = new TablePicture({ nRows: 1, nColumns: 1, heightPx, widthPx, panels: ["composite"] }, channels);
  table.place(0, 0, levels);
  const plane = heightPx * widthPx;
  await Promise.all([
    encodeComposite(table.picture).then((png) => writePicture(join(folder, `${recipe.name}.png`), png)),
    ...Array.from({ length: c }, async (_, k) =>
      writePicture(
        join(folder, greyFile(recipe.name, k)),
        await encodeGrey(levels.subarray(k * plane, (k + 1) * plane), heightPx, widthPx),
      ),
    ),
  ]);
}

/** One line an image: what `gandl import` needs, and what decided it. */
export function metadataCsv(recipes: readonly ImageRecipe[]): string {
  const header = "site_id,plate,treatment,truncation,source,seed,second_seed,share,layers";
  const lines = recipes.map(({ name, truncation, source }) => {
    const cells = {
      seed: () => ["seed", source.kind === "seed" ? source.seed : "", "", "", ""],
      between: () => (source.kind === "between" ? [source.space, source.from, source.to, source.share, ""] : []),
      classes: () =>
        source.kind === "classes" ? ["classes", source.seed, "", source.share, `${source.from} ${source.to}`] : [],
      moved: () =>
        source.kind === "moved"
          ? ["moved", source.seed, "", source.share, `${source.from.join(" ")} to ${source.to.join(" ")}`]
          : [],
      mix: () => (source.kind === "mix" ? ["mix", source.row, source.column, "", source.layers.join(" ")] : []),
    }[source.kind]();
    return [name, "generated", "generated", truncation, ...cells].join(",");
  });
  return [header, ...lines, ""].join("\n");
}
