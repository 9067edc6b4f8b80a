import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { decisionValues, fitLinearSvm, fitLinearSvmPath, type LabelledRows, type LinearSvm } from "./linear-svm.ts";

const folder = join(process.env.GANDL_SHARED_DATA ?? "../shared/data", "reference/linear-svm");

interface Reference {
  w: number[];
  b: number;
  objective: number;
  train_accuracy: number;
  decision_first5: number[];
}

const heartScale = () => {
  const lines = readFileSync(join(folder, "heart_scale.csv"), "utf8").trim().split("\n").slice(1);
  return lines.map((line) => line.split(",").map(Number));
};
const rowsOf = (table: readonly (readonly number[])[]): LabelledRows => ({
  features: Float64Array.from(table.flatMap((row) => row.slice(1))),
  nRows: table.length,
  nFeatures: 13,
  positive: table.map((row) => row[0]! > 0),
});
const shareRight = (svm: LinearSvm, rows: LabelledRows) => {
  const scores = decisionValues(svm, rows.features);
  return Array.from(scores).filter((score, i) => score > 0 === rows.positive[i]).length / rows.nRows;
};

describe.skipIf(!existsSync(folder))("on heart_scale, as scikit-learn solves it (reference/linear-svm)", () => {
  const results: Record<string, Reference & { fold_accuracy: number[]; test_accuracy: number }> = existsSync(folder)
    ? JSON.parse(readFileSync(join(folder, "reference_solutions.json"), "utf8")).results
    : {};

  for (const [name, want] of Object.entries(results)) {
    const parts = /_(l[12])loss_C([\d.]+)_bias_(regularised|unregularised)/.exec(name);
    if (!parts) continue;
    const [, loss, c, bias] = parts;
    // libsvm stopped early at C = 100: our certified objective lies below its own by 6e-6 of it, which moves w by 2e-4.
    const tolerance = name === "SVC_linear_l1loss_C100_bias_unregularised" ? 2e-4 : 1e-5;
    it(`equals ${name} to ${tolerance}`, () => {
      const rows = rowsOf(heartScale());
      const svm = fitLinearSvm(rows, {
        c: Number(c),
        loss: loss === "l1" ? "hinge" : "squared-hinge",
        bias: bias === "regularised" ? "regularised" : "free",
      });
      want.w.forEach((w, k) => {
        expect(Math.abs(svm.weights[k]! - w)).toBeLessThan(tolerance);
      });
      expect(Math.abs(svm.bias - want.b)).toBeLessThan(tolerance);
      expect(svm.relativeGap).toBeLessThan(1e-9);
      expect(svm.objective / want.objective - 1).toBeLessThan(1e-10); // never above the reference
      expect(want.objective / svm.objective - 1).toBeLessThan(1e-5);
      const scores = decisionValues(svm, rows.features);
      want.decision_first5.forEach((d, i) => {
        expect(Math.abs(scores[i]! - d)).toBeLessThan(2 * tolerance);
      });
      expect(shareRight(svm, rows)).toBeCloseTo(want.train_accuracy, 12);
    });
  }

  for (const c of ["0.01", "1", "100"]) {
    it(`has the accuracy of every one of five folds at C = ${c}`, () => {
      const table = heartScale();
      const accuracies = [0, 1, 2, 3, 4].map((fold) => {
        const svm = fitLinearSvm(rowsOf(table.filter((_, i) => i % 5 !== fold)), { c: Number(c) });
        return shareRight(svm, rowsOf(table.filter((_, i) => i % 5 === fold)));
      });
      results[`CV5_fold=i%5_LinearSVC_l2loss_C${c}`]!.fold_accuracy.forEach((want, fold) => {
        expect(accuracies[fold]).toBeCloseTo(want, 12);
      });
    });
  }

  it("equals LIBLINEAR without a bias, on the first 200 rows and in its accuracy on the other 70", () => {
    const want = results.liblinear_first200_test70_c4_nobias_l2loss!;
    const svm = fitLinearSvm(rowsOf(heartScale().slice(0, 200)), { c: 4, bias: "none" });
    want.w.forEach((w, k) => {
      expect(Math.abs(svm.weights[k]! - w)).toBeLessThan(1e-5);
    });
    expect(svm.bias).toBe(0);
    expect(shareRight(svm, rowsOf(heartScale().slice(200)))).toBeCloseTo(want.test_accuracy, 12);
  });
});

/** Two overlapping Gaussian clouds. */
function clouds(nRows: number, nFeatures: number, seed: number): LabelledRows {
  const random = new SeededRandom(seed);
  const positive = Array.from({ length: nRows }, (_, i) => i % 3 === 0);
  const features = Float64Array.from(
    { length: nRows * nFeatures },
    (_, i) => random.normal() + (positive[Math.floor(i / nFeatures)] ? 0.5 : 0),
  );
  return { features, nRows, nFeatures, positive };
}

const shapes = fc.record({
  nRows: fc.integer({ min: 6, max: 60 }),
  nFeatures: fc.integer({ min: 1, max: 12 }),
  seed: fc.integer({ min: 0, max: 1e6 }),
  c: fc.constantFrom(1e-3, 0.1, 1, 30),
  loss: fc.constantFrom("hinge" as const, "squared-hinge" as const),
  bias: fc.constantFrom("regularised" as const, "free" as const),
});

describe("fitLinearSvm", () => {
  it("proves its own optimum, for either loss and bias, or says that it did not", () => {
    let proven = 0;
    fc.assert(
      fc.property(shapes, ({ nRows, nFeatures, seed, ...options }) => {
        const svm = fitLinearSvm(clouds(nRows, nFeatures, seed), { ...options, classWeights: "balanced" });
        expect(svm.converged).toBe(svm.relativeGap <= 1e-6);
        if (svm.relativeGap < 1e-8) proven++;
      }),
      { numRuns: 150 },
    );
    // A hinge with a large C stops short of it for some 6 in 20,000 of such clouds (11 rows of 9 features and seed 755939 is one).
    expect(proven).toBeGreaterThanOrEqual(148);
  });

  it("scales: features × k with C / k² give weights / k and the same decisions (bias free)", () => {
    fc.assert(
      fc.property(shapes, fc.constantFrom(0.5, 2, 3), ({ nRows, nFeatures, seed, c, loss }, k) => {
        const rows = clouds(nRows, nFeatures, seed);
        const scaled = { ...rows, features: (rows.features as Float64Array).map((v) => v * k) };
        const a = fitLinearSvm(rows, { c, loss, bias: "free" });
        const b = fitLinearSvm(scaled, { c: c / k ** 2, loss, bias: "free" });
        a.weights.forEach((w, i) => {
          expect(Math.abs(w - k * b.weights[i]!)).toBeLessThan(2e-4);
        });
      }),
      { numRuns: 60 },
    );
  });

  it("swapping the classes flips the sign of every score", () => {
    const rows = clouds(40, 5, 3);
    const swapped = { ...rows, positive: Array.from(rows.positive, (p) => !p) };
    const a = decisionValues(fitLinearSvm(rows, { c: 0.3, classWeights: "balanced" }), rows.features);
    const b = decisionValues(fitLinearSvm(swapped, { c: 0.3, classWeights: "balanced" }), rows.features);
    a.forEach((score, i) => {
      expect(score).toBeCloseTo(-b[i]!, 9);
    });
  });

  it("balanced weights equal repeating the rarer class", () => {
    const features = Float64Array.of(-1, -2, -0.5, -1.5, 1, 0.2);
    const weighted = fitLinearSvm(
      { features, nRows: 6, nFeatures: 1, positive: [0, 0, 0, 0, 1, 1] },
      { c: 1, classWeights: "balanced" },
    );
    const repeated = fitLinearSvm(
      {
        features: Float64Array.of(-1, -2, -0.5, -1.5, 1, 0.2, 1, 0.2),
        nRows: 8,
        nFeatures: 1,
        positive: [0, 0, 0, 0, 1, 1, 1, 1],
      },
      { c: 6 / 8 }, // 6/(2·4) on every row
    );
    expect(weighted.weights[0]).toBeCloseTo(repeated.weights[0]!, 9);
    expect(weighted.bias).toBeCloseTo(repeated.bias, 9);
  });

  it("solves tables wider than the kept Hessian by products of rows or conjugate gradients, to a certificate", () => {
    for (const bias of ["regularised", "none", "free"] as const) {
      const svm = fitLinearSvm(clouds(60, 1500, 8), { c: 0.01, bias });
      expect(svm.relativeGap).toBeLessThan(1.01e-9); // conjugate gradients, where the bias is free, stop there
    }
  });

  it("wide tables have the optimum of the same problem turned into few features", () => {
    const wide = clouds(40, 60, 5); // fewer rows than features
    const padded = {
      ...wide,
      nRows: 80,
      features: new Float64Array(80 * 60),
      positive: [0, 1].flatMap(() => wide.positive as boolean[]),
    };
    padded.features.set(wide.features);
    padded.features.set(wide.features, 40 * 60);
    for (const c of [1e-3, 1, 100]) {
      const [a, b] = [fitLinearSvm(wide, { c }), fitLinearSvm(padded, { c: c / 2 })]; // every row twice at half the cost
      expect(a.converged && b.converged).toBe(true);
      expect(Math.abs(a.objective / b.objective - 1)).toBeLessThan(1e-9);
      a.weights.forEach((w, k) => {
        expect(Math.abs(w - b.weights[k]!)).toBeLessThan(1e-6);
      });
    }
  });

  it("a path over C has the optima of its single problems, in few features and by products of rows in many", () => {
    const cs = [1e-3, 1e-2, 1, 30];
    for (const [nRows, nFeatures] of [
      [60, 8],
      [70, 1300], // wider than the kept Hessian
    ] as const) {
      const rows = clouds(nRows, nFeatures, 9);
      const path = fitLinearSvmPath(rows, cs, { classWeights: "balanced" });
      cs.forEach((c, i) => {
        const alone = fitLinearSvm(rows, { c, classWeights: "balanced" });
        expect(path[i]!.relativeGap).toBeLessThan(1e-9);
        expect(Math.abs(path[i]!.objective / alone.objective - 1)).toBeLessThan(1e-9);
        alone.weights.forEach((w, k) => {
          expect(Math.abs(w - path[i]!.weights[k]!)).toBeLessThan(1e-5 * Math.sqrt(alone.objective));
        });
      });
    }
    const hinge = fitLinearSvmPath(clouds(30, 3, 2), [0.1, 1], { loss: "hinge" });
    expect(hinge.every((svm) => svm.relativeGap < 1e-8)).toBe(true);
    expect(fitLinearSvmPath(clouds(30, 3, 2), [])).toEqual([]);
  });

  it("refuses one class, none, and values that are not finite", () => {
    const rows = clouds(6, 2, 1);
    expect(() => fitLinearSvm({ ...rows, positive: new Uint8Array(6) })).toThrow(
      /needs two classes; these rows hold negatives only/,
    );
    expect(() => fitLinearSvm({ features: new Float64Array(0), nRows: 0, nFeatures: 2, positive: [] })).toThrow(
      /hold none only/,
    );
    const broken = Float64Array.from(rows.features);
    broken[5] = Number.NaN;
    expect(() => fitLinearSvm({ ...rows, features: broken })).toThrow(/not a finite number at row 2, column 1/);
  });
});
