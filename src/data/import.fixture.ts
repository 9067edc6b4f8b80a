// A small data set of three sites, and ways to import it.
import { join } from "node:path";
import type { DatasetManifest } from "../schema/dataset.ts";
import { png, ramp, temporaryFolder, writeFiles } from "./files.fixture.ts";
import { importDataset } from "./import-dataset.ts";
import type { ImportEvent, ImportOptions } from "./import-options.ts";
import { openDataset } from "./open-dataset.ts";

export const root = temporaryFolder();
let count = 0;

/** A fresh folder with these source files below `source/`; imports go to `out` beside it. */
export function place(files: Record<string, string | Uint8Array>): { folder: string; source: string; out: string } {
  const folder = join(root, `case-${count++}`);
  writeFiles(folder, { keep: "" });
  writeFiles(join(folder, "source"), files);
  return { folder, source: join(folder, "source"), out: join(folder, "out") };
}

export async function events(options: ImportOptions): Promise<ImportEvent[]> {
  const seen: ImportEvent[] = [];
  for await (const event of importDataset(options)) seen.push(event);
  return seen;
}

export async function imported(options: ImportOptions): Promise<DatasetManifest> {
  const last = (await events(options)).at(-1);
  if (last?.kind !== "finished") throw new Error("the import did not finish");
  return last.manifest;
}

export async function pixelsOf(out: string): Promise<number[]> {
  using dataset = await openDataset(out);
  const { data } = await dataset.readImages(dataset.sites.map((_, i) => i));
  return [...data];
}

export const H = 3;
export const W = 4;
export const TABLE = { images: "{well}_{channel}.png", channels: [{ name: "DNA" }, { name: "actin" }] };
export const file = (start: number) => png("gray", H, W, ramp(H, W, start));
export const wide = (start: number, step = 500) =>
  png(
    "gray",
    H,
    W,
    Uint16Array.from({ length: H * W }, (_, i) => start + i * step),
  );
/** Three sites of two 8-bit channels, each plane a ramp from its own number. */
export const THREE = {
  "metadata.csv": "plate,well,treatment,Note\nP,A1,,007\nP,A2,x,\nP,A3,y,\n",
  ...Object.fromEntries([1, 2, 3].flatMap((s) => [1, 2].map((c) => [`A${s}_${c}.png`, file(s * 40 + c)]))),
};
export const THREE_PIXELS = [1, 2, 3].flatMap((s) => [1, 2].flatMap((c) => [...ramp(H, W, s * 40 + c)]));
