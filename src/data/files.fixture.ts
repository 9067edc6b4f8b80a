// Files for tests, written byte by byte so that readers are checked against something other than themselves.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import zlib from "node:zlib";
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { afterAll } from "vitest";

export { messageOf } from "../core/message-of.fixture.ts";

/** A temporary folder, removed after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gandl-data-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const COLOUR_TYPE = { gray: 0, rgb: 2, palette: 3, grayAlpha: 4, rgba: 6 } as const;
const SAMPLES = { gray: 1, rgb: 3, palette: 1, grayAlpha: 2, rgba: 4 } as const;

/** A chunk of a PNG with its length and checksum. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(zlib.crc32(body));
  return Buffer.concat([length, body, crc]);
}

/** A PNG of interleaved samples `[h,w,samples]`, filter 0 throughout. */
export function png(
  kind: keyof typeof COLOUR_TYPE,
  height: number,
  width: number,
  samples: Uint8Array | Uint16Array,
  extraChunks: readonly { type: string; data: Uint8Array }[] = [],
): Buffer {
  const bytesPerSample = samples.BYTES_PER_ELEMENT;
  const rowSamples = width * SAMPLES[kind];
  const raw = Buffer.alloc(height * (1 + rowSamples * bytesPerSample));
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < rowSamples; i++) {
      const at = y * (1 + rowSamples * bytesPerSample) + 1 + i * bytesPerSample;
      if (bytesPerSample === 1) raw[at] = samples[y * rowSamples + i]!;
      else raw.writeUInt16BE(samples[y * rowSamples + i]!, at);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bytesPerSample * 8;
  header[9] = COLOUR_TYPE[kind];
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk("IHDR", header),
    ...extraChunks.map(({ type, data }) => pngChunk(type, data)),
    pngChunk("IDAT", zlib.deflateSync(raw)),
    pngChunk("IEND", new Uint8Array(0)),
  ]);
}

/** An uncompressed little-endian TIFF with one gray page a plane. */
export function tiff(
  height: number,
  width: number,
  planes: readonly (Uint8Array | Uint16Array | Float32Array)[],
): Buffer {
  const parts: Buffer[] = [Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0])];
  let at = 8;
  for (const [i, plane] of planes.entries()) {
    const data = Buffer.from(plane.buffer, plane.byteOffset, plane.byteLength);
    const tags: [tag: number, type: 3 | 4, value: number][] = [
      [256, 4, width],
      [257, 4, height],
      [258, 3, plane.BYTES_PER_ELEMENT * 8],
      [259, 3, 1], // no compression
      [262, 3, 1], // black is zero
      [273, 4, at + 2 + 10 * 12 + 4], // where the pixels begin
      [277, 3, 1], // samples a pixel
      [278, 4, height],
      [279, 4, data.length],
      [339, 3, plane instanceof Float32Array ? 3 : 1], // sample format
    ];
    const directory = Buffer.alloc(2 + tags.length * 12 + 4);
    directory.writeUInt16LE(tags.length, 0);
    for (const [k, [tag, type, value]] of tags.entries()) {
      directory.writeUInt16LE(tag, 2 + k * 12);
      directory.writeUInt16LE(type, 4 + k * 12);
      directory.writeUInt32LE(1, 6 + k * 12);
      directory.writeUInt32LE(value, 10 + k * 12);
    }
    const padding = data.length % 2;
    const next = at + directory.length + data.length + padding;
    directory.writeUInt32LE(i < planes.length - 1 ? next : 0, directory.length - 4);
    parts.push(directory, data, Buffer.alloc(padding));
    at = next;
  }
  return Buffer.concat(parts);
}

/** Writes files by relative path. */
export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** The bytes of a zip of these files. */
export async function zipOf(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: { level?: number; password?: string } = {},
): Promise<Uint8Array> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false, level: options.level ?? 0 });
  for (const [path, content] of Object.entries(files)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content);
    await writer.add(
      path,
      new Uint8ArrayReader(bytes),
      options.password === undefined ? {} : { password: options.password },
    );
  }
  return writer.close();
}

/** A plane whose every pixel tells where it is. */
export function ramp(height: number, width: number, start: number, step = 1): Uint8Array {
  return Uint8Array.from({ length: height * width }, (_, i) => start + i * step);
}

/** What lies in `folder`, to see that nothing temporary is left. */
export const listing = (folder: string): string[] => readdirSync(folder).sort();
