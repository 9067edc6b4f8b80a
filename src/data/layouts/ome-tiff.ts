// A folder of OME-TIFFs without a table: each file is a site, and says itself which channels it holds.
import { tableDataset } from "../datasets/table.ts";
import { mixedChannels } from "../errors-formats.ts";
import { isOmeXml, type OmePixels, omePixels } from "../formats/ome-xml.ts";
import { isTiff, tiffPages } from "../formats/tiff-directory.ts";
import type { ImageSource } from "../image-source.ts";
import { allMetadataFiles } from "../metadata.ts";
import { type FoundImage, joinedTable } from "./joined-table.ts";
import type { Layout, LayoutOptions, OpenedLayout } from "./layout.ts";
import { uniqueChannels } from "./unique-channels.ts";

const NAME = /\.ome\.tiff?$/i;

export const omeTiffLayout: Layout = {
  id: "ome-tiff",
  async open(source, options) {
    if (options.metadata === undefined && (await hasPresetTable(source))) return null;
    const found = await findImages(source);
    const first = found[0];
    if (first === undefined) return null;
    const pixels = await pixelsOf(source, first.image);
    return pixels === null ? null : describe(source, options, found, pixels);
  },
};

async function hasPresetTable(source: ImageSource): Promise<boolean> {
  for (const name of allMetadataFiles()) if (await source.has(name)) return true;
  return false;
}

/** Files at the top, as one plate, and one folder below, each folder a plate. */
async function findImages(source: ImageSource): Promise<FoundImage[]> {
  const top = await source.list("");
  const found: FoundImage[] = [];
  for (const folder of ["", ...top.filter((entry) => entry.endsWith("/"))].sort()) {
    const names = (folder === "" ? top : await source.list(folder)).filter((name) => NAME.test(name)).sort();
    const plate = folder === "" ? "1" : folder.slice(0, -1);
    for (const name of names) found.push({ plate, ...wellAndSite(name.replace(NAME, "")), image: folder + name });
  }
  return found;
}

/** `A01_s2` and `A01` are well and site; any other name is a site of its own, its well unknown. */
function wellAndSite(stem: string): { well: string; site: string } {
  const match = /^([A-Z]{1,2}\d{1,3})(?:_(?:s(?:ite)?|f(?:ield)?)?_?(\w+))?$/i.exec(stem);
  return match === null ? { well: "", site: stem } : { well: match[1]!, site: match[2] ?? "1" };
}

async function pixelsOf(source: ImageSource, image: string): Promise<OmePixels | null> {
  const bytes = await source.read(image);
  if (!isTiff(bytes)) return null;
  const text = tiffPages(bytes, image)[0]!.description;
  return text !== null && isOmeXml(text) ? omePixels(text, image) : null;
}

async function describe(
  source: ImageSource,
  options: LayoutOptions,
  found: readonly FoundImage[],
  { channels, pixelSizeUm }: OmePixels,
): Promise<OpenedLayout> {
  const metadata = await joinedTable(source, found, `${source.name} (OME-TIFF)`, options.metadata);
  const z = options.z === undefined ? "" : options.z === "max" ? ", maximum over z" : `, z plane ${options.z}`;
  const names = uniqueChannels(channels);
  const told = { id: "ome-tiff", title: `OME-TIFF images${z}`, images: "{image}", channels: names };
  const size = pixelSizeUm === null ? {} : { pixelSizeUm };
  const dataset = tableDataset({ ...told, ...size }, [...metadata.table.columns.keys()], metadata.file);
  return {
    dataset,
    metadata,
    source: sameChannels(
      source,
      names.map(({ name }) => name),
      found[0]!.image,
    ),
  };
}

/** `source`, refusing files whose channels are others: their number alone would let two panels pass as one. */
function sameChannels(source: ImageSource, want: readonly string[], reference: string): ImageSource {
  return {
    name: source.name,
    parallelReads: source.parallelReads,
    knowsAllFiles: source.knowsAllFiles,
    async read(path) {
      const bytes = await source.read(path);
      const text = NAME.test(path) && isTiff(bytes) ? tiffPages(bytes, path)[0]!.description : null;
      if (text !== null && isOmeXml(text)) {
        const got = uniqueChannels(omePixels(text, path).channels).map(({ name }) => name);
        if (got.join("\n") !== want.join("\n")) throw mixedChannels(path, got, want, reference);
      }
      return bytes;
    },
    about: (path) => source.about(path),
    has: (path) => source.has(path),
    list: (folder) => source.list(folder),
    close: () => source.close(),
  };
}
