import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { decisionValues, fitLinearSvm } from "../math/linear-svm.ts";
import { rocAuc } from "../math/roc.ts";
import { mean, standardDeviation } from "../math/statistics.ts";
import { aggregate } from "./aggregate.ts";
import { fromColumns } from "./from-columns.ts";
import type { MetadataValue } from "./lineage.ts";
import { column, type ProfileTable, profileTable, rowsWhere, selectRows, textColumn } from "./profile-table.ts";
import { applyStandardise, fitStandardise } from "./standardise.ts";

const columns = (entries: Record<string, MetadataValue[]>) => new Map(Object.entries(entries));
const small = () =>
  fromColumns(
    columns({
      well_id: ["A", "A", "B", "C"],
      site: ["1", "2", "1", "1"],
      dose_um: [0.1, 0.1, null, 1],
      feature_0: [1, 3, 5, 7],
      feature_1: [0, 0, 2, 4],
    }),
  );
const feature = (table: ProfileTable, j: number, rows?: number[]) =>
  (rows ?? Array.from({ length: table.nRows }, (_, i) => i)).map((i) => table.features[i * table.nFeatures + j]!);

describe("a profile table", () => {
  it("splits features from metadata by name, text numbers included", () => {
    const table = fromColumns(columns({ feature_1: ["1e-3", "2"], plate: ["007", "8"], feature_10: [3, 4] }));
    expect(table.featureNames).toEqual(["feature_1", "feature_10"]);
    expect([...table.features]).toEqual([Math.fround(1e-3), 3, 2, 4]);
    expect(column(table, "plate")).toEqual(["007", "8"]);
  });

  it("takes other names as features when told", () => {
    const table = fromColumns(columns({ Cells_Area: [1, 2], Metadata_Well: ["A", "B"] }), {
      isFeature: (name) => !name.startsWith("Metadata_"),
    });
    expect(table.featureNames).toEqual(["Cells_Area"]);
  });

  it("selects rows in the order asked for, metadata beside features", () => {
    const some = selectRows(small(), [3, 0, 0]);
    expect(textColumn(some, "well_id")).toEqual(["C", "A", "A"]);
    expect(feature(some, 0)).toEqual([7, 1, 1]);
  });

  it("finds rows by value; columns are joined by and, null stands for empty, and text matches its number", () => {
    const table = small();
    expect(rowsWhere(table, { well_id: ["A", "C"], site: [1] })).toEqual([0, 3]);
    expect(rowsWhere(table, { dose_um: [null] })).toEqual([2]);
    expect(rowsWhere(table, { dose_um: ["0.1", 1] })).toEqual([0, 1, 3]);
    expect(rowsWhere(table, {})).toHaveLength(4);
  });

  it.each([
    [
      "a short matrix",
      () => profileTable({ nRows: 2, features: new Float32Array(3), featureNames: ["a", "b"], metadata: new Map() }),
      /feature matrix has 3 values.*needs 4/,
    ],
    [
      "a short column",
      () => profileTable({ features: new Float32Array(2), featureNames: ["a"], metadata: columns({ w: ["x"] }) }),
      /column "w" has 1 values.*needs 2/,
    ],
    [
      "a NaN",
      () => fromColumns(columns({ feature_0: [1, 2], feature_1: [3, null] })),
      /1 feature values are not finite numbers; the first is feature_1 in row 1/,
    ],
    ["no features", () => fromColumns(columns({ well: ["A"] })), /no feature columns.*\n.*this one has well/],
    ["an unknown column", () => column(small(), "Plate"), /no metadata column "Plate".*\n.*well_id, site, dose_um/],
  ])("refuses %s", (_, act, message) => {
    expect(act).toThrow(message);
  });
});

describe("aggregate", () => {
  it("takes the mean or the median of a well's sites and keeps what is constant in each", () => {
    const wells = aggregate(small());
    expect(feature(wells, 0)).toEqual([2, 5, 7]);
    expect([...wells.metadata.keys()]).toEqual(["well_id", "dose_um", "n_aggregated"]);
    expect(column(wells, "n_aggregated")).toEqual([2, 1, 1]);
    const three = fromColumns(columns({ plate_id: ["p", "p", "p"], feature_0: [1, 2, 30] }));
    expect(feature(aggregate(three, { by: "plate_id", method: "median" }), 0)).toEqual([2]);
  });
});

describe("standardise", () => {
  it("gives the reference rows mean 0 and sd 1 in each group, whatever the other rows are", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 3, max: 9 }),
        fc.integer({ min: 1, max: 4 }),
        (seed, perPlate, nPlates) => {
          const random = new SeededRandom(seed);
          const n = 2 * perPlate * nPlates;
          const plate = Array.from({ length: n }, (_, i) => `p${i % nPlates}`);
          const level = plate.map((p) => 1000 * Number(p.slice(1)) + random.normal() * 3);
          const table = fromColumns(columns({ plate_id: plate, feature_0: level }));
          const reference = Array.from({ length: n / 2 }, (_, i) => i);
          const out = applyStandardise(table, fitStandardise(table, { rows: reference, by: "plate_id" }));
          for (let p = 0; p < nPlates; p++) {
            const x = feature(
              out,
              0,
              reference.filter((i) => plate[i] === `p${p}`),
            );
            expect(mean(x)).toBeCloseTo(0, 4);
            expect(standardDeviation(x)).toBeCloseTo(1, 4);
          }
        },
      ),
    );
  });

  it("makes a feature that does not vary over the reference 0 instead of infinite", () => {
    const table = fromColumns(columns({ feature_0: [0.1, 0.1, 0.1, 5] }));
    expect(feature(applyStandardise(table, fitStandardise(table, { rows: [0, 1, 2] })), 0)).toEqual([0, 0, 0, 0]);
  });

  it("takes a planted plate effect away and leaves the planted class effect", () => {
    const random = new SeededRandom(5);
    const n = 400;
    const plate = Array.from({ length: n }, (_, i) => i % 4);
    const positive = Array.from({ length: n }, (_, i) => i % 3 === 0);
    const features = Float32Array.from({ length: n * 5 }, (_, k) => {
      const i = Math.floor(k / 5);
      return (
        random.normal() * (1 + plate[i]!) + 10 * plate[i]! + (positive[i] && k % 5 < 2 ? 1.5 * (1 + plate[i]!) : 0)
      );
    });
    const table = profileTable({
      features,
      featureNames: ["a", "b", "c", "d", "e"],
      metadata: columns({ plate_id: plate.map(String) }),
    });
    const flat = applyStandardise(table, fitStandardise(table, { by: "plate_id" }));
    const auc = (t: ProfileTable, label: boolean[]) => {
      const svm = fitLinearSvm({ features: t.features, nRows: n, nFeatures: 5, positive: label }, { c: 1 });
      return rocAuc(decisionValues(svm, t.features), label);
    };
    const isLastPlate = plate.map((p) => p === 3);
    expect(auc(table, isLastPlate)).toBeGreaterThan(0.95);
    expect(auc(flat, isLastPlate)).toBeLessThan(0.6);
    expect(auc(flat, positive)).toBeGreaterThan(0.9);
  });

  it.each([
    ["no reference", () => fitStandardise(small(), { rows: [] }), /no reference rows to standardise on/],
    [
      "one reference row of a group",
      () => fitStandardise(small(), { by: "well_id" }),
      /"B" has fewer than two reference rows/,
    ],
    [
      "a group it never saw",
      () => {
        const table = small();
        return applyStandardise(table, fitStandardise(selectRows(table, [0, 1]), { by: "well_id" }));
      },
      /rows of well_id "B" cannot be standardised/,
    ],
  ])("refuses %s", (_, act, message) => {
    expect(act).toThrow(message);
  });
});
