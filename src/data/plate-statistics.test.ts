import { join } from "node:path";
import { expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { png } from "./files.fixture.ts";
import { imported, place } from "./import.fixture.ts";
import { readTable, type Table } from "./table-files.ts";

const [H, W, N] = [7, 9, 5];

/** Rows of a table as records. */
const rowsOf = (table: Table) =>
  Array.from({ length: table.nRows }, (_, i) =>
    Object.fromEntries([...table.columns].map(([name, cells]) => [name, cells[i] ?? null])),
  );

/** NumPy's default percentile, from the sorted pixels themselves. */
function percentile(sorted: readonly number[], percent: number): number {
  const rank = (percent / 100) * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(rank)]!, sorted[Math.ceil(rank)]!];
  return low + (rank - Math.floor(rank)) * (high - low);
}

/** 1 − γ(4)/γ(1) along rows, written out. */
function focusOf(plane: ArrayLike<number>): number {
  const mean = Array.from(plane).reduce((a, b) => a + b, 0) / plane.length;
  const covariance = (lag: number) => {
    const products: number[] = [];
    for (let y = 0; y < H; y++)
      for (let x = 0; x + lag < W; x++) products.push((plane[y * W + x]! - mean) * (plane[y * W + x + lag]! - mean));
    return products.reduce((a, b) => a + b, 0) / products.length;
  };
  const near = covariance(1);
  return near > 0 ? Math.max(0, 1 - covariance(4) / near) : 0;
}

for (const bits of [8, 16] as const)
  it(`plates.parquet and measures.parquet equal a computation over every pixel: ${bits} bits`, async () => {
    const random = new SeededRandom(bits);
    const plane = () => {
      const values = Array.from(
        { length: H * W },
        () => random.integer(bits === 8 ? 60 : 9000) * (random.integer(3) + 1),
      );
      const smooth = values.map((v, i) => Math.round((v + (values[i - 1] ?? v)) / 2)); // neighbours share something
      return bits === 8 ? Uint8Array.from(smooth) : Uint16Array.from(smooth);
    };
    const plates = ["P1", "P2"];
    const images = new Map<string, Uint8Array | Uint16Array>(
      plates.flatMap((p) =>
        Array.from({ length: N }, (_, i) => [1, 2].map((c) => [`${p}_A${i}_${c}`, plane()] as const)).flat(),
      ),
    );
    const rows = plates.flatMap((p) => Array.from({ length: N }, (_, i) => `${p},A${i}`));
    const { source, out } = place({
      "metadata.csv": `plate,well\n${rows.join("\n")}\n`,
      ...Object.fromEntries([...images].map(([name, pixels]) => [`${name}.png`, png("gray", H, W, pixels)])),
    });
    const channels = ["DNA", "ER"];
    const table = { images: "{plate}_{well}_{channel}.png", channels: channels.map((name) => ({ name })) };
    await imported({ source, out, table });

    const told = rowsOf(await readTable(join(out, "plates.parquet")));
    expect(told.map((row) => [row.plate_id, row.channel])).toEqual(
      plates.flatMap((p) => channels.map((c) => [expect.stringContaining(p), c])),
    );
    for (const [i, row] of told.entries()) {
      const [plate, channel] = [plates[i >> 1]!, (i & 1) + 1];
      const members = [...images].filter(([name]) => name.startsWith(plate) && name.endsWith(`_${channel}`));
      const pixels = members.flatMap(([, values]) => [...values]).sort((a, b) => a - b);
      const mean = pixels.reduce((a, b) => a + b, 0) / pixels.length;
      expect(row).toMatchObject({ n_images: N, n_pixels: N * H * W, min: pixels[0], max: pixels.at(-1) });
      expect(row.mean).toBeCloseTo(mean, 9);
      expect(row.sd).toBeCloseTo(Math.sqrt(pixels.reduce((a, v) => a + (v - mean) ** 2, 0) / pixels.length), 9);
      for (const p of [0.5, 1, 5, 25, 50, 75, 95, 99, 99.5])
        expect(row[`p${String(p).replace(".", "_")}`]).toBeCloseTo(percentile(pixels, p), 9);
      const all = [...images].filter(([name]) => name.endsWith(`_${channel}`)).flatMap(([, values]) => [...values]);
      const top = Math.max(...all);
      expect(row.saturated_share).toBeCloseTo(pixels.filter((v) => v === top).length / pixels.length, 12);
      expect(row.median_focus).toBeCloseTo(members.map(([, v]) => focusOf(v)).sort((a, b) => a - b)[2]!, 6);
    }

    const measures = rowsOf(await readTable(join(out, "measures.parquet")));
    expect(measures).toHaveLength(2 * N);
    for (const [i, row] of measures.entries()) {
      for (const [c, channel] of channels.entries()) {
        const values = [...images.get(`${rows[i]!.replace(",", "_")}_${c + 1}`)!];
        const mean = values.reduce((a, b) => a + b, 0) / values.length;
        expect(row[`mean_${channel}`]).toBeCloseTo(mean, bits === 8 ? 4 : 1);
        expect(row[`focus_${channel}`]).toBeCloseTo(focusOf(values), 5);
        expect(row[`max_${channel}`]).toBe(Math.max(...values));
      }
    }
  });
