// Uneven light is planted and must be gone; fields made elsewhere are divided by, or refused with the reason.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { messageOf, png, writeFiles } from "./files.fixture.ts";
import { imported, pixelsOf, place } from "./import.fixture.ts";
import { floatNpy, parseFloatNpy } from "./npy-float.ts";
import { openDataset } from "./open-dataset.ts";

const SIDE = 24;
const N = 30;
const TABLE = { images: "{well}.png", channels: [{ name: "DNA" }] };

/** Brighter to the right on plate A, to the bottom on plate B. */
const light = (plate: string, y: number, x: number) => 1 + 0.8 * ((plate === "A" ? x : y) / (SIDE - 1) - 0.5);

function screen(planted: (plate: string, y: number, x: number) => number): Record<string, string | Uint8Array> {
  const random = new SeededRandom(3);
  const files: Record<string, string | Uint8Array> = {};
  const rows = ["plate,well"];
  for (const plate of ["A", "B"])
    for (let i = 0; i < N; i++) {
      const level = 80 + 40 * random.uniform();
      const pixels = Uint8Array.from({ length: SIDE * SIDE }, (_, p) =>
        Math.round(level * planted(plate, Math.floor(p / SIDE), p % SIDE)),
      );
      const well = `${plate}${i + 1}`;
      files[`${well}.png`] = png("gray", SIDE, SIDE, pixels);
      rows.push(`${plate},${well}`);
    }
  return { ...files, "metadata.csv": `${rows.join("\n")}\n` };
}

/** Mean image of one plate's stored images, over its own mean. */
async function meanImage(out: string, plate: string): Promise<number[]> {
  using dataset = await openDataset(out);
  const wanted = dataset.sites.flatMap((site, i) => (site.plate === plate ? [i] : []));
  const { data } = await dataset.readImages(wanted);
  const sums = new Array<number>(SIDE * SIDE).fill(0);
  for (const [i, value] of [...data].entries()) sums[i % sums.length]! += value;
  const mean = sums.reduce((a, b) => a + b, 0) / sums.length;
  return sums.map((sum) => sum / mean);
}

describe("light estimated from each plate's own images", () => {
  it("a slope of another direction on each plate is removed to a grey level, and stays when nothing is asked", async () => {
    const { source, out } = place(screen(light));
    await imported({ source, out: `${out}-raw`, table: TABLE });
    expect(Math.max(...(await meanImage(`${out}-raw`, "A")))).toBeGreaterThan(1.35);
    const manifest = await imported({ source, out, table: TABLE, illumination: "estimate" });
    for (const plate of ["A", "B"]) {
      const mean = await meanImage(out, plate);
      expect(Math.max(...mean)).toBeLessThan(1.01);
      expect(Math.min(...mean)).toBeGreaterThan(0.99);
    }
    expect(manifest.illumination?.kind).toBe("estimated");
    expect(manifest.illumination?.plates.map(({ plateId, nImages }) => [plateId, nImages])).toEqual([
      ["A", N],
      ["B", N],
    ]);
  });
  it("the fields lie beside the data as .npy and are the planted light", async () => {
    const { source, out } = place(screen(light));
    const { illumination } = await imported({ source, out, table: TABLE, illumination: "estimate" });
    const { shape, data } = parseFloatNpy(readFileSync(join(out, illumination!.plates[0]!.file)), "field");
    expect(shape).toEqual([1, SIDE, SIDE]);
    for (const x of [0, 12, 23]) expect(data[5 * SIDE + x]).toBeCloseTo(light("A", 5, x), 2);
  });
});

describe("flat fields made elsewhere", () => {
  const field = (of: (y: number, x: number) => number) =>
    floatNpy(
      Array.from({ length: SIDE * SIDE }, (_, p) => of(Math.floor(p / SIDE), p % SIDE)),
      [SIDE, SIDE],
    );
  const withFields = (fields: Record<string, Uint8Array>) => {
    const placed = place(screen(light));
    writeFiles(join(placed.folder, "light"), fields);
    return { ...placed, illumination: join(placed.folder, "light") };
  };
  it("every image is divided by its plate's own, as CellProfiler names them", async () => {
    const { source, out, illumination } = withFields({
      "A_IllumDNA.npy": field((y, x) => light("A", y, x)),
      "IllumDNA.npy": field((y, x) => light("B", y, x)),
    });
    await imported({ source, out, table: TABLE, illumination });
    for (const plate of ["A", "B"]) expect(Math.max(...(await meanImage(out, plate)))).toBeLessThan(1.01);
  });
  it("a constant field of 2 halves every level exactly", async () => {
    const { source, out, illumination } = withFields({ "DNA.npy": field(() => 2) });
    await imported({ source, out: `${out}-raw`, table: TABLE });
    await imported({ source, out, table: TABLE, illumination });
    const raw = await pixelsOf(`${out}-raw`);
    expect(await pixelsOf(out)).toEqual(raw.map((level) => Math.floor(level / 2 + 0.5)));
  });
  it("a missing, misshapen or dark field stops the import before anything is written", async () => {
    for (const [fields, code, text] of [
      [{ "actin.npy": field(() => 1) }, "no-flat-field", /holds none of .*IllumDNA\.npy[\s\S]*--illumination estimate/],
      [{ "DNA.npy": floatNpy([1, 1], [1, 2]) }, "bad-flat-field", /DNA\.npy.*shape is \[1,2\].*24 × 24 px/],
      [{ "DNA.npy": field((y) => (y === 0 ? 0 : 1)) }, "bad-flat-field", /a value is not above zero/],
      [{ "DNA.npy": Buffer.from("not numpy") }, "bad-flat-field", /DNA\.npy cannot be used as a flat field/],
    ] as [Record<string, Uint8Array>, string, RegExp][]) {
      const { source, out, illumination } = withFields(fields);
      expect(await messageOf(code, () => imported({ source, out, table: TABLE, illumination }))).toMatch(text);
    }
  });
});
