import zlib from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { decodeImage } from "../decode.ts";
import { messageOf, png, pngChunk } from "../files.fixture.ts";
import { sharpPlanes } from "./sharp-planes.ts";

interface Drawn {
  readonly height: number;
  readonly width: number;
  readonly bitDepth: 8 | 16;
  /** Bytes of a row one after the other, high bytes first. */
  readonly bytes: Uint8Array;
  /** The filter of each row. */
  readonly filters: readonly number[];
}

const drawn: fc.Arbitrary<Drawn> = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.constantFrom<8 | 16>(8, 16))
  .chain(([height, width, bitDepth]) => {
    const nBytes = (height * width * bitDepth) / 8;
    return fc.record({
      ...{ height: fc.constant(height), width: fc.constant(width), bitDepth: fc.constant(bitDepth) },
      bytes: fc.uint8Array({ minLength: nBytes, maxLength: nBytes }),
      filters: fc.array(fc.nat(4), { minLength: height, maxLength: height }),
    });
  });

/** What a filter foretells of a byte, in the specification's letters: a the byte before, b above, c above the one before. */
const FORETOLD: readonly ((a: number, b: number, c: number) => number)[] = [
  () => 0,
  (a) => a,
  (_, b) => b,
  (a, b) => Math.floor((a + b) / 2),
  (a, b, c) => {
    const p = a + b - c;
    const [near] = [a, b, c].sort((left, right) => Math.abs(p - left) - Math.abs(p - right)); // a sort keeps the order of equals
    return near!;
  },
];

/** The rows as a PNG holds them before they are packed. */
function filtered({ height, width, bitDepth, bytes, filters }: Drawn): Buffer {
  const [step, rowBytes] = [bitDepth / 8, (width * bitDepth) / 8];
  const at = (y: number, x: number) => (y < 0 || x < 0 ? 0 : bytes[y * rowBytes + x]!);
  const rows = Array.from({ length: height }, (_, y) => [
    filters[y]!,
    ...Array.from(
      { length: rowBytes },
      (_, x) => at(y, x) - FORETOLD[filters[y]!]!(at(y, x - step), at(y - 1, x), at(y - 1, x - step)),
    ),
  ]);
  return Buffer.from(rows.flat().map((value) => value & 255));
}

/** A gray PNG of these packed pixels, in as many chunks as wanted. */
function pngOf(
  { height, width, bitDepth }: Pick<Drawn, "height" | "width" | "bitDepth">,
  pieces: Uint8Array[],
): Buffer {
  const plain = png(
    "gray",
    height,
    width,
    bitDepth === 8 ? new Uint8Array(height * width) : new Uint16Array(height * width),
  );
  const head = plain.subarray(0, plain.indexOf("IDAT") - 4);
  return Buffer.concat([head, ...pieces.map((piece) => pngChunk("IDAT", piece)), plain.subarray(plain.length - 12)]);
}

const fileOf = (image: Drawn, cutAt = 0): Buffer => {
  const packed = zlib.deflateSync(filtered(image));
  return pngOf(image, cutAt === 0 ? [packed] : [packed.subarray(0, cutAt), packed.subarray(cutAt)]);
};

describe("gray PNGs", () => {
  it("come out as they went in and as libvips reads them, whatever the filter of each row and the chunks", async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.nat(12), async (image, cutAt) => {
        const file = fileOf(image, cutAt);
        const { data, height, width, bitDepth } = await decodeImage(file, "a.png");
        expect({ height, width, bitDepth }).toEqual({
          height: image.height,
          width: image.width,
          bitDepth: image.bitDepth,
        });
        const read = Uint8Array.from(
          Array.from(data, (value) => (bitDepth === 8 ? [value] : [value >> 8, value & 255])).flat(),
        );
        expect(read).toEqual(image.bytes);
        expect(data).toEqual((await sharpPlanes(file, { bitDepth, planes: 1 }, "a.png")).data);
      }),
      { numRuns: 200 },
    );
  });

  it("that are interlaced are read too", async () => {
    const pixels = Uint8Array.from({ length: 30 }, (_, i) => i * 8);
    const raw = { width: 6, height: 5, channels: 1 } as const;
    const file = await sharp(pixels, { raw }).toColourspace("b-w").png({ progressive: true }).toBuffer();
    expect(file[28]).toBe(1);
    expect((await decodeImage(file, "a.png")).data).toEqual(pixels);
  });

  it("leave the memory that others share alone", async () => {
    const pixels = Uint16Array.of(1, 2, 300, 65535);
    const file = png("gray", 2, 2, pixels);
    const before = Buffer.from(file);
    const first = await decodeImage(file, "a.png");
    const second = await decodeImage(file, "a.png");
    first.data.fill(0);
    expect(second.data).toEqual(pixels);
    expect(first.data.buffer).not.toBe(second.data.buffer);
    expect(file.equals(before)).toBe(true);
  });
});

describe("a gray PNG is refused, and told why,", () => {
  const image: Drawn = { height: 2, width: 3, bitDepth: 8, bytes: Uint8Array.of(1, 2, 3, 4, 5, 6), filters: [0, 1] };
  const why = (file: Uint8Array) => messageOf("unreadable-image", () => decodeImage(file, "x.png"));

  it("for a chunk that does not match its checksum", async () => {
    const file = fileOf(image);
    file[file.indexOf("IDAT") + 6]! ^= 1;
    expect(await why(file)).toContain('x.png cannot be decoded: its chunk "IDAT" does not match its checksum.');
  });

  it("when it ends before its pixels", async () => {
    const file = fileOf(image);
    const cut = file.subarray(0, file.indexOf("IDAT") + 8);
    expect(await why(cut)).toContain("x.png cannot be decoded: it ends before its pixels.");
    const started = fileOf(image, 4);
    expect(await why(started.subarray(0, started.lastIndexOf("IDAT") + 5))).toContain(
      "its pixels do not unpack, unexpected end of file.",
    );
  });

  it("for a filter that there is not", async () => {
    const rows = filtered(image);
    rows[4] = 5;
    expect(await why(pngOf(image, [zlib.deflateSync(rows)]))).toContain("row 2 has a filter that there is not.");
  });

  it("for more or fewer pixels than its header says", async () => {
    const rows = filtered(image);
    const short = pngOf(image, [zlib.deflateSync(rows.subarray(0, 7))]);
    expect(await why(short)).toContain("it holds 7 bytes of pixels, and its header says 8.");
    const long = pngOf(image, [zlib.deflateSync(Buffer.concat([rows, Buffer.alloc(100)]))]);
    expect(await why(long)).toContain("it holds more pixels than its header says.");
  });

  it("for pixels whose own checksum fails", async () => {
    const packed = zlib.deflateSync(filtered(image));
    packed[packed.length - 1]! ^= 1;
    expect(await why(pngOf(image, [packed]))).toContain("its pixels do not unpack, incorrect data check.");
  });

  it("for a chunk that must be understood and is not", async () => {
    const file = png("gray", 1, 1, Uint8Array.of(7), [{ type: "CgBI", data: Uint8Array.of(0) }]);
    expect(await why(file)).toContain('its chunk "CgBI" changes what its pixels mean, in a way not known.');
    const told = png("gray", 1, 1, Uint8Array.of(7), [{ type: "tEXt", data: Uint8Array.of(65, 0, 66) }]);
    expect((await decodeImage(told, "x.png")).data).toEqual(Uint8Array.of(7));
  });
});
