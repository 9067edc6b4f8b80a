// How far to go along a direction: the squared hinge is piecewise quadratic, so the best step is found exactly.

/** Where the objective along `direction` is smallest: the root of its rising, piecewise linear derivative. */
export function exactStep(
  cost: Float64Array,
  [linear, quadratic]: readonly [number, number],
  scores: Float64Array,
  slopes: Float64Array,
): number {
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let t = 1;
  for (let i = 0; i < 100; i++) {
    let derivative = linear + t * quadratic;
    let curvature = quadratic;
    for (let row = 0; row < cost.length; row++) {
      const short = 1 - scores[row]! - t * slopes[row]!;
      if (short <= 0) continue;
      derivative -= 2 * cost[row]! * short * slopes[row]!;
      curvature += 2 * cost[row]! * slopes[row]! ** 2;
    }
    if (derivative < 0) low = t;
    else high = t;
    let next = t - derivative / curvature; // exact once t lies on the last linear piece
    if (!(next > low && next < high)) next = Number.isFinite(high) ? (low + high) / 2 : 2 * t;
    if (derivative === 0 || Math.abs(next - t) <= 1e-13 * t) return next;
    t = next;
  }
  return t;
}
