import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { type MetadataValue, type ProfileTable, profileTable, selectRows } from "../profiles/profile-table.ts";
import { cellTypeTask } from "./cell-type.ts";
import { compareEmbeddings } from "./compare.ts";
import { conditionTask } from "./condition.ts";
import { doseResponseTask } from "./dose-response.ts";
import { plantedScreen } from "./planted-screen.fixture.ts";

function screen(effects: {
  plate?: number;
  cell?: number;
  treatment?: number;
  cellByPlate?: boolean;
  seed?: number;
}): ProfileTable {
  const random = new SeededRandom(effects.seed ?? 5);
  const f = 10;
  const direction = (n: number) => Array.from({ length: n }, () => Array.from({ length: f }, () => random.normal()));
  const [plates, cells, treatments] = [direction(8), direction(3), direction(6)];
  const names = ["site_id", "plate_id", "well_id", "experiment", "cell_type", "treatment", "moa", "row", "column"];
  const metadata = new Map<string, MetadataValue[]>(names.map((name) => [name, []]));
  const features: number[] = [];
  for (let i = 0; i < 192; i++) {
    const [plate, well] = [Math.floor(i / 24), Math.floor((i % 24) / 2)];
    const cell = effects.cellByPlate ? plate % 2 : well % 3;
    const treatment = well % 6;
    for (let j = 0; j < f; j++) {
      const shift =
        (effects.plate ?? 0) * plates[plate]![j]! +
        (effects.cell ?? 0) * cells[cell]![j]! +
        (effects.treatment ?? 0) * treatments[treatment]![j]!;
      features.push(shift + random.normal());
    }
    const row = [
      `s${i}`,
      `p${plate}`,
      `p${plate}w${well}`,
      `e${plate >> 1}`,
      `cell${cell}`,
      `t${treatment}`,
      `moa${treatment >> 1}`,
      (well * 5 + plate) % 12,
      (well * 7) % 5,
    ];
    names.forEach((name, k) => {
      metadata.get(name)!.push(row[k]!);
    });
  }
  return profileTable({
    features: Float32Array.from(features),
    featureNames: Array.from({ length: f }, (_, j) => `feature_${j}`),
    metadata,
  });
}

describe("compare", () => {
  const params = { negative: { cell_type: ["cell0"] }, positive: { cell_type: ["cell1"] }, nResamples: 20, splits: [] };
  const options = { seed: 1, nResamples: 200 };

  it("finds the embedding that sees less worse in pairs, and one with itself exactly equal", () => {
    const [clear, dim] = [screen({ cell: 1.5 }), screen({ cell: 0.3, seed: 6 })];
    const { rows, runs } = compareEmbeddings(
      [
        { name: "clear", table: clear },
        { name: "dim", table: dim },
        { name: "again", table: clear },
      ],
      [
        { task: conditionTask, params },
        { task: cellTypeTask, params: { nResamples: 20, splits: ["leave-plate-out"] } },
      ],
      options,
    );
    expect(runs).toHaveLength(6);
    const auc = rows.filter((row) => row.metric === "AUC");
    expect(auc.map((row) => row.embedding)).toEqual(["clear", "dim", "again"]);
    expect(auc[0]).toMatchObject({ difference: null, differenceCi95: null, nUnits: 64 });
    expect(auc[1]!.differenceCi95![1]).toBeLessThan(0);
    expect(auc[2]).toMatchObject({ difference: 0, differenceCi95: [0, 0] });
  });

  it("keeps to the rows that all have, and says how many it left out; refuses what cannot be paired", () => {
    const table = screen({ cell: 2 });
    const part = selectRows(table, Array.from({ length: 180 }, (_, i) => i + 12).reverse());
    const asked = [{ task: conditionTask, params }];
    const { notes, rows } = compareEmbeddings(
      [
        { name: "all", table },
        { name: "part", table: part },
      ],
      asked,
      options,
    );
    expect(notes).toEqual(["12 rows of all are not in every other embedding and were left out."]);
    expect(rows.find((row) => row.embedding === "part")!.difference).toBeCloseTo(0, 9);
    const renamed = {
      ...part,
      metadata: new Map(part.metadata).set(
        "site_id",
        part.metadata.get("site_id")!.map((s) => `other ${s}`),
      ),
    };
    expect(() =>
      compareEmbeddings(
        [
          { name: "a", table },
          { name: "b", table: renamed },
        ],
        asked,
        options,
      ),
    ).toThrow(/a and b do not score the same wells/);
    expect(() =>
      compareEmbeddings([{ name: "a", table: plantedScreen() }], [{ task: doseResponseTask, params: {} }], options),
    ).toThrow(/"dose-response" has no figure that can be compared in pairs/);
  });

  it("refuses tables without names of rows that score other wells", () => {
    const bare = (wells: string) => {
      const table = screen({ cell: 2 });
      const metadata = new Map(table.metadata).set(
        "well_id",
        table.metadata.get("well_id")!.map((w) => `${wells}${w}`),
      );
      metadata.delete("site_id");
      return { ...table, metadata };
    };
    const asked = [{ task: conditionTask, params }];
    expect(() =>
      compareEmbeddings(
        [
          { name: "a", table: bare("x") },
          { name: "b", table: bare("y") },
        ],
        asked,
        options,
      ),
    ).toThrow(/do not score the same wells/);
    expect(
      compareEmbeddings(
        [
          { name: "a", table: bare("x") },
          { name: "b", table: bare("x") },
        ],
        asked,
        options,
      ).notes[0],
    ).toMatch(/no name that all/);
  });
});
