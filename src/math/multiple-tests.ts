// Many tests at once.

/**
 * Benjamini–Hochberg q-values: the smallest false discovery rate at which each test would be called; new array.
 *
 * Source: Benjamini & Hochberg, Controlling the False Discovery Rate (J. R. Stat. Soc. B 1995).
 * @param p p-values in 0–1, `[tests]`.
 * @example
 * ```ts
 * import { benjaminiHochberg } from "gan-dl/math";
 * console.assert(benjaminiHochberg([0.01, 0.04, 0.03, 0.5]).map((q) => Number(q.toFixed(4))).join() === "0.04,0.0533,0.0533,0.5");
 * ```
 */
export function benjaminiHochberg(p: ArrayLike<number>): Float64Array {
  const m = p.length;
  const order = Array.from({ length: m }, (_, i) => i).sort((a, b) => p[b]! - p[a]!);
  const q = new Float64Array(m);
  let smallest = 1;
  order.forEach((test, i) => {
    smallest = Math.min(smallest, (p[test]! * m) / (m - i));
    q[test] = smallest;
  });
  return q;
}
