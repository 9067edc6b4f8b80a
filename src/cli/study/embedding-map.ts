// The report's 2-D map: the first two principal components of the standardised features.
import { SeededRandom } from "../../core/index.ts";
import { fitPca, projectPca } from "../../math/index.ts";
import { applyStandardise, column, fitStandardise, type ProfileTable, selectRows } from "../../profiles/index.ts";
import type { ReportDocument } from "../../schema/index.ts";

/** More points than this overplot; the report says when some are left out. */
const MAX_POINTS = 3000;

/** A map coloured by those of `labels` that have more than one value. */
export function embeddingMap(
  encoder: string,
  whole: ProfileTable,
  labels: readonly string[],
  seed: number,
): ReportDocument["map"] {
  const rows = Array.from({ length: whole.nRows }, (_, i) => i);
  const shown =
    whole.nRows <= MAX_POINTS
      ? rows
      : SeededRandom.forPart(seed, "map")
          .shuffle(rows)
          .slice(0, MAX_POINTS)
          .sort((a, b) => a - b);
  const table = selectRows(whole, shown);
  const standard = applyStandardise(table, fitStandardise(table));
  const pca = fitPca(standard.features, standard.nRows, standard.nFeatures, 2);
  const scores = projectPca(pca, standard.features);
  const width = scores.length / standard.nRows;
  const useful = labels.filter((name) => table.metadata.has(name) && new Set(column(table, name)).size > 1);
  return {
    method: "principal components of the standardised features",
    encoder,
    nShown: table.nRows,
    nTotal: whole.nRows,
    points: shown.map((_, i) => ({
      x: scores[i * width] ?? 0,
      y: scores[i * width + 1] ?? 0,
      labels: Object.fromEntries(useful.map((name) => [name, String(column(table, name)[i] ?? "none")])),
    })),
    colourBy: useful,
  };
}
