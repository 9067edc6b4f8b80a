import { describe, expect, it } from "vitest";
import { fromColumns } from "./from-columns.ts";
import type { MetadataValue } from "./lineage.ts";
import { fitPipeline, parseStep } from "./pipeline.ts";

describe("TVN, CORAL, sphering, MAD and IQR", () => {
  it("equal their definitions written out in NumPy, fitted on twelve controls of fourteen wells on two plates", () => {
    // x = [i%5 + .3i, i²%7 − .5(i%5), 3i%11 + 2(i%2), i³%5 + .25i]; plate i%2; controls i%7 ≠ 6. r = x[controls];
    // z = (x − r.mean(0))/r.std(0, ddof=1); z = z @ eigh(cov(z[controls].T))[1]; z scaled again; z[plate] @ inv_sqrt(cov + I/2), and for
    // the re-coloured @ sqrt(cov(z[controls].T) + I/2). Signs of components are arbitrary, products of rows are not: o @ o.T.
    const rows = Array.from({ length: 14 }, (_, i) => i);
    const columns: [string, MetadataValue[]][] = [
      ["plate_id", rows.map((i) => `p${i % 2}`)],
      ["feature_0", rows.map((i) => (i % 5) + 0.3 * i)],
      ["feature_1", rows.map((i) => ((i * i) % 7) - 0.5 * (i % 5))],
      ["feature_2", rows.map((i) => ((3 * i) % 11) + 2 * (i % 2))],
      ["feature_3", rows.map((i) => (i ** 3 % 5) + 0.25 * i)],
    ];
    const table = fromColumns(new Map(columns));
    const controls = rows.filter((i) => i % 7 !== 6);
    const made = (step: string) => fitPipeline(table, [parseStep(step)], controls).table.features;
    const product = (x: Float32Array, a: number, b: number) =>
      [0, 1, 2, 3].reduce((sum, j) => sum + x[4 * a + j]! * x[4 * b + j]!, 0);
    const pairs = [[0, 0], [0, 1], [6, 13], [6, 6], [3, 12]] as const; // biome-ignore format: pairs
    const expectProducts = (step: string, expected: readonly number[]) =>
      pairs.forEach(([a, b], i) => {
        expect(product(made(step), a, b), step).toBeCloseTo(expected[i]!, 4);
      });
    expectProducts("tvn:by=plate_id", [3.51674642, 1.64155837, 0.43462364, 0.70407263, -2.29036881]);
    expectProducts("tvn:by=plate_id,recolour=true", [5.27511962, 2.46233756, 0.65193547, 1.05610894, -3.43555321]);
    const expectRows = (step: string, first: readonly number[] | null, last: readonly number[]) => {
      const x = made(step);
      first?.forEach((v, j) => {
        expect(x[j], step).toBeCloseTo(v, 4);
      });
      last.forEach((v, j) => {
        expect(x[4 * 13 + j], step).toBeCloseTo(v, 4);
      });
    };
    // CORAL: (x − m_p) @ inv_sqrt(cov_p + I/2) @ sqrt(pooled + I/2) + (m_0 + m_1)/2; ZCA-cor: z @ inv_sqrt(corrcoef(r.T)).
    expectRows(
      "coral:by=plate_id",
      [0.04588563, 1.05089902, 1.28116626, -0.1289203],
      [7.05590828, -0.57080201, 5.33949085, 5.17818575],
    );
    expectRows(
      "sphere:epsilon=0",
      [-1.56419261, -0.83837615, -1.27774066, -0.93512715],
      [2.25731719, -1.00503095, 0.6834354, -0.46516519],
    );
    expectRows("mad", null, [1.39715734, -1.01173463, 0.56207479, 0.87683668]);
    expectRows("robustise", null, [0.99145299, -0.66666667, 0.47619048, 0.61904762]);
  });
});
