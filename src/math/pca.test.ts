import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { fitPca, projectPca, reconstructPca } from "./pca.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

const cloud = (n: number, f: number, seed: number) => {
  const random = new SeededRandom(seed);
  return Float64Array.from({ length: n * f }, (_, i) => random.normal() * (1 + (i % f)));
};

describe("symmetricEigen", () => {
  it("gives orthonormal vectors with A v = λ v, falling λ, trace kept", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 14 }), fc.integer(), fc.boolean(), (p, seed, sparse) => {
        const random = new SeededRandom(seed);
        const a = new Float64Array(p * p);
        for (let i = 0; i < p; i++)
          for (let j = i; j < p; j++) {
            const value = sparse && random.uniform() < 0.6 ? 0 : random.normal();
            a[i * p + j] = value;
            a[j * p + i] = value;
          }
        const { values, vectors } = symmetricEigen(a, p);
        for (let i = 0; i < p; i++) {
          const v = vectors.subarray(i * p, i * p + p);
          if (i > 0) expect(values[i - 1]! + 1e-9).toBeGreaterThanOrEqual(values[i]!);
          for (let j = 0; j < p; j++) {
            const av = v.reduce((sum, x, k) => sum + a[j * p + k]! * x, 0);
            expect(Math.abs(av - values[i]! * v[j]!)).toBeLessThan(1e-9);
            const dot = v.reduce((sum, x, k) => sum + x * vectors[j * p + k]!, 0);
            expect(Math.abs(dot - Number(i === j))).toBeLessThan(1e-9);
          }
        }
        const trace = Array.from({ length: p }, (_, i) => a[i * p + i]!).reduce((x, y) => x + y, 0);
        expect(values.reduce((x, y) => x + y, 0)).toBeCloseTo(trace, 9);
      }),
      { numRuns: 200 },
    );
  });

  it("knows a closed form: the path graph's Laplacian has eigenvalues 2 − 2cos(πk/p)", () => {
    const p = 40;
    const a = new Float64Array(p * p);
    for (let i = 0; i + 1 < p; i++) {
      a[i * p + i]! += 1;
      a[(i + 1) * p + i + 1]! += 1;
      a[i * p + i + 1] = -1;
    }
    const { values } = symmetricEigen(a, p);
    values.forEach((v, i) => {
      expect(v).toBeCloseTo(2 - 2 * Math.cos((Math.PI * (p - 1 - i)) / p), 12);
    });
  });
});

describe("fitPca", () => {
  it("with all components gives every row back, whether rows or features are more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.integer(), (n, f, seed) => {
        const x = cloud(n, f, seed);
        const pca = fitPca(x, n, f, f);
        const back = reconstructPca(pca, projectPca(pca, x));
        x.forEach((v, i) => {
          expect(Math.abs(v - back[i]!)).toBeLessThan(1e-8);
        });
        expect(pca.explained.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      }),
    );
  });

  it("finds the same components by rows and by features", () => {
    const n = 9;
    const f = 8;
    const x = cloud(n, f, 4);
    const byFeatures = fitPca(x, n, f, 3);
    const wider = new Float64Array(n * 10); // two constant features more turn it to the other path
    for (let i = 0; i < n; i++) for (let j = 0; j < f; j++) wider[i * 10 + j] = x[i * f + j]!;
    const byRows = fitPca(wider, n, 10, 3);
    for (let c = 0; c < 3; c++) {
      expect(byRows.variances[c]).toBeCloseTo(byFeatures.variances[c]!, 9);
      for (let j = 0; j < f; j++) {
        expect(byRows.components[c * 10 + j]).toBeCloseTo(byFeatures.components[c * f + j]!, 9);
      }
    }
  });

  it("gives constant rows no variance, and refuses NaN and tables too large for the exact method", () => {
    expect([...fitPca(new Float64Array(6).fill(2), 3, 2, 2).explained]).toEqual([0, 0]);
    expect(() => fitPca(Float64Array.of(1, Number.NaN), 2, 1, 1)).toThrow(/not a finite number at row 1, column 0/);
    expect(() => fitPca(new Float64Array(0), 3000, 2500, 2)).toThrow(/smaller side is 2500.*\n.*limit is 2048/);
  });
});
