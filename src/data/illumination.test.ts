import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageOf, png, writeFiles } from "./files.fixture.ts";
import { openGivenFlatFields } from "./given-flat-fields.ts";
import { applyGains, estimateFlatField, gainsOf, reducedSize } from "./illumination.ts";
import { imported, pixelsOf, place } from "./import.fixture.ts";
import { floatNpy, parseFloatNpy } from "./npy-float.ts";

const SIDE = 48;
/** A vignette off centre with a slope: of degree 2 in x and y, so the surface can hold it exactly. */
const planted = (y: number, x: number) =>
  1.3 - 0.8 * ((x / SIDE - 0.4) ** 2 + (y / SIDE - 0.6) ** 2) + (0.2 * x) / SIDE;
const shading = Float64Array.from({ length: SIDE * SIDE }, (_, i) => planted(Math.floor(i / SIDE), i % SIDE));
const meanOf = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

describe("estimateFlatField", () => {
  it("finds every polynomial surface of degree four exactly, but for its mean", () => {
    const coefficient = fc.integer({ min: -100, max: 100 }).map((v) => v / 1000);
    fc.assert(
      fc.property(
        fc.array(coefficient, { minLength: 6, maxLength: 6 }),
        ([a = 0, b = 0, c = 0, d = 0, e = 0, f = 0]) => {
          const [h, w] = [11, 17];
          const mean = Float64Array.from({ length: h * w }, (_, i) => {
            const [y, x] = [Math.floor(i / w) / h, (i % w) / w];
            return 50 * (1 + a * x + b * y + c * x * y + d * x ** 4 + e * y ** 3 + f * x ** 2 * y ** 4);
          });
          const { values } = estimateFlatField(mean, h, w);
          const average = meanOf(mean);
          for (const [i, v] of values.entries()) expect(v).toBeCloseTo(mean[i]! / average, 9);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("takes a dark stain for evenly lit, and no corner for darker than a tenth of the mean", () => {
    expect([...estimateFlatField(new Float64Array(6), 2, 3).values]).toEqual([1, 1, 1, 1, 1, 1]);
    const { values } = estimateFlatField(Float64Array.of(0, 10, 20), 1, 3);
    expect(values[0]).toBe(0.1);
  });
});

it("gains are one over the field, linear between its points, and rounding never leaves the type's range", () => {
  const gains = gainsOf({ heightPx: 1, widthPx: 2, values: Float64Array.of(1, 2) }, 1, 4);
  for (const [i, field] of [1, 1.25, 1.75, 2].entries()) expect(gains[i]).toBeCloseTo(1 / field, 6);
  const plane = Uint8Array.of(100, 200, 255, 3);
  applyGains(plane, Float32Array.of(1.004, 2, 1, 0.5));
  expect([...plane]).toEqual([100, 255, 255, 2]);
  expect(reducedSize(2048, 1024)).toEqual({ heightPx: 64, widthPx: 32 });
  expect(reducedSize(10, 3000)).toEqual({ heightPx: 1, widthPx: 64 });
  expect(reducedSize(30, 20)).toEqual({ heightPx: 30, widthPx: 20 });
});

/** Even fields of one grey level each, seen through the planted shading of plate P1; plate P2 is lit evenly. */
const LEVELS = [80, 100, 120, 140];
const lit = (level: number, plate: string) =>
  png(
    "gray",
    SIDE,
    SIDE,
    Uint8Array.from({ length: SIDE * SIDE }, (_, i) => Math.round(level * (plate === "P1" ? shading[i]! : 1))),
  );
const SHADED = {
  "metadata.csv": `plate,well\n${["P1", "P2"].flatMap((p) => LEVELS.map((_, i) => `${p},A${i}`)).join("\n")}\n`,
  ...Object.fromEntries(["P1", "P2"].flatMap((p) => LEVELS.map((v, i) => [`${p}_A${i}.png`, lit(v, p)]))),
};
const table = { images: "{plate}_{well}.png", channels: [{ name: "DNA" }] };

/** The planted level of every stored pixel is there again, within `within` grey levels. */
function expectEven(pixels: readonly number[], scale: number, within: number): void {
  for (const [i, v] of pixels.entries()) {
    const level = LEVELS[Math.floor(i / (SIDE * SIDE)) % LEVELS.length]!;
    const isShaded = i < LEVELS.length * SIDE * SIDE;
    expect(Math.abs(v - level * (isShaded ? scale : 1))).toBeLessThanOrEqual(within);
  }
}

describe("an import with illumination", () => {
  it("estimate: removes the planted shading of its plate, leaves an even plate alone, and keeps the field", async () => {
    const { source, out } = place(SHADED);
    const { illumination } = await imported({ source, out, table, illumination: "estimate" });
    expectEven(await pixelsOf(out), meanOf(shading), 1.5); // rounded twice, and once before a gain of up to 1.6
    expect(illumination).toMatchObject({ kind: "estimated" });
    const [shaded, even] = illumination!.plates.map(({ file }) => parseFloatNpy(readFileSync(join(out, file)), file));
    expect(shaded!.shape).toEqual([1, SIDE, SIDE]);
    const truth = shading.map((v) => v / meanOf(shading));
    for (const [i, v] of shaded!.data.entries()) expect(Math.abs(v - truth[i]!)).toBeLessThan(0.005);
    for (const v of even!.data) expect(v).toBeCloseTo(1, 6);
  });

  it("a folder: divides by CellProfiler's functions, the plate's own before the common one", async () => {
    const { folder, source, out } = place(SHADED);
    writeFiles(join(folder, "flat"), {
      "P1_IllumDNA.npy": floatNpy(shading, [SIDE, SIDE]),
      "IllumDNA.npy": floatNpy(
        shading.map(() => 1),
        [SIDE, SIDE],
      ),
    });
    const { illumination } = await imported({ source, out, table, illumination: join(folder, "flat") });
    expectEven(await pixelsOf(out), 1, 1.5);
    expect(illumination?.kind).toBe("given");
  });

  it("a constant field of 2 halves every level exactly", async () => {
    const { folder, source, out } = place(SHADED);
    writeFiles(join(folder, "flat"), { "DNA.npy": floatNpy([2, 2, 2, 2], [2, 2]) });
    await imported({ source, out: `${out}-raw`, table });
    await imported({ source, out, table, illumination: join(folder, "flat") });
    const raw = await pixelsOf(`${out}-raw`);
    expect(await pixelsOf(out)).toEqual(raw.map((level) => Math.floor(level / 2 + 0.5)));
  });

  it("refuses functions that are missing, of another shape, or not above zero, and leaves nothing", async () => {
    const one = (values: number[], shape: number[]) => ({ "DNA.npy": floatNpy(values, shape) });
    const cases: [string, Record<string, Uint8Array>, RegExp][] = [
      ["no-flat-field", {}, /holds none of table_P1_IllumDNA\.npy|holds none of .*IllumDNA\.npy, .*DNA\.npy/],
      [
        "bad-flat-field",
        one([1, 1], [1, 2]),
        /DNA\.npy cannot be used as a flat field: its shape is \[1,2\], and the images are 48 × 48 px/,
      ],
      ["bad-flat-field", one([1, 0, 1, 1], [2, 2]), /a value is not above zero/],
      ["bad-flat-field", { "DNA.npy": Buffer.from("text") }, /it is no \.npy file/],
      [
        "bad-flat-field",
        { "DNA.npy": floatNpy([1, 1, 1, 1], [2, 2]).subarray(0, -1) },
        /does not hold the \[2,2\] values/,
      ],
    ];
    for (const [code, files, says] of cases) {
      const { folder, source, out } = place(SHADED);
      writeFiles(join(folder, "flat"), { keep: "", ...files });
      expect(await messageOf(code, () => imported({ source, out, table, illumination: join(folder, "flat") }))).toMatch(
        says,
      );
    }
    const message = await messageOf("no-flat-field", () => openGivenFlatFields("/nowhere/at/all", ["DNA"]));
    expect(message).toContain("the folder /nowhere/at/all cannot be read");
  });
});

it(".npy: 64-bit, big-endian and Fortran order are read as NumPy means them", () => {
  const header = (descr: string, fortran: string) => {
    const text = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (2, 3), }\n`;
    return Buffer.concat([
      Buffer.from("\x93NUMPY\x01\x00", "latin1"),
      Buffer.from([text.length, 0]),
      Buffer.from(text),
    ]);
  };
  const values = Buffer.alloc(48);
  for (const [i, v] of [1, 4, 2, 5, 3, 6].entries()) values.writeDoubleBE(v, i * 8);
  const { shape, data } = parseFloatNpy(Buffer.concat([header(">f8", "True"), values]), "a.npy");
  expect([shape, [...data]]).toEqual([
    [2, 3],
    [1, 2, 3, 4, 5, 6],
  ]);
  expect(() => parseFloatNpy(Buffer.concat([header("<i4", "False"), values]), "a.npy")).toThrow(
    /not 32- or 64-bit floats/,
  );
});
