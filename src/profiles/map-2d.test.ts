import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { map2d } from "./map-2d.ts";
import { profileTable } from "./profile-table.ts";

const random = new SeededRandom(1);
const n = 120;
const f = 6;
const group = Array.from({ length: n }, (_, i) => i % 3);
const table = profileTable({
  features: Float32Array.from(
    { length: n * f },
    (_, at) => random.normal() + (at % f === group[Math.floor(at / f)] ? 12 : 0),
  ),
  featureNames: Array.from({ length: f }, (_, j) => `feature_${j}`),
  metadata: new Map(),
});

/** Share of points whose nearest other point is of their own group. */
function kept(xy: Float64Array, rows: readonly number[]): number {
  const right = rows.filter((row, i) => {
    let [best, who] = [Number.POSITIVE_INFINITY, -1];
    rows.forEach((_, k) => {
      const d = Math.hypot(xy[2 * i]! - xy[2 * k]!, xy[2 * i + 1]! - xy[2 * k + 1]!);
      if (k !== i && d < best) [best, who] = [d, k];
    });
    return group[rows[who]!] === group[row];
  });
  return right.length / rows.length;
}

describe("maps", () => {
  it("keep groups together, repeat by seed and change with it", () => {
    const shares: number[] = [];
    const found: number[] = [];
    const told = {
      onNeighbours: (share: number) => found.push(share),
      onProgress: (share: number) => shares.push(share),
    };
    const umap = map2d(table, { kind: "umap", nEpochs: 100, ...told });
    expect(found).toEqual([...found].sort((a, b) => a - b));
    expect(found.at(-1)).toBe(1);
    expect(shares).toEqual(Array.from({ length: 100 }, (_, i) => (i + 1) / 100));
    expect(kept(umap.xy, umap.rows)).toBeGreaterThan(0.98);
    expect(umap.note).toBeNull();
    expect(map2d(table, { kind: "umap", nEpochs: 100 }).xy).toEqual(umap.xy);
    expect(map2d(table, { kind: "umap", nEpochs: 100, seed: 2 }).xy).not.toEqual(umap.xy);
    const pca = map2d(table, { kind: "pca" });
    expect(kept(pca.xy, pca.rows)).toBeGreaterThan(0.95);
  });

  it("draws rows from more than a map holds, and says so", () => {
    const some = map2d(table, { kind: "umap", maxPoints: 60, nEpochs: 20 });
    expect(some.rows).toHaveLength(60);
    expect(some.note).toBe("The map shows 60 rows drawn from 120.");
  });

  it("has a flat map of one feature, and refuses too few rows", () => {
    const line = profileTable({ features: Float32Array.of(1, 2, 4), featureNames: ["feature_0"], metadata: new Map() });
    expect([...map2d(line, { kind: "pca" }).xy].filter((_, i) => i % 2 === 1)).toEqual([0, 0, 0]);
    expect(() => map2d(line, { kind: "umap" })).toThrow(/3 rows are too few for this map[\s\S]*needs 16/);
  });
});
