// Blurs of a square plane `[h*w]`, edges repeated.

/** Gaussian blur in place; `sigma` in pixels. */
export function blur(plane: Float32Array, sidePx: number, sigma: number): void {
  const radius = Math.ceil(2.5 * sigma);
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, k) =>
    Math.exp(-((k - radius) ** 2) / (2 * sigma * sigma)),
  );
  const total = kernel.reduce((sum, w) => sum + w, 0);
  eachLine(plane, sidePx, radius, (line, filtered) => {
    for (let i = 0; i < filtered.length; i++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * line[i + k]!;
      filtered[i] = sum / total;
    }
  });
}

/**
 * A much blurred copy: two box means of the given radius in pixels, taken on a coarser grid since nothing fine is left of it.
 * @returns `[h*w]`, new memory.
 */
export function haze(plane: Float32Array, sidePx: number, radius: number): Float32Array {
  const step = Math.max(1, Math.floor(radius / 4));
  const coarseSide = Math.ceil(sidePx / step);
  const coarse = new Float32Array(coarseSide * coarseSide);
  for (let row = 0; row < coarseSide; row++)
    for (let column = 0; column < coarseSide; column++)
      coarse[row * coarseSide + column] = blockMean(plane, sidePx, row * step, column * step, step);
  for (let pass = 0; pass < 2; pass++) boxBlur(coarse, coarseSide, Math.round(radius / step));
  return enlarge(coarse, coarseSide, sidePx, step);
}

function blockMean(plane: Float32Array, sidePx: number, top: number, left: number, step: number): number {
  const bottom = Math.min(sidePx, top + step);
  const right = Math.min(sidePx, left + step);
  let sum = 0;
  for (let row = top; row < bottom; row++)
    for (let column = left; column < right; column++) sum += plane[row * sidePx + column]!;
  return sum / ((bottom - top) * (right - left));
}

/** Bilinear enlargement by a whole factor. */
function enlarge(coarse: Float32Array, coarseSide: number, sidePx: number, step: number): Float32Array {
  const fine = new Float32Array(sidePx * sidePx);
  const last = coarseSide - 1;
  for (let row = 0; row < sidePx; row++) {
    const y = Math.max(0, Math.min(last, (row + 0.5) / step - 0.5));
    const top = Math.floor(y) * coarseSide;
    const bottom = Math.min(last, Math.floor(y) + 1) * coarseSide;
    const down = y - Math.floor(y);
    for (let column = 0; column < sidePx; column++) {
      const x = Math.max(0, Math.min(last, (column + 0.5) / step - 0.5));
      const left = Math.floor(x);
      const right = Math.min(last, left + 1);
      const across = x - left;
      const above = coarse[top + left]! * (1 - across) + coarse[top + right]! * across;
      const below = coarse[bottom + left]! * (1 - across) + coarse[bottom + right]! * across;
      fine[row * sidePx + column] = above * (1 - down) + below * down;
    }
  }
  return fine;
}

function boxBlur(plane: Float32Array, sidePx: number, radius: number): void {
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
