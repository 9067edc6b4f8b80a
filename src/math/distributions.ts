// Tail areas of the t and F distributions, for intervals and for the test of a curve against a flat line.

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]; // g = 7, n = 9: about 15 digits

/** Natural logarithm of Γ(x), x > 0 (Lanczos' series). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  let sum = LANCZOS[0]!;
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i]! / (x - 1 + i);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** The regularised incomplete beta function I_x(a, b), 0 ≤ x ≤ 1, by its continued fraction (DLMF 8.17.22, Lentz's method). */
export function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedBeta(1 - x, b, a); // where the fraction converges fast
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x) - Math.log(a),
  );
  return front * betaFraction(x, a, b);
}

function betaFraction(x: number, a: number, b: number): number {
  const away = (v: number) => (Math.abs(v) < 1e-300 ? 1e-300 : v);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let factor = 1;
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d);
      c = away(1 + term / c);
      factor *= c * d;
    }
    value *= factor;
    if (Math.abs(factor - 1) < 1e-15) break;
  }
  return value;
}

/** Probability that an F variable with `df1` and `df2` degrees of freedom exceeds `f`. */
export function fTail(f: number, df1: number, df2: number): number {
  if (!(f > 0)) return 1;
  return regularisedBeta(df2 / (df2 + df1 * f), df2 / 2, df1 / 2);
}

/**
 * The two-sided t quantile: the `t` that |T| exceeds with probability `1 − coverage`.
 * @param coverage in (0, 1), e.g. 0.95.
 * @param df degrees of freedom, ≥ 1; Infinity gives the normal quantile to 5 digits.
 * @example
 * ```ts
 * import { tTwoSided } from "gan-dl/math";
 * console.assert(Math.abs(tTwoSided(0.95, 20) - 2.085963) < 1e-5);
 * ```
 */
export function tTwoSided(coverage: number, df: number): number {
  const n = Math.min(df, 1e6);
  const outside = (t: number) => regularisedBeta(n / (n + t * t), n / 2, 0.5);
  let low = 0;
  let high = 2;
  while (outside(high) > 1 - coverage) high *= 2;
  for (let i = 0; i < 100 && high - low > 1e-13 * high; i++) {
    const middle = (low + high) / 2;
    if (outside(middle) > 1 - coverage) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The standard normal quantile, to 1e-9 relative.
 *
 * Source: Abramowitz & Stegun 26.2.23, then Halley's steps on the tail itself.
 * @param probability in (0, 1); 0 and 1 give −∞ and ∞.
 * @example
 * ```ts
 * import { normalQuantile } from "gan-dl/math";
 * console.assert(Math.abs(normalQuantile(0.975) - 1.959963984540054) < 1e-9);
 * ```
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0)) return probability === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (probability >= 1) return probability === 1 ? Number.POSITIVE_INFINITY : Number.NaN;
  const half = Math.min(probability, 1 - probability);
  const t = Math.sqrt(-2 * Math.log(half));
  let z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let i = 0; i < 4; i++) {
    const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
    const error = (normalTail(z) - half) / density;
    z += error / (1 - 0.5 * z * error);
  }
  return probability < 0.5 ? -z : z;
}

/** Probability that a standard normal exceeds `z`, to about 1e-14 relative. */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let term = z; // Φ(z) − ½ = φ(z)·Σ z^(2k+1)/(1·3·…·(2k+1))
    let sum = z;
    for (let k = 1; k < 200 && term > 1e-17 * sum; k++) {
      term *= (z * z) / (2 * k + 1);
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = z; // Laplace's continued fraction, from far inside out
  for (let k = 100; k >= 1; k--) fraction = z + k / fraction;
  return density / fraction;
}
