// What becomes of grey levels: display limits, tables of tiles, numbers in the margins, files without loss.
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Generator } from "../../models/index.ts";
import type { StyleGan2Shape } from "../../schema/index.ts";
import { Rng, setThreads } from "../../tensor/index.ts";
import { messageOf } from "../train.fixture.ts";
import { displayOf, fullDisplay, maxLevelOf, measureDisplay } from "./display-range.ts";
import { encodeComposite, encodeGrey, encodeTable } from "./encode-images.ts";
import { badLayers, pictureTooLarge } from "./errors.ts";
import { generateImage } from "./generate-images.ts";
import { withMargins } from "./margin-numbers.ts";
import { seedRecipe } from "./recipe.ts";
import { TablePicture } from "./table-picture.ts";

const SHAPE: StyleGan2Shape = {
  ...{ kind: "stylegan2", resolutionPx: 16, imageChannels: 2, latentDim: 8, styleDim: 8, mappingLayers: 2 },
  ...{ channelBase: 128, channelMax: 8, minibatchStdGroup: 4 },
};
let generator: Generator;
beforeAll(() => {
  setThreads(1);
  generator = new Generator(SHAPE, new Rng(3));
});
afterAll(() => generator.dispose());

describe("display limits", () => {
  const channels = [
    { colour: "#ff0000", statistics: { min: 0, max: 9, mean: 4, sd: 1, p0_5: 1, p99_5: 8 } },
    { colour: "#00ff00", statistics: { min: 3, max: 3, mean: 3, sd: 0, p0_5: 3, p99_5: 3 } },
  ];
  it("are the data set's percentiles, never empty", () => {
    expect(displayOf({ channels } as never)).toEqual([
      { colour: "#ff0000", low: 1, high: 8 },
      { colour: "#00ff00", low: 3, high: 4 },
    ]);
  });
  it("are every level of the dtype when asked for", () => {
    expect(fullDisplay({ channels, dtype: "uint16" } as never)[1]).toEqual({ colour: "#00ff00", low: 0, high: 65535 });
    expect([maxLevelOf("uint8"), maxLevelOf("uint16")]).toEqual([255, 65535]);
  });
  it("are else percentiles of the images of seeds 0 to 31, as sorting their pixels gives them", () => {
    const measured = measureDisplay(generator, ["#ff0000", "#00ff00"], {
      lowPercent: 5,
      highPercent: 80,
      maxLevel: 65535,
    });
    const images = Array.from(
      { length: 32 },
      (_, s) => generateImage(generator, seedRecipe(s), { maxLevel: 65535 }).data,
    );
    for (const k of [0, 1]) {
      const pixels = images.flatMap((data) => [...data.slice(k * 256, (k + 1) * 256)]).sort((a, b) => a - b);
      const at = (percent: number) => pixels[Math.round((percent / 100) * (pixels.length - 1))]!;
      expect(Math.abs(measured[k]!.low - at(5))).toBeLessThan(10); // rounding, and neighbouring ranks, of 65535
      expect(Math.abs(measured[k]!.high - at(80))).toBeLessThan(10);
    }
  });
});

describe("TablePicture", () => {
  const channels = [
    { colour: "#ff0000", low: 0, high: 100 },
    { colour: "#0000ff", low: 0, high: 200 },
  ];
  const layout = { nRows: 2, nColumns: 2, heightPx: 1, widthPx: 2, panels: ["composite", 1] as const };
  it("puts each image's panels below each other, images in rows and columns", () => {
    const table = new TablePicture(layout, channels);
    table.place(1, 0, [100, 0, 200, 200]);
    const { data, widthPx, heightPx } = table.picture;
    expect([widthPx, heightPx]).toEqual([2 + 2 + 2, 4 + 6 + 4 - 0]);
    const at = (x: number, y: number) => [...data.subarray((y * widthPx + x) * 3, (y * widthPx + x) * 3 + 3)];
    expect(table.tileAt(1, 1)).toEqual({ x: 4, y: 10, heightPx: 4 });
    expect([at(0, 10), at(1, 10), at(0, 13), at(1, 13)]).toEqual([
      [255, 0, 255],
      [0, 0, 255],
      [0, 0, 255],
      [0, 0, 255],
    ]);
    expect(data.filter((value) => value > 0).length).toBe(5); // and nothing elsewhere
  });
  it("reads an image at any position of a longer array", () => {
    const table = new TablePicture({ ...layout, nRows: 1, nColumns: 1, panels: [0] }, channels);
    table.place(0, 0, [9, 9, 100, 50, 0, 0], 2);
    expect([...table.picture.data]).toEqual([255, 0, 0, 128, 0, 0]);
  });
  it("gives each of many stains less light, so that together they do not turn white", () => {
    const four = ["#ff0000", "#00ff00", "#0000ff", "#ffffff"].map((colour) => ({ colour, low: 0, high: 100 }));
    const one = { nRows: 1, nColumns: 1, heightPx: 1, widthPx: 1 };
    const table = new TablePicture({ ...one, panels: ["composite", 0] }, four);
    table.place(0, 0, [100, 0, 50, 0]);
    expect([...table.picture.data.subarray(0, 3)]).toEqual([128, 0, 64]);
    expect([...table.picture.data.subarray(-3)]).toEqual([255, 0, 0]); // alone it has all of its light
  });
  it("refuses pictures beyond what PNG readers take", async () => {
    const large = { ...layout, nRows: 300, nColumns: 300, heightPx: 64, widthPx: 64 };
    const message = await messageOf("picture-too-large", () => new TablePicture(large, channels));
    expect(message).toMatch(/would be \d+ × \d+ px[\s\S]*--each/);
  });
});

describe("numbers in the margins", () => {
  const picture = { data: new Uint8Array(3 * 20 * 20).fill(9), widthPx: 20, heightPx: 20 };
  it("stand beside rows and above columns, and leave the picture as it is, enlarged", () => {
    const { data, widthPx, heightPx } = withMargins(picture, 3, {
      rows: [{ text: "0.5", at: 0, roomPx: 20 }],
      columns: [{ text: "1", at: 10, roomPx: 10 }],
    });
    const [x0, y0] = [widthPx - 60, heightPx - 60];
    expect(x0).toBeGreaterThan(30);
    expect(y0).toBeGreaterThan(14);
    const values = new Map<string, Set<number>>();
    for (let p = 0; p < widthPx * heightPx; p++) {
      const part = p % widthPx < x0 ? "rows" : Math.floor(p / widthPx) < y0 ? "columns" : "picture";
      values.set(part, (values.get(part) ?? new Set()).add(data[p * 3]!));
    }
    expect(values.get("picture")).toEqual(new Set([9]));
    expect(values.get("rows")).toEqual(new Set([0, 190]));
    expect(values.get("columns")).toEqual(new Set([0, 190]));
  });
  it("take no room where there are none, and shrink or vanish where they do not fit", () => {
    const bare = withMargins(picture, 1, { rows: [], columns: [{ text: "", at: 0, roomPx: 20 }] });
    expect([bare.widthPx, bare.heightPx]).toEqual([20, 20]);
    const lit = (text: string) => {
      const { data } = withMargins(picture, 1, { rows: [], columns: [{ text, at: 0, roomPx: 20 }] });
      return data.filter((value) => value === 190).length / 3;
    };
    expect(lit("111")).toBe(lit("1") * (3 / 4)); // dots of 1 px instead of 2
    expect(lit("11111")).toBe(0);
  });
});

describe("files", () => {
  it("keep grey levels of 8 and 16 bits without loss", async () => {
    for (const levels of [Uint8Array.of(0, 1, 254, 255), Uint16Array.of(0, 257, 4096, 65535)]) {
      const png = sharp(await encodeGrey(levels, 2, 2));
      const { channels, depth } = await png.metadata();
      expect([channels, depth]).toEqual([1, levels instanceof Uint8Array ? "uchar" : "ushort"]);
      const isByte = levels instanceof Uint8Array;
      const raw = await png
        .toColourspace(isByte ? "b-w" : "grey16")
        .raw({ depth: isByte ? "uchar" : "ushort" })
        .toBuffer();
      const read = levels instanceof Uint8Array ? new Uint8Array(raw) : new Uint16Array(new Uint8Array(raw).buffer);
      expect([...read]).toEqual([...levels]);
    }
  });
  it("show a composite pixel for pixel and a table enlarged, with its numbers", async () => {
    const picture = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), widthPx: 2, heightPx: 1 };
    expect([
      ...(await sharp(await encodeComposite(picture))
        .raw()
        .toBuffer()),
    ]).toEqual([1, 2, 3, 4, 5, 6]);
    const layout = { nRows: 1, nColumns: 1, heightPx: 16, widthPx: 16, panels: ["composite"] as const };
    const table = new TablePicture(layout, [{ colour: "#ff0000", low: 0, high: 1 }]);
    const { width, height } = await sharp(await encodeTable(table, { rowNames: [], columnNames: ["7"] })).metadata();
    expect([width, height]).toEqual([112, 112 + 22]);
  });
});

it("errors of generation say what, why and how to mend it", () => {
  expect(badLayers("9", 6).message).toMatch(/no layers '9'[\s\S]*0 \(coarsest\) to 5[\s\S]*0-3, or coarse/);
  expect(pictureTooLarge(1, 2).message).toMatch(/1 × 2 px\.[\s\S]*memory end[\s\S]*--each/);
});
