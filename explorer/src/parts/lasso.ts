// What was drawn around points: kept in the address as the polygons themselves, so that a shared view holds the same points.

/** Corners x, y, x, y, …, in thousandths of the map's half width. */
export type Polygon = readonly number[];

/** A hand draws hundreds of corners; so many tell its form to less than a point's width, in an address that can be mailed. */
const MOST_CORNERS = 60;

/** The drawn corners, rounded and thinned to those that make the form. */
export function polygonOf(corners: readonly (readonly [number, number])[]): Polygon {
  const rounded = corners.map(([x, y]): [number, number] => [Math.round(1000 * x), Math.round(1000 * y)]);
  let kept = rounded;
  for (let tolerance = 1; kept.length > MOST_CORNERS; tolerance *= 1.5) kept = simplified(rounded, tolerance);
  return kept.flat();
}

/** Ramer (1972), Douglas & Peucker (1973): leaves out corners within `tolerance` of the line between those that stay. */
function simplified(corners: readonly [number, number][], tolerance: number): [number, number][] {
  const [first, last] = [corners[0], corners.at(-1)];
  if (!first || !last || corners.length < 3) return [...corners];
  const distances = corners.map((corner) => distanceTo(corner, first, last));
  const farthest = distances.reduce((best, d, i) => (d > distances[best]! ? i : best), 0);
  if (distances[farthest]! <= tolerance) return [first, last];
  const before = simplified(corners.slice(0, farthest + 1), tolerance);
  return [...before.slice(0, -1), ...simplified(corners.slice(farthest), tolerance)];
}

/** From a point to the piece between `a` and `b`. */
function distanceTo([x, y]: [number, number], [ax, ay]: [number, number], [bx, by]: [number, number]): number {
  const [dx, dy] = [bx - ax, by - ay];
  const share = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}

/** For the address, where these signs need no escape; undefined for none. */
export const writeLasso = (polygons: readonly Polygon[]): string | undefined =>
  polygons.length === 0 ? undefined : polygons.map((polygon) => polygon.join("_")).join(".");

/** What {@link writeLasso} wrote; parts that are no polygon are left out, since addresses are typed too. */
export function readLasso(text: string | undefined): Polygon[] {
  return (text ?? "")
    .split(".")
    .filter((part) => /^-?\d{1,6}(_-?\d{1,6}){5,}$/.test(part))
    .map((part) => part.split("_").map(Number))
    .filter((polygon) => polygon.length % 2 === 0);
}

/** Positions of the points that lie in any of the polygons, those not shown left out (`shown` as positions, null for all). */
export function pointsInside(
  xy: Float32Array,
  polygons: readonly Polygon[],
  shown: readonly number[] | null,
): number[] {
  if (polygons.length === 0) return [];
  const isIn = (i: number) => polygons.some((polygon) => isInside(1000 * xy[2 * i]!, 1000 * xy[2 * i + 1]!, polygon));
  return (shown ?? Array.from({ length: xy.length / 2 }, (_, i) => i)).filter(isIn);
}

/** By the parity of the edges to the right, so that a loop that crosses itself leaves its overlap out, as it is drawn. */
function isInside(x: number, y: number, polygon: Polygon): boolean {
  let isIn = false;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2) {
    const [ax, ay, bx, by] = [polygon[i]!, polygon[i + 1]!, polygon[j]!, polygon[j + 1]!];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) isIn = !isIn;
  }
  return isIn;
}
