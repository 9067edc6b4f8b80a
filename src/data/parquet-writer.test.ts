import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listing, messageOf, temporaryFolder } from "./files.fixture.ts";
import { ParquetWriter, writeParquet } from "./parquet-writer.ts";
import { readFeatureTable, readTable } from "./table-files.ts";

const folder = temporaryFolder();
const path = join(folder, "a.parquet");
const schema = {
  columns: [
    { name: "site_id", type: "text" },
    { name: "row", type: "int" },
    { name: "dose_um", type: "double" },
  ],
  matrixColumns: ["feature_0", "feature_1"],
} as const;

describe("writeParquet", () => {
  it("comes back as it was written: text, integers, doubles, nulls and every bit of the floats", async () => {
    const text = fc.option(fc.string({ unit: "grapheme", maxLength: 20 }));
    const row = fc.tuple(text, fc.option(fc.integer()), fc.option(fc.double({ noNaN: true })), fc.float(), fc.float());
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (rows) => {
        const column = (k: 0 | 1 | 2) => rows.map((r) => r[k]);
        const matrix = Float32Array.from(rows.flatMap((r) => [r[3], r[4]]));
        await writeParquet(path, schema, { nRows: rows.length, columns: [column(0), column(1), column(2)], matrix });
        const back = await readFeatureTable(path);
        expect(back.nRows).toBe(rows.length);
        expect(back.metadata.get("site_id")).toEqual(column(0));
        expect(back.metadata.get("row")).toEqual(column(1));
        expect(back.metadata.get("dose_um")).toEqual(column(2));
        expect(back.features).toEqual(matrix);
      }),
      { numRuns: 20 },
    );
  });

  it("keeps the order of rows over many chunks, appended in uneven pieces", async () => {
    const writer = await ParquetWriter.create(path, schema);
    let next = 0;
    for (const n of [1, 5000, 2048, 0, 3000]) {
      const ids = Array.from({ length: n }, (_, i) => next + i);
      const matrix = Float32Array.from(ids.flatMap((i) => [i, -i]));
      await writer.append({ nRows: n, columns: [ids.map((i) => `s${i}`), ids, ids.map((i) => i / 2)], matrix });
      next += n;
    }
    await writer.close();
    const back = await readFeatureTable(path);
    expect(back.nRows).toBe(10049);
    expect(back.metadata.get("site_id")?.every((id, i) => id === `s${i}`)).toBe(true);
    expect(back.features.every((v, i) => v === (i % 2 === 0 ? i / 2 : -(i - 1) / 2))).toBe(true);
  });

  it("joins the parts of a large table in order, and removes them", async () => {
    const names = Array.from({ length: 30 }, (_, i) => `feature_${i}`);
    const columns = [{ name: "id", type: "int" }] as const;
    const writer = await ParquetWriter.create(path, { columns, matrixColumns: names }, 2048);
    for (let start = 0; start < 9000; start += 1000) {
      const ids = Array.from({ length: 1000 }, (_, i) => start + i);
      const matrix = Float32Array.from({ length: 1000 * names.length }, (_, i) => (start * names.length + i) % 100_003);
      await writer.append({ nRows: 1000, columns: [ids], matrix });
    }
    expect(listing(folder).length).toBe(5); // four parts wait beside it
    await writer.close();
    expect(listing(folder)).toEqual(["a.parquet"]);
    const back = await readFeatureTable(path);
    expect(back.metadata.get("id")?.every((id, i) => id === i)).toBe(true);
    expect(back.features.every((v, i) => v === i % 100_003)).toBe(true);
  });

  it("writes metadata without a matrix, and names with quotes and spaces", async () => {
    const odd = { columns: [{ name: 'it\'s "odd"', type: "text" }] } as const;
    await writeParquet(path, odd, { nRows: 2, columns: [["a", "b"]] });
    expect((await readTable(path)).columns.get('it\'s "odd"')).toEqual(["a", "b"]);
  });

  it("leaves only the finished file; what was there before stays until then", async () => {
    writeFileSync(path, "before");
    const writer = await ParquetWriter.create(path, schema);
    await writer.append({ nRows: 1, columns: [["a"], [1], [2]], matrix: Float32Array.of(1, 2) });
    await writer.discard();
    expect(listing(folder)).toEqual(["a.parquet"]);
    expect(readFileSync(path, "utf8")).toBe("before");
    await writeParquet(path, schema, { nRows: 1, columns: [["a"], [1], [2]], matrix: Float32Array.of(1, 2) });
    expect(listing(folder)).toEqual(["a.parquet"]);
    expect((await readTable(path)).nRows).toBe(1);
  });

  it("says so when it cannot write", async () => {
    const nowhere = join(folder, "none", "a.parquet");
    const message = await messageOf("cannot-write", () =>
      writeParquet(nowhere, schema, { nRows: 0, columns: [[], [], []] }),
    );
    expect(message).toMatch(/none\/a\.parquet cannot be written/);
    expect(existsSync(join(folder, "none"))).toBe(false);
  });

  it("refuses rows that do not fit the schema, and leaves nothing behind", async () => {
    const short = { nRows: 2, columns: [["a"], [1, 2], [1, 2]], matrix: new Float32Array(4) };
    await expect(writeParquet(path, schema, short)).rejects.toThrow("internal: column site_id is not 2 long");
    const noMatrix = { nRows: 1, columns: [["a"], [1], [2]] };
    await expect(writeParquet(path, schema, noMatrix)).rejects.toThrow("internal: the matrix has not 2 values");
    expect(listing(folder)).toEqual(["a.parquet"]);
  });
});
