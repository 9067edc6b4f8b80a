// Blurs of a square plane `[h*w]` in place.

/** Gaussian blur of a small sd in pixels by a five-point kernel, edges repeated. */
export function blur(plane: Float32Array, sidePx: number, sigma: number): void {
  const [a, b, c] = [0, 1, 2].map((k) => Math.exp(-(k * k) / (2 * Math.max(sigma, 1e-3) ** 2))) as [
    number,
    number,
    number,
  ];
  const total = a + 2 * b + 2 * c;
  eachLine(plane, sidePx, 2, (line, filtered) => {
    for (let i = 0; i < filtered.length; i++)
      filtered[i] = (a * line[i + 2]! + b * (line[i + 1]! + line[i + 3]!) + c * (line[i]! + line[i + 4]!)) / total;
  });
}

/** Mean over a square of the given radius in pixels, edges repeated. */
export function boxBlur(plane: Float32Array, sidePx: number, radius: number): void {
  const width = 2 * radius + 1;
  eachLine(plane, sidePx, radius, (line, filtered) => {
    let sum = 0;
    for (let i = 0; i < width - 1; i++) sum += line[i]!;
    for (let i = 0; i < filtered.length; i++) {
      sum += line[i + width - 1]!;
      filtered[i] = sum / width;
      sum -= line[i]!;
    }
  });
}

/** Filters every row, then every column; `line` has `margin` repeated values at both ends. */
function eachLine(
  plane: Float32Array,
  sidePx: number,
  margin: number,
  filter: (line: Float32Array, filtered: Float32Array) => void,
): void {
  const line = new Float32Array(sidePx + 2 * margin);
  const filtered = new Float32Array(sidePx);
  for (const alongRows of [true, false]) {
    const step = alongRows ? 1 : sidePx;
    for (let l = 0; l < sidePx; l++) {
      const start = alongRows ? l * sidePx : l;
      for (let i = 0; i < sidePx; i++) line[margin + i] = plane[start + i * step]!;
      line.fill(line[margin]!, 0, margin);
      line.fill(line[margin + sidePx - 1]!, margin + sidePx);
      filter(line, filtered);
      for (let i = 0; i < sidePx; i++) plane[start + i * step] = filtered[i]!;
    }
  }
}
