// From the rows of an image's tiles to the image's own.

/** One row an image from its tiles' rows: per feature their mean or median. `[n · tiles, f]` → `[n, f]`; the same array when there is one tile. */
export function aggregateTiles(
  features: Float32Array,
  nImages: number,
  nTiles: number,
  how: "mean" | "median",
): Float32Array {
  if (nTiles === 1) return features;
  const width = features.length / nImages / nTiles;
  const rows = new Float32Array(nImages * width);
  const values = new Float64Array(nTiles);
  for (let i = 0; i < nImages; i++) {
    for (let f = 0; f < width; f++) {
      for (let t = 0; t < nTiles; t++) values[t] = features[(i * nTiles + t) * width + f]!;
      rows[i * width + f] = how === "mean" ? values.reduce((sum, v) => sum + v, 0) / nTiles : median(values);
    }
  }
  return rows;
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
