import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalQuantile, normalTail } from "./distributions.ts";
import { benjaminiHochberg } from "./multiple-tests.ts";
import { multiplyRows, scatterOf } from "./row-products.ts";
import { symmetricPower } from "./symmetric-power.ts";

const matrix = (n: number, f: number, seed: number) =>
  Float64Array.from({ length: n * f }, (_, i) => Math.sin(seed + 1.7 * i) * (1 + (i % 5)));

describe("products of rows", () => {
  it("equal the sums they stand for, at every remainder of the tiling", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 5 }),
        (n, f, k) => {
          const [rows, by] = [matrix(n, f, 1), matrix(k, f, 2)];
          const got = multiplyRows(rows, by, f, new Float64Array(n * k));
          for (let i = 0; i < n; i++) {
            for (let c = 0; c < k; c++) {
              let sum = 0;
              for (let j = 0; j < f; j++) sum += rows[i * f + j]! * by[c * f + j]!;
              expect(got[i * k + c]).toBeCloseTo(sum, 12);
            }
          }
        },
      ),
    );
  });

  it("moments of 1,100 rows equal the two-pass sums, over a choice of rows too", () => {
    const [n, f] = [1100, 3];
    const x = matrix(n, f, 3);
    const chosen = Array.from({ length: n }, (_, i) => i).filter((i) => i % 3 !== 1);
    const { mean, scatter, n: used } = scatterOf(x, f, chosen);
    expect(used).toBe(chosen.length);
    for (let j = 0; j < f; j++) {
      const m = chosen.reduce((sum, i) => sum + x[i * f + j]!, 0) / used;
      expect(mean[j]).toBeCloseTo(m, 12);
      for (let k = 0; k < f; k++) {
        const s = chosen.reduce((sum, i) => sum + (x[i * f + j]! - mean[j]!) * (x[i * f + k]! - mean[k]!), 0);
        expect(scatter[j * f + k]).toBeCloseTo(s, 8);
      }
    }
  });

  it("the inverse square root, squared and inverted, is the matrix", () => {
    const a = Float64Array.of(4, 1, 0.5, 1, 3, 0.2, 0.5, 0.2, 2);
    const root = symmetricPower(a, 3, (v) => 1 / Math.sqrt(v));
    const square = multiplyRows(root, root, 3, new Float64Array(9)) as Float64Array; // root is symmetric
    const identity = multiplyRows(square, a, 3, new Float64Array(9));
    identity.forEach((v, i) => {
      expect(v).toBeCloseTo(i % 4 === 0 ? 1 : 0, 12);
    });
  });
});

describe("the normal distribution", () => {
  it.each([
    [0.975, 1.959963984540054],
    [0.5, 0],
    [1e-6, -4.753424308822899],
    [0.9, 1.2815515655446004],
  ])("has the quantile of %s that SciPy gives", (p, z) => {
    expect(normalQuantile(p)).toBeCloseTo(z, 10);
  });

  it("tail and quantile undo each other; the ends are infinite and nonsense is NaN", () => {
    for (const z of [0.2, 1, 2.9, 3, 6, 20]) expect(normalQuantile(normalTail(z)) / -z).toBeCloseTo(1, 10);
    expect(normalTail(-1) + normalTail(1)).toBeCloseTo(1, 14);
    expect([normalQuantile(0), normalQuantile(1), normalQuantile(2)]).toEqual([-Infinity, Infinity, Number.NaN]);
  });
});

describe("Benjamini–Hochberg", () => {
  it("calls at q ≤ α exactly what the step-up rule calls", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }), (p) => {
        const q = benjaminiHochberg(p);
        const sorted = [...p].sort((a, b) => a - b);
        const alpha = 0.1;
        const k = sorted.findLastIndex((v, i) => (v * p.length) / (i + 1) <= alpha);
        const called = p.filter((_, i) => q[i]! <= alpha).length;
        expect(called).toBe(k < 0 ? 0 : p.filter((v) => v <= sorted[k]!).length);
      }),
    );
  });
});
