// OME-Zarr 0.4 and 0.5: plates of wells of fields, or single images, seen as one file an image.
import { tableDataset } from "../datasets/table.ts";
import { badPlate, mixedChannels } from "../errors-formats.ts";
import type { ImageSource } from "../image-source.ts";
import { bytesPerValue, npyHeader } from "../npy.ts";
import { checkSafePath } from "../safe-path.ts";
import { type FoundImage, joinedTable } from "./joined-table.ts";
import type { Layout, LayoutOptions, OpenedLayout } from "./layout.ts";
import { uniqueChannels } from "./unique-channels.ts";
import { type OmeAttributes, omeAttributes, pixelSizeUm } from "./zarr/ome-metadata.ts";
import { readZarrImage, type ZarrChoice, zarrShape } from "./zarr/zarr-image.ts";

/** Images are named as NumPy files, which is what reading one gives. */
const SUFFIX = ".npy";

export const omeZarrLayout: Layout = {
  id: "ome-zarr",
  async open(source, options) {
    const found: FoundImage[] = [];
    for (const folder of await zarrFolders(source)) found.push(...(await imagesOf(source, folder)));
    return found.length === 0 ? null : describe(source, options, found);
  },
};

/** The source itself, or its folders named `.zarr`. */
async function zarrFolders(source: ImageSource): Promise<string[]> {
  const top = await source.list("");
  if (top.includes(".zattrs") || top.includes("zarr.json")) return [""];
  return top.filter((entry) => /\.zarr\/$/i.test(entry)).sort();
}

async function imagesOf(source: ImageSource, folder: string): Promise<FoundImage[]> {
  const attributes = await omeAttributes(source, folder);
  const name = (folder || source.name).replace(/\/$/, "").replace(/(\.ome)?\.zarr$/i, "");
  if (attributes?.plate === undefined) {
    if (attributes?.multiscales === undefined) return [];
    return [{ plate: "1", well: "", site: name, image: `${folder}image${SUFFIX}` }];
  }
  const found: FoundImage[] = [];
  for (const { path } of attributes.plate.wells) {
    const well = `${folder}${inside(source, path)}/`;
    const fields = (await omeAttributes(source, well))?.well;
    if (fields === undefined)
      throw badPlate(`${source.name}/${well}`, "its plate names this well, and it has no images");
    for (const field of fields.images) {
      const image = `${well}${inside(source, field.path)}/image${SUFFIX}`;
      found.push({ plate: attributes.plate.name || name, well: wellName(path), site: field.path, image });
    }
  }
  return found;
}

function inside(source: ImageSource, path: string): string {
  checkSafePath(source.name, path);
  return path.replace(/^\/+|\/+$/g, "");
}

/** `A/1` is A01. */
function wellName(path: string): string {
  const [row = "", column = ""] = path.split("/").slice(-2);
  return `${row}${column.padStart(2, "0")}`;
}

async function describe(
  source: ImageSource,
  options: LayoutOptions,
  found: readonly FoundImage[],
): Promise<OpenedLayout> {
  const level = options.level ?? 0;
  const folder = folderOf(found[0]!.image);
  const attributes = await omeAttributes(source, folder);
  const { channels: n } = await zarrShape(source, folder, level);
  const channels = channelsOf(attributes, n);
  const metadata = await joinedTable(source, found, `${source.name} (OME-Zarr)`, options.metadata);
  const z = options.z === undefined ? "" : options.z === "max" ? ", maximum over z" : `, z plane ${options.z}`;
  const title = `OME-Zarr images${level === 0 ? "" : `, level ${level}`}${z}`;
  const size = attributes?.multiscales === undefined ? null : pixelSizeUm(attributes.multiscales[0]!, level);
  const told = { id: "ome-zarr", title, images: "{image}", channels, ...(size === null ? {} : { pixelSizeUm: size }) };
  const dataset = tableDataset(told, [...metadata.table.columns.keys()], metadata.file);
  const choice = { level, ...(options.z === undefined ? {} : { z: options.z }) };
  return {
    dataset,
    metadata,
    source: new ZarrImages(
      source,
      choice,
      channels.map(({ name }) => name),
      folder,
    ),
  };
}

/** Names from `omero`, where it tells of as many channels as there are. */
function channelsOf(attributes: OmeAttributes | null, n: number) {
  const told = attributes?.omero?.channels ?? [];
  return uniqueChannels(Array.from({ length: n }, (_, i) => ({ name: (told.length === n && told[i]!.label) || "" })));
}

const folderOf = (image: string) => image.slice(0, image.lastIndexOf("/") + 1);

/** Images of an OME-Zarr as NumPy files `{folder}image.npy`; all else as it lies. */
class ZarrImages implements ImageSource {
  readonly name: string;
  readonly parallelReads: number;
  readonly knowsAllFiles = false;
  readonly #under: ImageSource;
  readonly #choice: ZarrChoice;
  readonly #channels: readonly string[];
  readonly #reference: string;

  constructor(under: ImageSource, choice: ZarrChoice, channels: readonly string[], reference: string) {
    this.name = under.name;
    this.parallelReads = under.parallelReads;
    this.#under = under;
    this.#choice = choice;
    this.#channels = channels;
    this.#reference = reference;
  }

  async read(path: string): Promise<Uint8Array> {
    if (!this.#isImage(path)) return this.#under.read(path);
    const folder = folderOf(path);
    const { data, channels, height, width, bitDepth } = await readZarrImage(this.#under, folder, this.#choice);
    const names = channelsOf(await omeAttributes(this.#under, folder), channels).map(({ name }) => name);
    if (names.join("\n") !== this.#channels.join("\n"))
      throw mixedChannels(folder, names, this.#channels, this.#reference || this.name);
    const header = npyHeader(bitDepth === 8 ? "uint8" : "uint16", [channels, height, width]);
    return Buffer.concat([header, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
  }

  /** Chunks are not listed one by one: the size is that of the pixels, the mark that of the image's own metadata. */
  async about(path: string) {
    if (!this.#isImage(path)) return this.#under.about(path);
    const folder = folderOf(path);
    const shape = await zarrShape(this.#under, folder, this.#choice.level);
    const bytes =
      shape.channels * shape.height * shape.width * bytesPerValue(shape.bitDepth === 8 ? "uint8" : "uint16");
    const file = (await this.#under.has(`${folder}zarr.json`)) ? "zarr.json" : ".zattrs";
    const { mark } = await this.#under.about(folder + file);
    return { bytes, mark: `${mark}-${this.#choice.level}` };
  }

  async has(path: string): Promise<boolean> {
    if (!this.#isImage(path)) return this.#under.has(path);
    const folder = folderOf(path);
    return (await this.#under.has(`${folder}zarr.json`)) || this.#under.has(`${folder}.zattrs`);
  }

  list(folder: string): Promise<readonly string[]> {
    return this.#under.list(folder);
  }

  close(): Promise<void> {
    return this.#under.close();
  }

  #isImage(path: string): boolean {
    checkSafePath(this.name, path);
    return path === `image${SUFFIX}` || path.endsWith(`/image${SUFFIX}`);
  }
}
