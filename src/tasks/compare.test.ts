import { describe, expect, it } from "vitest";
import { selectRows } from "../profiles/profile-table.ts";
import { cellTypeTask } from "./cell-type.ts";
import { screen } from "./classed-screen.fixture.ts";
import { compareEmbeddings } from "./compare.ts";
import { conditionTask } from "./condition.ts";
import { doseResponseTask } from "./dose-response.ts";
import { plantedScreen } from "./planted-screen.fixture.ts";
import { plateIdentityTask } from "./plate-identity.ts";

describe("compare", () => {
  const params = { negative: { cell_type: ["cell0"] }, positive: { cell_type: ["cell1"] }, nResamples: 20, splits: [] };
  const options = { seed: 1, nResamples: 200 };

  it("finds the embedding that sees less worse in pairs, and one with itself exactly equal", () => {
    const [clear, dim] = [screen({ cell: 0.6 }), screen({ cell: 0.1, seed: 6 })];
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

  it("compares how well plates are named, where lower is better", () => {
    const clear = screen({ cell: 1.5 });
    const blind = { ...clear, features: new Float32Array(clear.features.length) };
    const embeddings = [clear, blind, clear].map((table, i) => ({ name: String(i), table }));
    const asked = [{ task: plateIdentityTask, params: { nResamples: 20 } }];
    const { rows, runs } = compareEmbeddings(embeddings, asked, options);
    const nPlates = new Set(clear.metadata.get("plate_id")).size;
    expect(rows.map(({ metric, chance }) => [metric, chance])).toEqual(
      [0, 1, 2].map(() => ["balanced accuracy", 1 / nPlates]),
    );
    // Who sees nothing names one plate for all.
    expect(rows[1]!.value).toBeCloseTo(1 / nPlates, 9);
    expect(rows[1]!.difference).toBeCloseTo(1 / nPlates - rows[0]!.value, 9);
    expect(rows[2]).toMatchObject({ difference: 0, differenceCi95: [0, 0] });
    expect(runs[0]!.results[0]).toMatchObject({ metric: "balanced accuracy", value: rows[0]!.value });
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
