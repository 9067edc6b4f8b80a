// OME-TIFF and OME-Zarr files for tests, written byte by byte from their specifications.
import zlib from "node:zlib";

/** A plane [h,w] of 16 bits whose values tell its channel, z and place. */
export const plane = (height: number, width: number, channel: number, z: number): Uint16Array =>
  Uint16Array.from({ length: height * width }, (_, i) => 1000 * (channel + 1) + 100 * z + i);

/** OME-XML (2016-06) of one image. */
export function omeXml(options: {
  height: number;
  width: number;
  channels: readonly string[];
  sizeZ?: number;
  sizeT?: number;
  order?: string;
  pixelSize?: string;
  tiffData?: string;
}): string {
  const { height, width, channels, sizeZ = 1, sizeT = 1, order = "XYCZT", pixelSize = "", tiffData = "" } = options;
  const named = channels.map((name, i) => `<Channel ID="Channel:0:${i}" Name="${name}" SamplesPerPixel="1"/>`).join("");
  return (
    `<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">` +
    `<Image ID="Image:0"><Pixels ID="Pixels:0" Type="uint16" DimensionOrder="${order}" SizeX="${width}" SizeY="${height}" ` +
    `SizeC="${channels.length}" SizeZ="${sizeZ}" SizeT="${sizeT}" ${pixelSize}>${named}${tiffData}</Pixels></Image></OME>`
  );
}

/** An OME-TIFF: one deflated big-endian gray page of 16 bits a plane, the XML as the first page's description. */
export function omeTiff(height: number, width: number, planes: readonly Uint16Array[], xml: string): Buffer {
  const header = Buffer.from([0x4d, 0x4d, 0, 42, 0, 0, 0, 8]);
  const parts: Buffer[] = [header];
  let at = header.length;
  for (const [i, pixels] of planes.entries()) {
    const raw = Buffer.alloc(pixels.length * 2);
    for (const [k, value] of pixels.entries()) raw.writeUInt16BE(value, 2 * k);
    const data = zlib.deflateSync(raw);
    const text = Buffer.from(i === 0 ? `${xml}\0` : "page\0");
    const nTags = 11;
    const body = at + 2 + nTags * 12 + 4;
    const tags: [tag: number, type: 2 | 3 | 4, count: number, value: number][] = [
      [256, 4, 1, width],
      [257, 4, 1, height],
      [258, 3, 1, 16],
      [259, 3, 1, 8], // deflate
      [262, 3, 1, 1],
      [270, 2, text.length, body],
      [273, 4, 1, body + text.length],
      [277, 3, 1, 1],
      [278, 4, 1, height],
      [279, 4, 1, data.length],
      [339, 3, 1, 1],
    ];
    const directory = Buffer.alloc(2 + nTags * 12 + 4);
    directory.writeUInt16BE(nTags, 0);
    for (const [k, [tag, type, count, value]] of tags.entries()) {
      directory.writeUInt16BE(tag, 2 + k * 12);
      directory.writeUInt16BE(type, 4 + k * 12);
      directory.writeUInt32BE(count, 6 + k * 12);
      if (type === 3) directory.writeUInt16BE(value, 10 + k * 12);
      else directory.writeUInt32BE(value, 10 + k * 12);
    }
    const padding = Buffer.alloc((text.length + data.length) % 2);
    const next = body + text.length + data.length + padding.length;
    directory.writeUInt32BE(i < planes.length - 1 ? next : 0, directory.length - 4);
    parts.push(directory, text, data, padding);
    at = next;
  }
  return Buffer.concat(parts);
}

/** What an OME-Zarr image of a fixture is. */
export interface ZarrFixture {
  readonly version: "0.4" | "0.5";
  readonly channels: readonly string[];
  readonly sizeZ?: number;
  readonly height: number;
  readonly width: number;
  /** Levels, each half the one before by leaving out pixels. @default 1 */
  readonly levels?: number;
  readonly unit?: string;
}

/** The files of an image below `folder`: axes t, c, z, y, x, one chunk a plane, gzip. */
export function zarrImage(folder: string, fixture: ZarrFixture): Record<string, string | Uint8Array> {
  const { version, channels, sizeZ = 1, levels = 1, unit = "micrometer" } = fixture;
  const axes = [
    { name: "t", type: "time" },
    { name: "c", type: "channel" },
    ...["z", "y", "x"].map((name) => ({ name, type: "space", unit })),
  ];
  const scale = (level: number) => [1, 1, 1, 0.5 * 2 ** level, 0.5 * 2 ** level];
  const datasets = Array.from({ length: levels }, (_, level) => ({
    path: String(level),
    coordinateTransformations: [{ type: "scale", scale: scale(level) }],
  }));
  const attributes = {
    multiscales: [{ version, axes, datasets, name: "field" }],
    omero: { channels: channels.map((label) => ({ label, color: "FFFFFF" })) },
  };
  const files = groupFiles(folder, version, attributes);
  for (let level = 0; level < levels; level++) {
    const step = 2 ** level;
    const [h, w] = [Math.floor(fixture.height / step), Math.floor(fixture.width / step)];
    const at = `${folder}${level}/`;
    const shape = [1, channels.length, sizeZ, h, w];
    const chunks = [1, 1, 1, h, w];
    if (version === "0.4") {
      const codec = { id: "gzip", level: 1 };
      const form = { zarr_format: 2, dtype: "<u2", fill_value: 0, filters: null, order: "C", dimension_separator: "/" };
      files[`${at}.zarray`] = JSON.stringify({ ...form, shape, chunks, compressor: codec });
    } else {
      const codecs = [
        { name: "bytes", configuration: { endian: "little" } },
        { name: "gzip", configuration: { level: 1 } },
      ];
      const grid = { name: "regular", configuration: { chunk_shape: chunks } };
      const keys = { name: "default", configuration: { separator: "/" } };
      const form = { zarr_format: 3, node_type: "array", data_type: "uint16", fill_value: 0, attributes: {} };
      files[`${at}zarr.json`] = JSON.stringify({ ...form, shape, chunk_grid: grid, chunk_key_encoding: keys, codecs });
    }
    for (const [c] of channels.entries()) {
      for (let z = 0; z < sizeZ; z++) {
        const full = plane(fixture.height, fixture.width, c, z);
        const raw = Buffer.alloc(h * w * 2);
        for (let i = 0; i < h * w; i++)
          raw.writeUInt16LE(full[Math.floor(i / w) * step * fixture.width + (i % w) * step]!, 2 * i);
        files[`${at}${version === "0.4" ? "" : "c/"}0/${c}/${z}/0/0`] = zlib.gzipSync(raw);
      }
    }
  }
  return files;
}

/** The files of a plate: its wells' fields hold `image`. */
export function zarrPlate(
  folder: string,
  wells: Readonly<Record<string, readonly string[]>>,
  image: ZarrFixture,
): Record<string, string | Uint8Array> {
  const { version } = image;
  const paths = Object.keys(wells);
  const part = (at: 0 | 1) => [...new Set(paths.map((path) => path.split("/")[at]!))];
  const plate = {
    version,
    name: "plate-7",
    rows: part(0).map((name) => ({ name })),
    columns: part(1).map((name) => ({ name })),
    wells: paths.map((path) => {
      const [row = "", column = ""] = path.split("/");
      return { path, rowIndex: part(0).indexOf(row), columnIndex: part(1).indexOf(column) };
    }),
  };
  const files = groupFiles(folder, version, { plate });
  for (const [path, fields] of Object.entries(wells)) {
    const images = fields.map((field) => ({ path: field, acquisition: 0 }));
    Object.assign(files, groupFiles(`${folder}${path}/`, version, { well: { version, images } }));
    for (const field of fields) Object.assign(files, zarrImage(`${folder}${path}/${field}/`, image));
  }
  return files;
}

function groupFiles(folder: string, version: "0.4" | "0.5", attributes: object): Record<string, string | Uint8Array> {
  if (version === "0.4")
    return { [`${folder}.zgroup`]: '{"zarr_format":2}', [`${folder}.zattrs`]: JSON.stringify(attributes) };
  const ome = { version, ...attributes };
  return { [`${folder}zarr.json`]: JSON.stringify({ zarr_format: 3, node_type: "group", attributes: { ome } }) };
}
