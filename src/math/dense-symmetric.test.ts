import fc from "fast-check";
import { expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { addOuterProducts, cholesky, choleskySolve, invertPositiveDefinite } from "./dense-symmetric.ts";

const size = fc.integer({ min: 1, max: 9 });

it("adds scaled outer products of the listed rows only", () => {
  fc.assert(
    fc.property(size, fc.integer({ min: 1, max: 11 }), fc.integer(), (p, n, seed) => {
      const random = new SeededRandom(seed);
      const x = Float64Array.from({ length: n * p }, () => random.normal());
      const scale = Float64Array.from({ length: n }, () => random.normal());
      const rows = Array.from({ length: n }, (_, i) => i).filter((i) => i % 3 !== 1);
      const gram = new Float64Array(p * p);
      addOuterProducts(gram, x, p, rows, scale);
      for (let j = 0; j < p; j++)
        for (let k = j; k < p; k++) {
          const want = rows.reduce((sum, i) => sum + scale[i]! * x[i * p + j]! * x[i * p + k]!, 0);
          expect(gram[j * p + k]).toBeCloseTo(want, 10);
        }
    }),
  );
});

it("a solution put back gives the right-hand side, and an inverse times the matrix the identity", () => {
  fc.assert(
    fc.property(size, fc.integer(), (p, seed) => {
      const random = new SeededRandom(seed);
      const x = Float64Array.from({ length: (p + 3) * p }, () => random.normal());
      const a = new Float64Array(p * p);
      for (let k = 0; k < p; k++) a[k * p + k] = 0.5;
      addOuterProducts(
        a,
        x,
        p,
        Array.from({ length: p + 3 }, (_, i) => i),
        new Float64Array(p + 3).fill(1),
      );
      const at = (j: number, k: number) => a[Math.min(j, k) * p + Math.max(j, k)]!;
      const b = Float64Array.from({ length: p }, () => random.normal());
      const z = choleskySolve(cholesky(a, p)!, p, b);
      const inverse = invertPositiveDefinite(a, p)!;
      for (let j = 0; j < p; j++) {
        expect(z.reduce((sum, v, k) => sum + at(j, k) * v, 0)).toBeCloseTo(b[j]!, 8);
        for (let k = 0; k < p; k++) {
          const product = z.reduce((sum, _, l) => sum + at(j, l) * inverse[l * p + k]!, 0);
          expect(product).toBeCloseTo(j === k ? 1 : 0, 8);
        }
      }
    }),
  );
});

it("an indefinite matrix has no factor and no inverse", () => {
  expect(cholesky(Float64Array.of(1, 2, 2, 1), 2)).toBeNull();
  expect(invertPositiveDefinite(Float64Array.of(0), 1)).toBeNull();
});
