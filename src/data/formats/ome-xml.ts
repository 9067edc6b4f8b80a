// The part of OME-XML that says what a TIFF's pages are. Schema: https://docs.openmicroscopy.org/ome-model (2016-06).
import { badStack } from "../errors-formats.ts";
import { MAX_PAGES } from "./limits.ts";

/** A channel as OME-XML names it. */
export interface OmeChannel {
  readonly name: string;
  readonly stain: string | null;
}

/** One image of an OME-TIFF. */
export interface OmePixels {
  readonly channels: readonly OmeChannel[];
  readonly sizeZ: number;
  readonly sizeT: number;
  /** Slowest dimension last, e.g. `XYCZT`. */
  readonly order: string;
  /** Of a pixel's side; null where it is not given in a unit of length, or differs between sides. */
  readonly pixelSizeUm: number | null;
  readonly width: number | null;
  readonly height: number | null;
  /** Page of each plane, by `c,z`, where `TiffData` places them one by one. */
  readonly pages: ReadonlyMap<string, number> | null;
}

/** Micrometres in one of the units that OME-XML allows. */
const UM: Record<string, number> = { µm: 1, μm: 1, um: 1, nm: 1e-3, mm: 1e3, cm: 1e4, m: 1e6, pm: 1e-6 };

/** Whether a TIFF's description is OME-XML. */
export const isOmeXml = (text: string): boolean => /<(?:\w+:)?OME[\s>]/.test(text.slice(0, 4096));

/** Where the plane of `channel` at `z` is, among the pages. */
export function pageOf({ channels, sizeZ, order, pages }: OmePixels, channel: number, z: number): number {
  if (pages !== null) return pages.get(`${channel},${z}`) ?? -1;
  return order.indexOf("C") < order.indexOf("Z") ? z * channels.length + channel : channel * sizeZ + z;
}

/** The first image of `xml`. @throws GanDlError `bad-stack`. */
export function omePixels(xml: string, file: string): OmePixels {
  const pixels = elements(xml, "Pixels")[0];
  if (pixels === undefined) throw badStack(file, "its OME-XML describes no pixels");
  if (elements(xml, "Pixels").length > 1) throw badStack(file, "its OME-XML describes several images");
  const count = (name: string) => {
    const value = Number(pixels.attributes.get(name) ?? 1);
    if (Number.isInteger(value) && value >= 1 && value <= MAX_PAGES) return value;
    throw badStack(file, `its OME-XML gives ${name} as "${pixels.attributes.get(name)}"`);
  };
  const [sizeC, sizeZ, sizeT] = [count("SizeC"), count("SizeZ"), count("SizeT")];
  const order = pixels.attributes.get("DimensionOrder") ?? "XYCZT";
  if (!/^XY(CZT|CTZ|ZCT|ZTC|TCZ|TZC)$/.test(order)) throw badStack(file, `its OME-XML gives the order "${order}"`);
  const named = elements(xml, "Channel");
  const channels = Array.from({ length: sizeC }, (_, i) => channelOf(named[i]?.attributes, i));
  const size = (name: string) => Number(pixels.attributes.get(name)) || null;
  const pages = placedPages(xml, { sizeC, sizeZ }, file);
  const pixelSizeUm = pixelSizeOf(pixels.attributes);
  return { channels, sizeZ, sizeT, order, pixelSizeUm, width: size("SizeX"), height: size("SizeY"), pages };
}

function channelOf(attributes: ReadonlyMap<string, string> | undefined, index: number): OmeChannel {
  const stain = attributes?.get("Fluor") ?? null;
  return { name: attributes?.get("Name") || stain || `channel ${index + 1}`, stain };
}

function pixelSizeOf(attributes: ReadonlyMap<string, string>): number | null {
  const side = (axis: string) => {
    const factor = UM[attributes.get(`PhysicalSize${axis}Unit`) ?? "µm"]; // the schema's default
    return factor === undefined ? Number.NaN : Number(attributes.get(`PhysicalSize${axis}`)) * factor;
  };
  const [x, y] = [side("X"), side("Y")];
  return x > 0 && Math.abs(x - y) < 1e-3 * x ? x : null;
}

/** Pages by `TiffData`, where it names single planes; null where the order of dimensions says it all. */
function placedPages(xml: string, n: { sizeC: number; sizeZ: number }, file: string): Map<string, number> | null {
  const blocks = elements(xml, "TiffData");
  if (elements(xml, "UUID").some(({ attributes }) => attributes.has("FileName")) && blocks.length > 1) {
    const names = new Set(elements(xml, "UUID").map(({ attributes }) => attributes.get("FileName")));
    if (names.size > 1) throw badStack(file, `its planes lie in ${names.size} files`);
  }
  if (blocks.length <= 1 || blocks.some(({ attributes }) => attributes.get("PlaneCount") !== "1")) return null;
  const pages = new Map<string, number>();
  for (const [i, { attributes }] of blocks.entries()) {
    const at = (name: string, missing: number) => Number(attributes.get(name) ?? missing);
    if (at("FirstT", 0) === 0) pages.set(`${at("FirstC", 0)},${at("FirstZ", 0)}`, at("IFD", i));
  }
  if (pages.size !== n.sizeC * n.sizeZ) throw badStack(file, "its OME-XML places some planes twice, and others not");
  return pages;
}

interface Element {
  readonly attributes: ReadonlyMap<string, string>;
}

/** The start tags of this name, whatever namespace prefix they have. */
function elements(xml: string, name: string): Element[] {
  const tags = new RegExp(`<(?:\\w+:)?${name}(?=[\\s/>])((?:[^<>"']|"[^"]*"|'[^']*')*)>`, "g");
  return [...xml.replace(/<!--[\s\S]*?-->/g, "").matchAll(tags)].map((match) => {
    const pairs = [...match[1]!.matchAll(/([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)];
    return { attributes: new Map(pairs.map((pair) => [pair[1]!, unescaped(pair[2] ?? pair[3] ?? "")])) };
  });
}

const ENTITIES: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w+);/gi, (whole, code: string) => {
    if (!code.startsWith("#")) return ENTITIES[code] ?? whole;
    const point = code[1]?.toLowerCase() === "x" ? Number.parseInt(code.slice(2), 16) : Number(code.slice(1));
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
