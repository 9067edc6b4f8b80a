import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { addOuterProducts, invertPositiveDefinite } from "./dense-symmetric.ts";
import { applyWhitening, fitShrunkWhitening } from "./shrunk-whitening.ts";

/** Rows of correlated features, centred. */
function residuals(n: number, f: number, seed: number): Float64Array {
  const random = new SeededRandom(seed);
  const x = new Float64Array(n * f);
  for (let i = 0; i < n; i++) {
    const common = random.normal();
    for (let j = 0; j < f; j++) x[i * f + j] = 3 * common * Math.cos(j) + (1 + j / f) * random.normal();
  }
  for (let j = 0; j < f; j++) {
    let mean = 0;
    for (let i = 0; i < n; i++) mean += x[i * f + j]! / n;
    for (let i = 0; i < n; i++) x[i * f + j]! -= mean;
  }
  return x;
}

describe("fitShrunkWhitening", () => {
  it("gives lengths by the inverse of the shrunk covariance, with fewer or more rows than features", () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 30 }), fc.integer({ min: 2, max: 8 }), fc.integer(), (n, f, seed) => {
        const x = residuals(n, f, seed);
        const whitening = fitShrunkWhitening(x, n, f, n - 1);
        const covariance = new Float64Array(f * f);
        const rows = Array.from({ length: n }, (_, i) => i);
        addOuterProducts(covariance, x, f, rows, new Float64Array(n).fill((1 - whitening.shrinkage) / (n - 1)));
        const total = x.reduce((sum, v) => sum + v * v, 0) / (n - 1);
        for (let j = 0; j < f; j++) covariance[j * f + j]! += (whitening.shrinkage * total) / f;
        const inverse = invertPositiveDefinite(covariance, f);
        if (!inverse) return; // no shrinkage and too few rows
        const probe = Float64Array.from({ length: f }, (_, j) => Math.sin(seed + j));
        const white = applyWhitening(whitening, probe);
        let want = 0;
        for (let j = 0; j < f; j++) for (let k = 0; k < f; k++) want += probe[j]! * inverse[j * f + k]! * probe[k]!;
        const got = white.reduce((sum, v) => sum + v * v, 0);
        expect(Math.abs(got / want - 1)).toBeLessThan(1e-6);
      }),
    );
  });

  it("with many rows hardly shrinks, and new rows come out white", () => {
    const f = 5;
    const whitening = fitShrunkWhitening(residuals(4000, f, 1), 4000, f, 3999);
    expect(whitening.shrinkage).toBeLessThan(0.02);
    const white = applyWhitening(whitening, residuals(4000, f, 2));
    for (let j = 0; j < f; j++) {
      for (let k = 0; k <= j; k++) {
        let sum = 0;
        for (let i = 0; i < 4000; i++) sum += white[i * f + j]! * white[i * f + k]!;
        expect(Math.abs(sum / 4000 - Number(j === k))).toBeLessThan(0.08);
      }
    }
  });

  it("shrinks structureless noise to the identity, and more so the fewer the rows", () => {
    const noise = (n: number) => {
      const random = new SeededRandom(3);
      return fitShrunkWhitening(
        Float64Array.from({ length: n * 40 }, () => random.normal()),
        n,
        40,
        n,
      ).shrinkage;
    };
    expect(noise(20)).toBeGreaterThan(0.8);
    const structured = (n: number) => fitShrunkWhitening(residuals(n, 40, 3), n, 40, n - 1).shrinkage;
    expect(structured(20)).toBeGreaterThan(structured(200));
  });

  it("leaves nothing of features that never varied", () => {
    const whitening = fitShrunkWhitening(new Float64Array(8), 4, 2, 3);
    expect([...applyWhitening(whitening, Float64Array.of(1, 2))]).toEqual([0, 0]);
  });
});
