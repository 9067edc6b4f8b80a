import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { scatterOf } from "../math/row-products.ts";
import { mean, robustSpread } from "../math/statistics.ts";
import { applyAffine } from "./affine.ts";
import { aggregate } from "./aggregate.ts";
import { fitCoral, fitTvn } from "./coral.ts";
import { fromColumns } from "./from-columns.ts";
import { applyHarmony, fitHarmony } from "./harmony.ts";
import { applyInverseNormal, fitInverseNormal } from "./inverse-normal.ts";
import type { MetadataValue } from "./lineage.ts";
import { leaksInto, learnedFromColumn, refuseLeaks } from "./lineage.ts";
import { fitPipeline, parseStep } from "./pipeline.ts";
import { type ProfileTable, profileTable, selectRows } from "./profile-table.ts";
import { applySelection, dropMissing, fitSelection } from "./select-features.ts";
import { fitSphere } from "./sphere.ts";
import { applyStandardise, fitStandardise } from "./standardise.ts";

/** Rows of correlated normals on two plates of different mean and covariance. */
function correlated(n: number, f: number, seed = 1): ProfileTable {
  const random = new SeededRandom(seed);
  const mix = Array.from({ length: 2 * f * f }, () => random.normal());
  const features = new Float32Array(n * f);
  const plate: MetadataValue[] = [];
  for (let i = 0; i < n; i++) {
    const p = i % 2;
    const z = Array.from({ length: f }, () => random.normal());
    for (let j = 0; j < f; j++) {
      features[i * f + j] = 3 * p + z.reduce((sum, v, k) => sum + v * mix[(p * f + j) * f + k]!, 0);
    }
    plate.push(`p${p}`);
  }
  const featureNames = Array.from({ length: f }, (_, j) => `feature_${j}`);
  return profileTable({ features, featureNames, metadata: new Map([["plate_id", plate]]) });
}

function covariance(table: ProfileTable, rows?: number[]): Float64Array {
  const { n, scatter } = scatterOf(table.features, table.nFeatures, rows);
  return scatter.map((v) => v / (n - 1));
}

function expectMultipleOfIdentity(matrix: Float64Array, f: number, factor: number, digits = 4): void {
  matrix.forEach((v, i) => {
    expect(v).toBeCloseTo(i % (f + 1) === 0 ? factor : 0, digits);
  });
}
const rowsOf = (table: ProfileTable, plate: string) =>
  table.metadata.get("plate_id")!.flatMap((p, i) => (p === plate ? [i] : []));

describe("whitening", () => {
  it.each(["PCA", "ZCA", "PCA-cor", "ZCA-cor"] as const)(
    "%s gives its reference the identity as covariance",
    (method) => {
      const table = correlated(60, 5);
      const reference = rowsOf(table, "p0");
      const white = applyAffine(table, fitSphere(table, { rows: reference, method }));
      expectMultipleOfIdentity(covariance(white, reference), 5, 1);
      expect(mean(reference.map((i) => white.features[i * 5]!))).toBeCloseTo(0, 5);
    },
  );

  it("ZCA of a diagonal covariance only scales: the answer by hand", () => {
    const table = fromColumns(
      new Map([
        ["feature_0", [3, -3, 3, -3]],
        ["feature_1", [1, 1, -1, -1]],
      ]),
    ); // variances 12 and 4/3
    const white = applyAffine(table, fitSphere(table, { method: "ZCA", epsilon: 0 }));
    expect(white.features[0]).toBeCloseTo(3 / Math.sqrt(12), 6);
    expect(white.features[1]).toBeCloseTo(1 / Math.sqrt(4 / 3), 6);
  });

  it("refuses more features than rows, unless it may shrink; a constant feature becomes 0", () => {
    const table = correlated(6, 8);
    expect(() => fitSphere(table)).toThrow(/6 reference rows cannot whiten 8 features[\s\S]*ledoit-wolf/);
    const white = applyAffine(table, fitSphere(table, { shrinkage: "ledoit-wolf" }));
    expect(white.features.every(Number.isFinite)).toBe(true);
    const constant = fromColumns(
      new Map([
        ["feature_0", [1, 2, 4]],
        ["feature_1", [7, 7, 7]],
      ]),
    );
    expect(applyAffine(constant, fitSphere(constant)).features[1]).toBe(0);
    expect(() => fitSphere(table, { rows: [] })).toThrow(/no reference rows/);
  });

  it("full shrinkage leaves directions as they are: one factor for all", () => {
    const table = correlated(50, 3);
    const { groups } = fitSphere(table, { method: "ZCA", shrinkage: 1 });
    expectMultipleOfIdentity(groups.get("")!.matrix, 3, groups.get("")!.matrix[0]!, 9);
  });
});

describe("TVN and CORAL", () => {
  it("TVN without the ridge gives every batch's controls the identity; with it, an identity batch scales by 1.5^(−½)", () => {
    const table = correlated(80, 4);
    const plain = applyAffine(table, fitTvn(table, { by: "plate_id", ridge: 0 }));
    for (const plate of ["p0", "p1"]) expectMultipleOfIdentity(covariance(plain, rowsOf(table, plate)), 4, 1, 3);
    const one = selectRows(table, rowsOf(table, "p0")); // a single batch has the identity after the scalings
    expectMultipleOfIdentity(covariance(applyAffine(one, fitTvn(one, { by: "plate_id" }))), 4, 1 / 1.5);
    const recoloured = applyAffine(one, fitTvn(one, { by: "plate_id", recolour: true }));
    expectMultipleOfIdentity(covariance(recoloured), 4, 1);
  });

  it("CORAL without the ridge gives every batch's reference one mean and one covariance, that of all", () => {
    const table = correlated(100, 3);
    const aligned = applyAffine(table, fitCoral(table, { by: "plate_id", ridge: 0 }));
    const [a, b] = ["p0", "p1"].map((plate) => scatterOf(aligned.features, 3, rowsOf(table, plate)));
    a!.mean.forEach((v, j) => {
      expect(v).toBeCloseTo(b!.mean[j]!, 4);
    });
    const pooled = ["p0", "p1"].map((plate) => covariance(table, rowsOf(table, plate)));
    covariance(aligned, rowsOf(table, "p1")).forEach((v, i) => {
      expect(v).toBeCloseTo((pooled[0]![i]! + pooled[1]![i]!) / 2, 3);
    });
  });

  it("refuses a table of other features, and a batch it never saw", () => {
    const table = correlated(40, 4);
    const fitted = fitTvn(table);
    expect(() => applyAffine(correlated(4, 3), fitted)).toThrow(/fitted on 4 features; the table has 3/);
    const byPlate = fitCoral(selectRows(table, rowsOf(table, "p0")), { by: "plate_id" });
    expect(() => applyAffine(table, byPlate)).toThrow(/rows of plate_id "p1" cannot be standardised/);
  });
});

describe("MAD, inverse normal and selection", () => {
  it("MAD gives the reference median 0 and robust spread 1, whatever its outliers", () => {
    const values = [1, 2, 3, 4, 5, 6, 1e6];
    const table = fromColumns(new Map([["feature_0", values]]));
    const out = [...applyStandardise(table, fitStandardise(table, { method: "mad" })).features];
    expect(out[3]).toBe(0);
    expect(robustSpread(out)).toBeCloseTo(1, 6);
    const iqr = [...applyStandardise(table, fitStandardise(table, { method: "robust" })).features];
    expect(iqr[4]).toBeCloseTo(1 / 3, 6);
  });

  it("the inverse normal keeps order, shares ties, and gives Blom's quantiles", () => {
    const table = fromColumns(new Map([["feature_0", [10, 20, 20, 1e9]]]));
    const fitted = fitInverseNormal(table);
    const [low, tie, tie2, high] = applyInverseNormal(table, fitted).features;
    expect(low).toBeCloseTo(-1.0491, 3); // Φ⁻¹(0.625 / 4.25), SciPy
    expect(tie).toBe(tie2);
    expect(tie).toBeCloseTo(0, 6);
    expect(high).toBeCloseTo(1.0491, 3);
    const unseen = fromColumns(new Map([["feature_0", [-5, 15, 2e9]]]));
    const [below, between, above] = applyInverseNormal(unseen, fitted).features;
    expect(below!).toBeLessThan(low!);
    expect(between! > low! && between! < tie!).toBe(true);
    expect(above!).toBeGreaterThan(high!);
  });

  it("drops what hardly varies and of two features that repeat each other the more redundant; refuses to drop all", () => {
    const x = Array.from({ length: 40 }, (_, i) => Math.sin(i));
    const table = fromColumns(
      new Map([
        ["feature_0", x],
        ["feature_1", x.map((v) => -2 * v)],
        ["feature_2", x.map(() => 4)],
        ["feature_3", x.map((_, i) => Math.cos(7 * i))],
      ]),
    );
    const selection = fitSelection(table);
    expect(selection.kept).toHaveLength(2);
    expect(selection.kept).toContain("feature_3");
    expect(selection.dropped.get("feature_2")).toBe("hardly varies");
    expect(applySelection(table, selection).nFeatures).toBe(2);
    const flat = fromColumns(new Map([["feature_0", [1, 1, 1]]]));
    expect(() => fitSelection(flat)).toThrow(/none of the 1 features passes/);
    expect(() => applySelection(flat, selection)).toThrow(/fitted on 2 features/);
  });

  it("drops features that are mostly missing, then rows that still miss something", () => {
    const features = Float32Array.of(1, Number.NaN, 3, 2, Number.NaN, 4, 3, 5, Number.NaN);
    const input = { features, featureNames: ["a", "b", "c"], metadata: new Map([["w", ["x", "y", "z"]]]) };
    const { table, droppedFeatures, nDroppedRows } = dropMissing(input, 0.4);
    expect([droppedFeatures, nDroppedRows, [...table.features]]).toEqual([["b"], 1, [1, 3, 2, 4]]);
    expect(table.metadata.get("w")).toEqual(["x", "y"]);
    expect(() => dropMissing({ ...input, features: features.fill(Number.NaN) })).toThrow(/none of the 3 features/);
  });

  it("modz gives an outlying replicate almost no weight, and two replicates their mean", () => {
    const wells = ["A", "A", "A", "B", "B"];
    const rows = [
      [1, 2, 3, 4],
      [1, 2.2, 3, 4],
      [9, 5, 0, -5],
      [1, 3, 5, 7],
      [3, 5, 7, 9],
    ];
    const table = fromColumns(
      new Map<string, MetadataValue[]>([
        ["well_id", wells],
        ...[0, 1, 2, 3].map((j) => [`feature_${j}`, rows.map((r) => r[j]!)] as const),
      ]),
    );
    const out = aggregate(table, { method: "modz" }).features;
    expect(out[0]).toBeGreaterThan(0.99);
    expect(out[0]).toBeLessThan(1.3);
    expect([...out.subarray(4)]).toEqual([2, 4, 6, 8]);
  });
});

describe("Harmony", () => {
  it("takes a plate shift off and leaves two groups of cells apart, for rows it did not learn from too", () => {
    const random = new SeededRandom(3);
    const n = 240;
    const plate = Array.from({ length: n }, (_, i) => `p${i % 2}`);
    const group = Array.from({ length: n }, (_, i) => (i % 4 < 2 ? 1 : -1));
    const f = 6;
    const features = Float32Array.from({ length: n * f }, (_, at) => {
      const [i, j] = [Math.floor(at / f), at % f];
      return random.normal() + (j < 2 ? 8 * group[i]! : 0) + (j === 3 && i % 2 === 1 ? 5 : 0);
    });
    const table = profileTable({
      features,
      featureNames: Array.from({ length: f }, (_, j) => `feature_${j}`),
      metadata: new Map([["plate_id", plate]]),
    });
    const learned = Array.from({ length: n / 2 }, (_, i) => i);
    const unseen = selectRows(
      table,
      Array.from({ length: n / 2 }, (_, i) => i + n / 2),
    );
    const out = applyHarmony(unseen, fitHarmony(table, { by: "plate_id", rows: learned }));
    const distance = (of: (i: number) => boolean) => {
      const centre = (on: boolean, j: number) =>
        mean(
          Array.from({ length: n / 2 }, (_, i) => i)
            .filter((i) => of(i + n / 2) === on)
            .map((i) => out.features[i * out.nFeatures + j]!),
        );
      return Math.hypot(...Array.from({ length: out.nFeatures }, (_, j) => centre(true, j) - centre(false, j)));
    };
    expect(distance((i) => i % 2 === 1)).toBeLessThan(1.5); // was 5
    expect(distance((i) => group[i] === 1)).toBeGreaterThan(20); // was 22.6
  });
});

describe("the leakage rule", () => {
  const table = () => correlated(20, 2);
  const all = Array.from({ length: 20 }, (_, i) => i);

  it("is broken by one fit over tested rows, and says so; fitting on others is in order and declared", () => {
    const scaled = applyStandardise(table(), fitStandardise(table()));
    expect(leaksInto(scaled, [0]).leaks).toEqual([]); // another table, as far as can be known
    const same = table();
    const leaky = applyStandardise(same, fitStandardise(same));
    expect(() => refuseLeaks(leaky, [3])).toThrow(
      /standardise learned from 20 rows, 1 of which are tested[\s\S]*fix: fit it on other rows/,
    );
    const fair = applyStandardise(same, fitStandardise(same, { rows: [0, 1, 2] }));
    expect(refuseLeaks(fair, [3, 4])).toEqual(["standardise learned from none of the tested rows"]);
  });

  it("allows each plate on all its rows, and refuses each plate on chosen rows that are tested", () => {
    const given = table();
    const whole = applyStandardise(given, fitStandardise(given, { by: "plate_id" }));
    expect(refuseLeaks(whole, all)).toEqual([
      "standardise by plate_id learned from all rows of each group, whatever their class",
    ]);
    const chosen = applyStandardise(given, fitStandardise(given, { by: "plate_id", rows: [0, 1, 2, 3, 4, 5] }));
    expect(() => refuseLeaks(chosen, all)).toThrow(/by plate_id learned from 6 chosen rows, 6 of which are tested/);
    expect(refuseLeaks(chosen, all.slice(6))).toHaveLength(1);
  });

  it("takes CORAL and Harmony by plate for what they are: fits of all plates together", () => {
    const given = table();
    for (const kind of ["coral", "harmony"] as const) {
      const aligned = fitPipeline(given, [{ kind, by: "plate_id" }]).table;
      expect(() => refuseLeaks(aligned, all)).toThrow(
        new RegExp(`${kind} learned from 20 rows, 20 of which are tested`),
      );
    }
  });

  it("follows rows through selecting, merging and files", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 19 }), { minLength: 2, maxLength: 10 }), (used) => {
        const given = table();
        const made = applyStandardise(given, fitStandardise(given, { rows: used }));
        const order = [...all].reverse();
        const turned = selectRows(made, order);
        order.forEach((row, i) => {
          expect(leaksInto(turned, [i]).leaks.length).toBe(used.includes(row) ? 1 : 0);
        });
        const metadata = new Map(turned.metadata).set("learned_from", learnedFromColumn(turned)!);
        const read = profileTable({ features: turned.features, featureNames: turned.featureNames, metadata });
        expect(leaksInto(read, all).leaks).toEqual(leaksInto(turned, all).leaks);
      }),
      { numRuns: 20 },
    );
    const given = { ...table(), metadata: new Map([["well_id", all.map((i) => `w${i >> 1}`)]]) };
    const wells = aggregate(applyStandardise(given, fitStandardise(given, { rows: [0, 3] })));
    expect(leaksInto(wells, [0, 1, 2]).leaks).toEqual(["standardise learned from 2 rows, 2 of which are tested"]);
    expect(leaksInto(wells, [2, 3]).leaks).toEqual([]);
  });
});

describe("a pipeline", () => {
  it("fits step after step on the reference and repeats on other tables", () => {
    const table = correlated(60, 4);
    const rows = rowsOf(table, "p0");
    const steps = ["mad", "sphere:method=PCA,shrinkage=0.1", "inverse-normal"].map(parseStep);
    const { apply, table: made } = fitPipeline(table, steps, rows);
    expect([...apply(table).features]).toEqual([...made.features]);
    expect(made.fits?.map((fit) => fit.step)).toEqual(["mad", "sphere", "inverse-normal"]);
    for (const text of [
      "robustise",
      "standardise:by=plate_id",
      "tvn:by=plate_id,recolour=true",
      "coral:by=plate_id",
      "select",
      "harmony:by=plate_id",
    ]) {
      expect(fitPipeline(table, [parseStep(text)]).table.nRows).toBe(60);
    }
  });

  it.each([
    ["polish", /the steps are standardise, robustise/],
    ["tvn:by", /cannot make sense of "by"/],
    ["sphere:shrinkage=2", /cannot make sense of "shrinkage=2"/],
    ["sphere:method=LDA", /the methods are PCA, ZCA/],
  ])("refuses %s", (text, message) => {
    expect(() => parseStep(text)).toThrow(message);
  });

  it("refuses to align without groups", () => {
    expect(() => fitPipeline(correlated(10, 2), [parseStep("coral")])).toThrow(/needs to know which column/);
  });
});
