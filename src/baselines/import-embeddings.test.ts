import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Dataset, openDataset, readFeatureTable, writeParquet } from "../data/index.ts";
import { drawnDataset, messageOf, ran, temporaryFolder } from "./baselines.fixture.ts";
import { EMBEDDING_LAYOUTS, importBaseline } from "./import-embeddings.ts";

const folder = temporaryFolder();
let dataset: Dataset;
let ids: string[];
beforeAll(async () => {
  dataset = await openDataset(await drawnDataset(folder, { sitesPerWell: 2 }));
  ids = dataset.sites.map(({ site_id }) => site_id);
  return () => dataset.close();
});

/** A table of `width` features beside a key; feature j of row i is 100 i + j. */
function csv(name: string, keys: readonly string[], width: number, key = "site_id", feature = "feature_"): string {
  const head = [key, ...Array.from({ length: width }, (_, j) => `${feature}${j}`)];
  const rows = keys.map((id, i) => [id, ...Array.from({ length: width }, (_, j) => 100 * i + j)]);
  const file = join(folder, name);
  writeFileSync(file, [head, ...rows].map((row) => `${row.join(",")}\n`).join(""));
  return file;
}
const imported = (params: object, name = "out") =>
  ran(importBaseline, { dataset, out: join(folder, name), params: { ...params } });

describe("import", () => {
  it("joins rows by site_id in the data set's order and counts what either side lacks", async () => {
    const file = csv("part.csv", [ids[5]!, "SYN-1_9_ZZ99_1", ids[0]!, ids[2]!], 3);
    const { files, events } = await imported({ file });
    const table = await readFeatureTable(join(folder, "out.parquet"));
    expect(table.metadata.get("site_id")).toEqual([ids[0], ids[2], ids[5]]);
    expect(table.metadata.get("condition")).toEqual([0, 2, 5].map((i) => dataset.sites[i]!.condition));
    expect([...table.features]).toEqual([200, 201, 202, 300, 301, 302, 0, 1, 2]);
    expect(files.record.provenance).toMatchObject({ nRows: 3, nLackingRow: 5, nIncomplete: 0, nUnused: 1 });
    expect(events).toContainEqual({
      kind: "note",
      text: expect.stringMatching(/^5 of 8 sites .* no row in .*part\.csv/),
    });
  });

  it("leaves out rows with empty values, and says how many", async () => {
    const file = join(folder, "holes.csv");
    writeFileSync(file, `site_id,feature_0,feature_1\n${ids[0]},1,2\n${ids[1]},3,\n`);
    const { files } = await imported({ file });
    expect(files.record.provenance).toMatchObject({ nRows: 1, nLackingRow: 6, nIncomplete: 1 });
  });

  it("reads each published layout, telling how sure its columns are", async () => {
    for (const [format, { nFeatures, key, encoder, source }] of Object.entries(EMBEDDING_LAYOUTS)) {
      const keys = key === "site_id" ? ids : [...new Set(dataset.sites.map(({ well_id }) => well_id))];
      const { files } = await imported({ file: csv(`${format}.csv`, keys, nFeatures ?? 4, key), format });
      expect(files.embedding?.header).toMatchObject({ encoder, nRows: keys.length, nFeatures: nFeatures ?? 4 });
      expect(files.record.provenance).toMatchObject({ format, columns: source, nLackingRow: 0, nUnused: 0 });
    }
  });

  it("gives a well its one row under its first site, from Parquet with columns of any name, which are kept in the header", async () => {
    const wells = [...new Set(dataset.sites.map(({ well_id }) => well_id))];
    const file = join(folder, "openphenom.parquet");
    const matrixColumns = Array.from({ length: 384 }, (_, j) => `emb ${j}`);
    const schema = { columns: [{ name: "well_id", type: "text" }], matrixColumns } as const;
    const matrix = Float32Array.from({ length: 384 * wells.length }, (_, i) => i);
    await writeParquet(file, schema, { nRows: wells.length, columns: [wells], matrix });
    const { files } = await imported({ file, format: "openphenom" });
    const table = await readFeatureTable(join(folder, "out.parquet"));
    expect(table.metadata.get("site_id")).toEqual(ids.filter((_, i) => i % 2 === 0));
    expect(table.featureNames[383]).toBe("feature_383");
    expect(table.features).toEqual(matrix);
    expect(files.record.provenance.featureColumns).toEqual(matrixColumns);
  });

  it("refuses tables that are not what they should be, naming file, column and row", async () => {
    expect(await messageOf(imported({}))).toMatch(/no parameters of import.*\n.*name the table with --set file=/);
    const wrong = (params: object) => messageOf(imported(params));
    const named = csv("named.csv", ids, 3, "Metadata_Site");
    expect(await wrong({ file: named })).toMatch(
      /named\.csv has no column site_id.*\n.*Metadata_Site, feature_0.*\n\s+fix: choose the layout/,
    );
    const other = csv("other.csv", ids, 20, "site_id", "dim");
    expect(await wrong({ file: other })).toMatch(
      /no feature columns.*\n.*site_id, dim0, .* and 9 more.*\n\s+fix: choose the layout/,
    );
    const short = csv("short.csv", ids, 5);
    expect(await wrong({ file: short, format: "recursion-rxrx19a" })).toMatch(
      /short\.csv has 5 feature columns; recursion-rxrx19a has 1024.*\n.*\n\s+fix: get the whole/,
    );
    const twice = csv("twice.csv", [ids[0]!, ids[1]!, ids[0]!], 2);
    expect(await wrong({ file: twice })).toMatch(
      new RegExp(`site_id ${ids[0]} twice, in rows 1 and 3.*\\n.*\\n\\s+fix: keep one`),
    );
    const foreign = csv("foreign.csv", ["HRCE-1_1_AA02_1"], 2);
    expect(await wrong({ file: foreign })).toMatch(
      new RegExp(
        `no site_id in common.*\\n.*'HRCE-1_1_AA02_1', the data set's '${ids[0]}'.*\\n\\s+fix: use the embedding of this`,
      ),
    );
  });

  it("keeps letters' case: ids that differ by it alone are not joined", async () => {
    const file = csv(
      "case.csv",
      ids.map((id) => id.toLowerCase()),
      2,
    );
    expect(await messageOf(imported({ file }))).toContain("no site_id in common");
  });
});
