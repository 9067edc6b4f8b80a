// Our readers against sharp's writers, an independent implementation of both formats.
import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../../src/core/seeded-random.ts";
import { readImage } from "./read-image.ts";

const NO_JPEG = () => Promise.reject(new Error("no decoder here"));
const [WIDTH, HEIGHT] = [61, 43];

function noise(length: number, levels: 256 | 65536, channels = 1): Uint8Array | Uint16Array {
  const random = new SeededRandom(length);
  // Steps and noise, so that every filter and long words of the dictionaries occur.
  const level = (_: unknown, i: number) =>
    Math.floor(i / channels) % 50 < 25 ? levels / 3 : random.uniform() * levels;
  return levels === 256 ? Uint8Array.from({ length }, level) : Uint16Array.from({ length }, level);
}

async function file(how: (image: Sharp) => Sharp, channels: 1 | 2 | 3 | 4, bits: 8 | 16) {
  const values = noise(WIDTH * HEIGHT * channels, bits === 8 ? 256 : 65536, channels);
  const image = sharp(values, { raw: { width: WIDTH, height: HEIGHT, channels } });
  const space = channels <= 2 ? (bits === 8 ? "b-w" : "grey16") : bits === 8 ? "srgb" : "rgb16";
  return { values, bytes: new Uint8Array(await how(image.toColourspace(space)).toBuffer()) };
}

const planesOf = (values: Uint8Array | Uint16Array, channels: number) =>
  Array.from({ length: channels }, (_, k) => [...values.filter((_, i) => i % channels === k)]);

describe("dropped files", () => {
  for (const bits of [8, 16] as const) {
    for (const channels of [1, 2, 3, 4] as const) {
      it(`reads a PNG of ${channels} × ${bits} bits bit for bit`, async () => {
        const { values, bytes } = await file((s) => s.png({ adaptiveFiltering: true }), channels, bits);
        const planes = await readImage([{ name: "a.png", bytes }], NO_JPEG);
        expect(planes.map((p) => [...p.values])).toEqual(planesOf(values, channels).slice(0, channels >= 3 ? 3 : 1));
        expect(planes[0]!.values.BYTES_PER_ELEMENT * 8).toBe(bits);
      });
    }
    for (const compression of ["none", "lzw", "deflate", "packbits"] as const) {
      for (const channels of [1, 3] as const) {
        it(`reads a TIFF of ${channels} × ${bits} bits, ${compression}`, async () => {
          const { values, bytes } = await file((s) => s.tiff({ compression }), channels, bits);
          const planes = await readImage([{ name: "a.tif", bytes }], NO_JPEG);
          expect(planes.map((p) => [...p.values])).toEqual(planesOf(values, channels));
        });
      }
    }
  }

  it("reads LZW whose words fill the whole table more than once", async () => {
    const random = new SeededRandom(1);
    const values = Uint8Array.from({ length: 300 * 200 }, () => Math.floor(8 * random.uniform()) * 30);
    const raw = { width: 300, height: 200, channels: 1 } as const;
    const bytes = await sharp(values, { raw })
      .toColourspace("b-w")
      .tiff({ compression: "lzw", predictor: "none" })
      .toBuffer();
    const [plane] = await readImage([{ name: "a.tif", bytes }], NO_JPEG);
    expect(plane!.values).toEqual(values);
  });

  it("orders files as people count, and names pages and colours", async () => {
    const { bytes } = await file((s) => s.png(), 1, 8);
    const { bytes: rgb } = await file((s) => s.png(), 3, 8);
    const planes = await readImage(
      [
        { name: "w10.png", bytes },
        { name: "w2.png", bytes },
        { name: "a.png", bytes: rgb },
      ],
      NO_JPEG,
    );
    expect(planes.map((p) => p.name)).toEqual(["a.png, red", "a.png, green", "a.png, blue", "w2.png", "w10.png"]);
  });

  it("takes a JPEG from the platform's decoder, one plane where its colours are equal", async () => {
    const jpeg = { name: "a.jpg", bytes: Uint8Array.of(0xff, 0xd8, 0xff, 0) };
    const decoder = async () => ({ rgba: Uint8ClampedArray.of(5, 5, 5, 255, 9, 9, 9, 255), widthPx: 2, heightPx: 1 });
    const planes = await readImage([jpeg], decoder);
    expect(planes.map((p) => [...p.values])).toEqual([[5, 9]]);
    await expect(readImage([jpeg], NO_JPEG)).rejects.toThrow(/a\.jpg cannot be read/);
  });
});

describe("files that cannot be taken are refused by name", () => {
  const only = async (bytes: Uint8Array) => readImage([{ name: "x", bytes }], NO_JPEG);

  it("cut short or damaged", async () => {
    const { bytes: png } = await file((s) => s.png(), 1, 8);
    const { bytes: tiff } = await file((s) => s.tiff({ compression: "lzw" }), 1, 8);
    for (const bytes of [png, tiff])
      await expect(only(bytes.slice(0, bytes.length >> 1))).rejects.toThrow(/x cannot be read/);
    const damaged = png.slice();
    damaged.fill(0xaa, 60, 90);
    await expect(only(damaged)).rejects.toThrow(/x cannot be read[\s\S]*damaged/);
  });

  it("a palette, another format, an interlaced PNG, tiles", async () => {
    const { values } = await file((s) => s.png(), 3, 8);
    const image = sharp(values, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
    const refused = async (how: Sharp) => only(new Uint8Array(await how.toBuffer()));
    await expect(refused(image.clone().png({ palette: true }))).rejects.toThrow(/colour palette/);
    await expect(refused(image.clone().png({ progressive: true }))).rejects.toThrow(/interlaced/);
    await expect(refused(image.clone().webp())).rejects.toThrow(/no PNG, TIFF or JPEG/);
    await expect(refused(image.clone().tiff({ tile: true, compression: "none" }))).rejects.toThrow(/in tiles/);
    await expect(refused(image.clone().tiff({ compression: "jpeg" }))).rejects.toThrow(/x is a TIFF of/);
  });

  it("two sizes", async () => {
    const { bytes } = await file((s) => s.png(), 1, 8);
    const other = await sharp(new Uint8Array(6), { raw: { width: 3, height: 2, channels: 1 } })
      .toColourspace("b-w")
      .png()
      .toBuffer();
    const files = [
      { name: "a.png", bytes },
      { name: "b.png", bytes: new Uint8Array(other) },
    ];
    await expect(readImage(files, NO_JPEG)).rejects.toThrow(/b\.png is 2 × 3 px, a\.png is 43 × 61 px/);
  });
});
