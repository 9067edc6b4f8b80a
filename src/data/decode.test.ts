import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { isGanDlError } from "../core/errors.ts";
import { decodeImage } from "./decode.ts";
import { messageOf, png, tiff } from "./files.fixture.ts";

const SHARED = process.env.GANDL_SHARED_DATA ?? "../shared/data";
const size = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));

describe("decodeImage", () => {
  it("gives 16-bit gray PNGs and TIFFs bit for bit", async () => {
    const image = size.chain(([h, w]) =>
      fc.tuple(fc.constant(h), fc.constant(w), fc.uint16Array({ minLength: h * w, maxLength: h * w })),
    );
    await fc.assert(
      fc.asyncProperty(image, fc.constantFrom("png", "tiff"), async ([h, w, pixels], format) => {
        const bytes = format === "png" ? png("gray", h, w, pixels) : tiff(h, w, [pixels]);
        const decoded = await decodeImage(bytes, "a");
        expect(decoded).toEqual({ data: pixels, channels: 1, height: h, width: w, bitDepth: 16 });
      }),
      { numRuns: 40 },
    );
  });

  it("gives every 8-bit gray level as it is", async () => {
    const pixels = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect((await decodeImage(png("gray", 16, 16, pixels), "a")).data).toEqual(pixels);
    expect((await decodeImage(tiff(16, 16, [pixels]), "a")).data).toEqual(pixels);
  });

  it("gives RGB and RGBA as three planes, at 8 and 16 bits, and drops the alpha of gray", async () => {
    const rgb8 = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const decoded = await decodeImage(png("rgb", 1, 2, rgb8), "a");
    expect(decoded).toEqual({ data: Uint8Array.of(1, 4, 2, 5, 3, 6), channels: 3, height: 1, width: 2, bitDepth: 8 });
    const rgba16 = Uint16Array.of(1000, 2000, 3000, 0, 40000, 50000, 60000, 65535);
    const wide = await decodeImage(png("rgba", 1, 2, rgba16), "a");
    expect(wide.data).toEqual(Uint16Array.of(1000, 40000, 2000, 50000, 3000, 60000));
    const gray = await decodeImage(png("grayAlpha", 1, 2, Uint16Array.of(300, 0, 400, 65535)), "a");
    expect(gray.data).toEqual(Uint16Array.of(300, 400));
  });

  it("gives the pages of a TIFF as channels", async () => {
    const planes = [Uint16Array.of(1, 2, 3, 4), Uint16Array.of(500, 600, 700, 800), Uint16Array.of(9, 9, 9, 65535)];
    const decoded = await decodeImage(tiff(2, 2, planes), "a.tif");
    expect(decoded.channels).toBe(3);
    expect([...decoded.data]).toEqual(planes.flatMap((plane) => [...plane]));
    expect([decoded.height, decoded.width]).toEqual([2, 2]);
  });

  it("is not moved by gamma, profile or orientation", async () => {
    const pixels = Uint16Array.from({ length: 12 }, (_, i) => i * 5000);
    const gamma = { type: "gAMA", data: Uint8Array.of(0, 0, 0xb1, 0x8f) };
    const plain = (await decodeImage(png("gray", 3, 4, pixels), "a")).data;
    expect((await decodeImage(png("gray", 3, 4, pixels, [gamma]), "a")).data).toEqual(plain);
    const raw = Buffer.from(Uint8Array.from({ length: 36 }, (_, i) => i * 7));
    const profiled = sharp(raw, { raw: { width: 4, height: 3, channels: 3 } }).withIccProfile("p3");
    const kept = await sharp(await profiled.withMetadata({ orientation: 6 }).png().toBuffer(), { ignoreIcc: true })
      .raw()
      .toBuffer();
    const decoded = await decodeImage(await profiled.withMetadata({ orientation: 6 }).png().toBuffer(), "a");
    expect([decoded.height, decoded.width]).toEqual([3, 4]);
    const interleaved = Array.from({ length: 36 }, (_, i) => decoded.data[(i % 3) * 12 + Math.floor(i / 3)]);
    expect(interleaved).toEqual([...kept]);
  });

  it("refuses what is not measured grey levels, saying what it is", async () => {
    const why = (bytes: Uint8Array) => messageOf("unsupported-image", () => decodeImage(bytes, "x.png"));
    const palette = { type: "PLTE", data: Uint8Array.of(0, 0, 0, 255, 0, 0) };
    expect(await why(png("palette", 1, 2, Uint8Array.of(0, 1), [palette]))).toMatch(
      /^x\.png is an image with a colour palette\.\n {2}why: .*\n {2}fix: export the image again/,
    );
    const oneBit = png("gray", 1, 8, new Uint8Array(8));
    oneBit[24] = 1;
    expect(await why(oneBit)).toContain("x.png is an image of 1 bits a pixel");
    const base = sharp(Buffer.alloc(27), { raw: { width: 3, height: 3, channels: 3 } });
    expect(await why(await base.clone().jpeg().toBuffer())).toContain("x.png is a jpeg");
    expect(await why(tiff(2, 2, [new Float32Array(4)]))).toContain("x.png is an image of float values, 32 bits each");
  });

  it("refuses truncated files, at every length", async () => {
    const pixels = Uint16Array.from({ length: 400 }, (_, i) => (i * 7919) & 0xffff);
    for (const bytes of [png("gray", 20, 20, pixels), tiff(20, 20, [pixels])]) {
      for (let length = 0; length < bytes.length - 12; length += 13) {
        const error = await decodeImage(bytes.subarray(0, length), "cut.png").catch((thrown: unknown) => thrown);
        expect(isGanDlError(error, "unreadable-image", "unsupported-image"), `cut to ${length}`).toBe(true);
      }
    }
    const message = await messageOf("unreadable-image", () => decodeImage(Buffer.alloc(20), "cut.png"));
    expect(message).toMatch(/^cut\.png cannot be decoded: .*\n.*truncated.*\n {2}fix: .*--skip-bad/);
  });

  it("never crashes on a scrambled file, and gives whole pixels or an error", async () => {
    const pixels = Uint16Array.from({ length: 100 }, (_, i) => i * 600);
    const good = [png("gray", 10, 10, pixels), tiff(10, 10, [pixels])];
    const change = fc.tuple(fc.constantFrom(...good), fc.nat(), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(change, async ([file, at, value]) => {
        const bytes = Buffer.from(file);
        bytes[at % bytes.length] = value;
        try {
          const { data, channels, height, width } = await decodeImage(bytes, "a");
          expect(data.length).toBe(channels * height * width);
        } catch (error) {
          if (!isGanDlError(error, "unreadable-image", "unsupported-image")) throw error;
        }
      }),
      { numRuns: 150 },
    );
  });

  const human = join(SHARED, "example-human", "AS_09125_050116030001_D03f00d0.tif");
  it.skipIf(!existsSync(human))("reads a real 512² 8-bit TIFF as its file holds it (shared data)", async () => {
    const bytes = readFileSync(human);
    const { data, height, width, bitDepth } = await decodeImage(bytes, human);
    expect([height, width, bitDepth]).toEqual([512, 512, 8]);
    expect(new Set(data).size).toBeGreaterThan(50);
  });
});
