import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../data/files.fixture.ts";
import { writeParquet } from "../data/parquet-writer.ts";
import { drawMap, nearest, readFeatures } from "./feature-jobs.ts";

const folder = temporaryFolder();
const matrix = Float32Array.of(3, 0, 0, 4, Number.NaN, 2, -1, 0, 3, 3);

it("counts a missing feature as 0 and says so on the map; a row without direction is near to nothing", async () => {
  const path = join(folder, "a.parquet");
  const columns = [
    { name: "feature_0", type: "double" as const },
    { name: "feature_1", type: "double" as const },
  ];
  const values = [0, 1].map((j) =>
    Array.from({ length: 5 }, (_, i) => (Number.isNaN(matrix[2 * i + j]!) ? null : matrix[2 * i + j]!)),
  );
  await writeParquet(path, { columns }, { nRows: 5, columns: values });
  const features = await readFeatures(path);
  expect([...features.lengths]).toEqual([3, 4, 2, 1, Math.sqrt(18)]);
  const found = nearest(features, [0], 9);
  expect(found.map(({ row }) => row)).toEqual([4, 1, 2, 3]);
  expect(found.map(({ cosine }) => cosine)).toEqual([expect.closeTo(Math.SQRT1_2, 12), 0, 0, -1]);
  const { xy, note } = drawMap(features, "pca", () => {});
  expect(note).toBe("1 features were missing and count as 0.");
  expect(Math.max(...xy.map(Math.abs))).toBeCloseTo(0.95, 6);
  expect(nearest(features, [0, 3], 3)).toEqual([]); // opposite rows have no mean direction
});
