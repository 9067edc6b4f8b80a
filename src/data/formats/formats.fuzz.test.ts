// Files that lie: whatever a header claims, the answer is whole pixels or one clear error, soon and in little memory.
import zlib from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isGanDlError } from "../../core/errors.ts";
import { decodeImage } from "../decode.ts";
import { messageOf, png, ramp, tiff } from "../files.fixture.ts";
import { omeTiff, omeXml, plane } from "../layouts/layouts.fixture.ts";
import { npyHeader } from "../npy.ts";
import { omePixels } from "./ome-xml.ts";

const FAULTS = ["unreadable-image", "unsupported-image", "bad-stack", "z-not-chosen", "bad-z"];

const PIXELS = Uint16Array.from({ length: 48 }, (_, i) => (i * 7919) & 0xffff);
const PLANES = [plane(6, 8, 0, 0), plane(6, 8, 1, 0)];
const GOOD: Record<string, Buffer> = {
  png: png("gray", 6, 8, PIXELS),
  tiff: tiff(6, 8, PLANES),
  ome: omeTiff(6, 8, PLANES, omeXml({ height: 6, width: 8, channels: ["a", "b"] })),
  npy: Buffer.concat([npyHeader("uint16", [6, 8]), Buffer.from(PIXELS.buffer)]),
};

async function wholeOrRefused(bytes: Uint8Array): Promise<void> {
  try {
    const { data, channels, height, width } = await decodeImage(bytes, "a", { z: "max" });
    expect(data.length).toBe(channels * height * width);
  } catch (error) {
    if (!isGanDlError(error, ...FAULTS)) throw error;
  }
}

describe("damaged images", () => {
  it("are whole pixels or refused, with several bytes changed, added or taken away", async () => {
    const edit = fc.record({ at: fc.nat(), value: fc.nat(255), drop: fc.nat(3), add: fc.nat(3) });
    const cases = fc.tuple(fc.constantFrom(...Object.values(GOOD)), fc.array(edit, { minLength: 1, maxLength: 6 }));
    await fc.assert(
      fc.asyncProperty(cases, async ([good, edits]) => {
        let bytes = Buffer.from(good);
        for (const { at, value, drop, add } of edits) {
          const i = at % Math.max(1, bytes.length);
          bytes = Buffer.concat([bytes.subarray(0, i), Buffer.alloc(add, value), bytes.subarray(i + drop)]);
          if (i < bytes.length) bytes[i] = value;
        }
        await wholeOrRefused(bytes);
      }),
      { numRuns: 250 },
    );
  });

  it("are refused at every length they may be cut to", async () => {
    for (const [name, good] of Object.entries(GOOD)) {
      const end = name === "png" ? good.length - 12 : good.length - 1;
      for (let length = 0; length < end; length += 11) {
        const error = await decodeImage(good.subarray(0, length), "cut").catch((thrown: unknown) => thrown);
        expect(isGanDlError(error, ...FAULTS), `${name} cut to ${length}`).toBe(true);
      }
    }
  });

  it("that are no image at all are refused", async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), wholeOrRefused), { numRuns: 100 });
  });
});

/** A PNG whose header claims this size, over the pixels of a small one. */
function pngOf(width: number, height: number): Buffer {
  const bytes = Buffer.from(GOOD.png!);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.writeUInt32BE(zlib.crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

/** `file` with the value of a tag of its first little-endian directory replaced. */
function withTag(file: Buffer, tag: number, value: number): Buffer {
  const bytes = Buffer.from(file);
  for (let i = 0; i < bytes.readUInt16LE(8); i++) {
    if (bytes.readUInt16LE(10 + 12 * i) === tag) bytes.writeUInt32LE(value, 10 + 12 * i + 8);
  }
  return bytes;
}

describe("absurd sizes", () => {
  const why = (code: string, bytes: Uint8Array) => messageOf(code, () => decodeImage(bytes, "x"));

  it("of a PNG are refused before anything is decoded", async () => {
    expect(await why("unsupported-image", pngOf(100_000, 100_000))).toContain(
      "x is an image of 100000 × 100000 px, more than the 268402689 px read.",
    );
    expect(await why("unsupported-image", pngOf(0xffffffff, 1))).toContain("1 × 4294967295 px");
    expect(await why("unreadable-image", pngOf(0, 5))).toContain("its header gives it no pixels");
    expect(await why("unreadable-image", pngOf(16_000, 16_000))).toMatch(
      /its header claims 512000000 bytes of pixels, which \d+ bytes cannot hold\./,
    );
  });

  it("of a TIFF too, whether sizes, fields or pages", async () => {
    const file = GOOD.tiff!;
    expect(await why("unsupported-image", withTag(file, 256, 2_000_000_000))).toContain("6 × 2000000000 px");
    expect(await why("unreadable-image", withTag(file, 257, 16_000))).toContain("bytes cannot hold");
    const manyFields = Buffer.from(file);
    manyFields.writeUInt16LE(0xffff, 8);
    expect(await why("unreadable-image", manyFields)).toContain("a page claims 65535 fields, more than the 4096 read");
    const circle = Buffer.from(file);
    circle.writeUInt32LE(8, 10 + 12 * circle.readUInt16LE(8));
    expect(await why("unreadable-image", circle)).toContain("its pages point in a circle");
    const outside = Buffer.from(file);
    outside.writeUInt32LE(0x7fffffff, 4);
    expect(await why("unreadable-image", outside)).toMatch(/points to byte 2147483647, behind its end at \d+/);
    const none = Buffer.from(file);
    none.writeUInt32LE(0, 4);
    expect(await why("unreadable-image", none)).toContain("it has no page");
    const empty = Buffer.alloc(2 + 4); // a page without a field
    const pages = Array.from({ length: 10_001 }, (_, i) => {
      const page = Buffer.from(empty);
      page.writeUInt32LE(8 + 6 * (i + 1), 2);
      return page;
    });
    expect(await why("unsupported-image", Buffer.concat([file.subarray(0, 8), ...pages]))).toContain(
      "a TIFF of more than 10000 pages",
    );
  });

  it("of a NumPy array too", async () => {
    const npy = (shape: number[]) => Buffer.concat([npyHeader("uint8", shape), Buffer.alloc(10)]);
    expect(await why("unsupported-image", npy([100_000, 100_000]))).toContain("100000 × 100000 px");
    expect(await why("unsupported-image", npy([1_000_000, 100, 100]))).toContain("9.3 GiB, more than the 4 GiB read");
    expect(await why("unreadable-image", npy([4, 4]))).toContain("it has 138 bytes, not 144");
    expect(await why("unsupported-image", npy([2]))).toContain("an array of 1 dimensions");
    const floats = Buffer.from(npy([2, 5]));
    floats.write("<f4", floats.indexOf("|u1"));
    expect(await why("unsupported-image", floats)).toContain("an array of another type");
  });

  it("palettes, signed values and films of colour pages are refused by name", async () => {
    expect(await why("unsupported-image", withTag(GOOD.tiff!, 262, 3))).toContain("an image with a colour palette");
    expect(await why("unsupported-image", withTag(GOOD.tiff!, 339, 2))).toContain("signed or complex values");
    const sizes = tiff(6, 8, [PLANES[0]!, ramp(6, 8, 0)]);
    expect(await why("unsupported-image", sizes)).toContain("a stack of pages of different sizes or kinds");
  });

  it("a compression bomb in a PNG is not unpacked beyond its header's size", async () => {
    const bytes = pngOf(8, 6);
    const at = bytes.indexOf("IDAT") - 4;
    const bomb = zlib.deflateSync(Buffer.alloc(20_000_000));
    const head = Buffer.alloc(8);
    head.writeUInt32BE(bomb.length, 0);
    head.write("IDAT", 4);
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(zlib.crc32(Buffer.concat([head.subarray(4), bomb])));
    const file = Buffer.concat([bytes.subarray(0, at), head, bomb, crc, bytes.subarray(bytes.length - 12)]);
    await wholeOrRefused(file);
  });
});

describe("damaged OME-XML", () => {
  it("is refused or gives counts within bounds, in no time", () => {
    const good = omeXml({ height: 6, width: 8, channels: ["a", "b"], tiffData: '<TiffData IFD="0"/>' });
    const junk = fc.array(
      fc.constantFrom("<Pixels ", '"', "'", "<!--", "-->", "&#x110000;", 'SizeC="-1"', ">", "=", "a"),
      {
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(fc.nat(good.length), junk, (at, parts) => {
        try {
          const pixels = omePixels(good.slice(0, at) + parts.join("") + good.slice(at), "a");
          expect(pixels.channels.length * pixels.sizeZ).toBeGreaterThan(0);
        } catch (error) {
          if (!isGanDlError(error, "bad-stack")) throw error;
        }
      }),
      { numRuns: 300 },
    );
    expect(() => omePixels(`<Pixels ${"a=".repeat(100_000)}`, "a")).toThrow(/describes no pixels/);
  });
});
