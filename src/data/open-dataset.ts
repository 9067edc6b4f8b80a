// Reading a data set folder: its manifest, its sites, its images.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatasetManifest, type Site } from "../schema/dataset.ts";
import { parseWith } from "../schema/parse.ts";
import { damagedDataset, notADataset } from "./errors.ts";
import { allocatePixels, type ImageShape, type Pixels, ShardReader, valuesPerImage } from "./shards.ts";
import { sitesFromTable } from "./site-table.ts";
import { readTable } from "./table-files.ts";

/** Images in memory. */
export interface ImageBatch {
  /** `[n,c,h,w]` in stored grey levels. */
  readonly data: Pixels;
  readonly shape: readonly [n: number, c: number, h: number, w: number];
  /** The position of each image in the data set, where a sampler drew them. */
  readonly positions?: Int32Array;
}

/** An open data set folder; `close()` it, or declare it with `using`. */
export class Dataset {
  readonly manifest: DatasetManifest;
  /** One row an image, in shard order; source columns are there under their own names. */
  readonly sites: readonly Site[];
  /** For readers that need parts of images. */
  readonly shards: ShardReader;

  constructor(manifest: DatasetManifest, sites: readonly Site[], shards: ShardReader) {
    this.manifest = manifest;
    this.sites = sites;
    this.shards = shards;
  }

  /**
   * Reads images by position, in the order asked for.
   * @param into memory to fill instead of allocating; it may be larger than needed.
   * @returns `[n,c,h,w]`; new memory owned by the caller, or a view on `into`.
   * @throws RangeError for a position that is not there; GanDlError `damaged-dataset`.
   */
  async readImages(indices: ArrayLike<number>, into?: Pixels): Promise<ImageBatch> {
    const { shape } = this.shards;
    const size = valuesPerImage(shape);
    const data = this.#room(indices.length * size, into);
    for (let i = 0; i < indices.length; ) {
      const run = this.#runFrom(indices, i);
      await this.shards.read(indices[i]!, 0, run * size, data, i * size);
      i += run;
    }
    return { data, shape: [indices.length, shape.channels, shape.heightPx, shape.widthPx] };
  }

  close(): void {
    this.shards.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #room(values: number, into: Pixels | undefined): Pixels {
    if (into === undefined) return allocatePixels(this.shards.shape.dtype, values);
    const fits = into.BYTES_PER_ELEMENT === allocatePixels(this.shards.shape.dtype, 0).BYTES_PER_ELEMENT;
    if (!fits || into.length < values)
      throw new RangeError(`into must hold ${values} values of ${this.shards.shape.dtype}`);
    return into.subarray(0, values);
  }

  /** How many of `indices` from `i` on follow each other in one shard, and so can be read at once. */
  #runFrom(indices: ArrayLike<number>, i: number): number {
    const first = indices[i]!;
    if (!(first >= 0 && first < this.shards.nImages)) return 1; // the read reports it
    const longest = Math.min(indices.length - i, this.shards.runLength(first));
    let run = 1;
    while (run < longest && indices[i + run] === first + run) run++;
    return run;
  }
}

/**
 * Opens the data set folder `directory`.
 * @throws GanDlError `not-a-dataset`, `bad-file-content` (a manifest of another version), `damaged-dataset`.
 * @example
 * ```ts
 * import { mkdtempSync, writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { BatchSampler, importDataset, openDataset } from "gan-dl/data";
 * import sharp from "sharp";
 * const source = mkdtempSync(join(tmpdir(), "gandl-example-"));
 * const pixels = Uint8Array.of(1, 2, 3, 4);
 * const image = sharp(pixels, { raw: { width: 2, height: 2, channels: 1 } }).toColourspace("b-w");
 * await image.png().toFile(join(source, "A01.png"));
 * writeFileSync(join(source, "metadata.csv"), "plate,well\nP1,A01\n");
 * const table = { images: "{well}.png", channels: [{ name: "DNA" }] };
 * for await (const event of importDataset({ source, out: join(source, "out"), table })) void event;
 *
 * const dataset = await openDataset(join(source, "out"));
 * const { data, shape } = await dataset.readImages([0]);
 * console.assert(shape.join() === "1,1,2,2" && data.join() === "1,2,3,4" && dataset.sites[0]?.well === "A01");
 * const sampler = new BatchSampler(dataset, { batchSize: 3, resolutionPx: 2, augment: "dihedral", seed: 1 });
 * console.assert(sampler.next().shape.join() === "3,1,2,2");
 * dataset.close();
 * ```
 */
export async function openDataset(directory: string): Promise<Dataset> {
  const file = join(directory, "dataset.json");
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw notADataset(directory, error);
  });
  const manifest = parseWith(
    DatasetManifest,
    parseJson(text, directory),
    file,
    "import the data set again with --overwrite.",
  );
  const table = await readTable(join(directory, "sites.parquet"));
  const sites = sitesFromTable(table, join(directory, "sites.parquet"));
  const inShards = manifest.shards.reduce((sum, shard) => sum + shard.nSites, 0);
  if (sites.length !== manifest.nSites || inShards !== manifest.nSites) {
    const counts = `${sites.length} sites in sites.parquet, ${inShards} in shards, ${manifest.nSites} in dataset.json`;
    throw damagedDataset(directory, `its counts differ: ${counts}.`);
  }
  return new Dataset(manifest, sites, new ShardReader(directory, manifest.shards, shapeOf(manifest)));
}

const shapeOf = (manifest: DatasetManifest): ImageShape => ({
  dtype: manifest.dtype,
  channels: manifest.channels.length,
  heightPx: manifest.heightPx,
  widthPx: manifest.widthPx,
});

function parseJson(text: string, directory: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damagedDataset(directory, "dataset.json is not JSON.", error);
  }
}
