import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quantile } from "../../math/statistics.ts";
import type { PAIR_NAMES } from "./correlation.ts";
import { GRANULARITY_WIDTHS_PX, Granularity } from "./granularity.ts";
import { GreyLevels } from "./grey-levels.ts";
import { ImageFeatures } from "./image-features.ts";
import { N_RINGS, RadialDistribution } from "./radial.ts";

const noise = (n: number, range: number, seed = 1) =>
  Uint16Array.from({ length: n }, (_, i) => (Math.imul(i + seed, 2654435761) >>> 8) % range);
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const correlation = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  const [ma, mb] = [mean(a), mean(b)];
  const sum = (f: (i: number) => number) => Array.from(a).reduce((s, _, i) => s + f(i), 0);
  const [aa, bb] = [sum((i) => (a[i]! - ma) ** 2), sum((i) => (b[i]! - mb) ** 2)];
  return sum((i) => (a[i]! - ma) * (b[i]! - mb)) / Math.sqrt(aa * bb);
};
/** Ranks from 1, ties at their middle, by comparing each with all. */
const ranksOf = (a: ArrayLike<number>) =>
  Array.from(a, (v) => Array.from(a).reduce((s, w) => s + (w < v ? 1 : w === v ? 0.5 : 0), 0.5));

/** Values of one image by name. */
function measured(image: Uint8Array | Uint16Array, channels: readonly string[], side: number, distancesPx = [1]) {
  const features = new ImageFeatures({ channels, heightPx: side, widthPx: side, distancesPx });
  const out = new Float32Array(features.names.length);
  features.measure(image, out);
  return new Map(features.names.map((name, i) => [name, out[i]!]));
}

describe("grey levels", () => {
  it("have the moments and percentiles of the sorted pixels, plane after plane", () => {
    const levels = new GreyLevels();
    for (const plane of [noise(777, 5000), noise(333, 40, 9), Uint8Array.of(3, 3, 200)]) {
      levels.read(plane);
      for (const percent of [1, 5, 25, 50, 75, 95, 99])
        expect(levels.percentile(percent)).toBeCloseTo(quantile(plane, percent / 100), 9);
      const { mean: m, sd, skewness, kurtosis } = levels.moments();
      const power = (k: number) => mean(Array.from(plane, (v) => (v - m) ** k));
      expect(m).toBeCloseTo(mean(plane), 9);
      expect(sd).toBeCloseTo(Math.sqrt(power(2)), 8);
      expect(skewness).toBeCloseTo(power(3) / power(2) ** 1.5, 8);
      expect(kurtosis).toBeCloseTo(power(4) / power(2) ** 2 - 3, 8);
    }
  });

  it("have the entropy of an even spread over eight levels: three bits", () => {
    const levels = new GreyLevels();
    levels.read(Uint8Array.from({ length: 64 }, (_, i) => (i % 8) * 30));
    expect(levels.moments().entropy).toBeCloseTo(3, 12);
  });

  it("quantise into equal steps and clamp", () => {
    const levels = new GreyLevels();
    const plane = Uint8Array.of(0, 10, 14, 15, 89, 90, 255);
    levels.read(plane);
    const out = new Uint8Array(7);
    levels.quantise(plane, [10, 90], 16, out);
    expect([...out]).toEqual([0, 0, 0, 1, 15, 15, 15]);
    levels.quantise(plane, [10, 10], 16, out);
    expect([...out]).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });
});

interface Picture {
  readonly values: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
}
/** The best of every square around a pixel, the outside left out. */
function around({ values, height, width }: Picture, radius: number, best: (...v: number[]) => number): Picture {
  const steps = Array.from({ length: 2 * radius + 1 }, (_, k) => k - radius);
  const found = Array.from(values, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    const rows = steps.map((dy) => y + dy).filter((v) => v >= 0 && v < height);
    const columns = steps.map((dx) => x + dx).filter((u) => u >= 0 && u < width);
    return best(...rows.flatMap((v) => columns.map((u) => values[v * width + u]!)));
  });
  return { values: found, height, width };
}
/** The light that an opening by each square takes away, written out. */
function openedShares(plane: ArrayLike<number>, height: number, width: number): number[] {
  let picture: Picture = { values: plane, height, width };
  return [[1], [1, 2], [1, 2], [1, 2]].flatMap((radii, octave) => {
    if (octave > 0) picture = halved(picture);
    const light = mean(picture.values);
    return radii.map((radius) => {
      const opened = around(around(picture, radius, Math.min), radius, Math.max);
      return light > 0 ? 1 - mean(opened.values) / light : 0;
    });
  });
}
function halved({ values, height, width }: Picture): Picture {
  const [h, w] = [Math.max(1, height >> 1), Math.max(1, width >> 1)];
  const at = (y: number, x: number) => values[Math.min(y, height - 1) * width + Math.min(x, width - 1)]!;
  const found = Array.from({ length: h * w }, (_, i) => {
    const [y, x] = [2 * Math.floor(i / w), 2 * (i % w)];
    return at(y, x) + at(y, x + 1) + at(y + 1, x) + at(y + 1, x + 1);
  });
  return { values: found, height: h, width: w };
}

describe("granularity", () => {
  it("is the share of light in squares that are narrower: none of those as wide, all of those narrower", () => {
    const side = 64;
    for (const width of [2, 4, 8, 16]) {
      const plane = new Uint8Array(side * side).fill(7);
      for (let y = 16; y < 16 + width; y++) plane.fill(207, y * side + 32, y * side + 32 + width);
      const out = new Float32Array(GRANULARITY_WIDTHS_PX.length);
      new Granularity(side, side).measure(plane, 7, out);
      expect([...out]).toEqual(GRANULARITY_WIDTHS_PX.map((px) => (px > width ? 1 : 0)));
    }
  });

  it("equals opening by looking at every square, on pictures halved by area, for any size", () => {
    const sizes = fc.record({ height: fc.integer({ min: 1, max: 40 }), width: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1 }), ({ height, width }, seed) => {
        const plane = noise(height * width, 60000, seed);
        const min = Math.min(...plane);
        const want = openedShares(
          Float64Array.from(plane, (v) => v - min),
          height,
          width,
        );
        const out = new Float32Array(GRANULARITY_WIDTHS_PX.length);
        new Granularity(height, width).measure(plane, min, out);
        expect([...out]).toEqual(want.map((share) => expect.closeTo(share, 6)));
      }),
      { numRuns: 30 },
    );
  });

  it("is zero for a constant plane", () => {
    const out = new Float32Array(GRANULARITY_WIDTHS_PX.length).fill(9);
    new Granularity(8, 8).measure(new Uint8Array(64).fill(5), 5, out);
    expect([...out]).toEqual(GRANULARITY_WIDTHS_PX.map(() => 0));
  });
});

describe("radial distribution", () => {
  it("puts a disc's light into the inner ring, and one side's light into uneven sectors", () => {
    const side = 40;
    const radial = new RadialDistribution(side, side);
    const [disc, half] = [new Uint8Array(side * side), new Uint8Array(side * side)];
    let area = 0;
    for (let i = 0; i < side * side; i++) {
      const [y, x] = [Math.floor(i / side) - 19.5, (i % side) - 19.5];
      if (Math.hypot(y, x) / Math.hypot(19.5, 19.5) < 1 / N_RINGS) {
        disc[i] = 100;
        area++;
      }
      half[i] = x > 0 ? 100 : 0;
    }
    const out = new Float32Array(2 * N_RINGS);
    radial.measure(disc, 0, out);
    expect(out[0]).toBeCloseTo(side ** 2 / area, 4);
    expect([...out.slice(1)]).toEqual([0, 0, 0, 0, 0, 0, 0]);
    radial.measure(half, 0, out);
    expect(out[1]).toBeCloseTo(1, 5);
    expect(out[N_RINGS + 1]).toBeCloseTo(1, 5); // half the sectors have twice the mean, half none: sd = mean
  });

  it("of a constant plane is even", () => {
    const out = new Float32Array(2 * N_RINGS);
    new RadialDistribution(8, 8).measure(new Uint8Array(64).fill(5), 5, out);
    expect([...out]).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
  });
});

describe("features of an image", () => {
  it("of a pair of stains are correlations, Manders' overlap and shares of light computed one by one", () => {
    const side = 12;
    const [a, b] = [noise(side * side, 90), noise(side * side, 4000, 5)];
    for (let i = 0; i < a.length; i++) b[i]! += 20 * a[i]!;
    const got = measured(Uint16Array.of(...a, ...b), ["DNA", "ER"], side);
    const value = (name: (typeof PAIR_NAMES)[number]) => got.get(`Image_Correlation_${name}_DNA_ER`);
    expect(value("Pearson")).toBeCloseTo(correlation(a, b), 5);
    expect(value("Rank")).toBeCloseTo(correlation(ranksOf(a), ranksOf(b)), 5);
    const [la, lb] = [a.map((v) => v - Math.min(...a)), b.map((v) => v - Math.min(...b))];
    const sum = (f: (i: number) => number) => Array.from(la).reduce((s, _, i) => s + f(i), 0);
    const overlap = sum((i) => la[i]! * lb[i]!) / Math.sqrt(sum((i) => la[i]! ** 2) * sum((i) => lb[i]! ** 2));
    expect(value("Overlap")).toBeCloseTo(overlap, 5);
    expect(value("MandersFirst")).toBeCloseTo(sum((i) => (b[i]! > mean(b) ? la[i]! : 0)) / sum((i) => la[i]!), 5);
    expect(value("MandersSecond")).toBeCloseTo(sum((i) => (a[i]! > mean(a) ? lb[i]! : 0)) / sum((i) => lb[i]!), 5);
  });

  it("have a name each, all different, that tables of profiles take for features", () => {
    const { names } = new ImageFeatures({
      channels: ["DNA", "ER", "actin"],
      heightPx: 16,
      widthPx: 16,
      distancesPx: [1, 3, 9],
    });
    expect(new Set(names).size).toBe(names.length);
    expect(names).toHaveLength(3 * (12 + 7 + 8 + 3 * 26) + 3 * 5);
    expect(names.every((name) => name.startsWith("Image_"))).toBe(true);
    for (const name of [
      "Image_Intensity_P99_ER",
      "Image_Granularity_12px_actin",
      "Image_Radial_RingLight_DNA_4of4",
      "Image_Texture_Contrast_ER_9px_range",
      "Image_Correlation_MandersFirst_ER_actin",
    ])
      expect(names).toContain(name);
  });

  it("stay finite for a black image and for one hot pixel", () => {
    const hot = new Uint16Array(2 * 256);
    hot[100] = 65535;
    for (const image of [new Uint8Array(2 * 256), hot])
      for (const [name, value] of measured(image, ["DNA", "ER"], 16)) expect(Number.isFinite(value), name).toBe(true);
  });

  it("of texture do not change with brightness and contrast; the image's own do", () => {
    const image = noise(16 * 16, 100);
    const [a, b] = [
      measured(image, ["DNA"], 16),
      measured(
        image.map((v) => 3 * v + 50),
        ["DNA"],
        16,
      ),
    ];
    for (const [name, value] of a)
      if (/Texture|Granularity|Radial|Skewness/.test(name)) expect(b.get(name), name).toBeCloseTo(value, 4);
    expect(b.get("Image_Intensity_Mean_DNA")).toBeCloseTo(3 * a.get("Image_Intensity_Mean_DNA")! + 50, 3);
  });

  it("need images that hold the longest distance", () => {
    const options = { channels: ["DNA"], heightPx: 9, widthPx: 20, distancesPx: [1, 9] };
    expect(() => new ImageFeatures(options)).toThrow(
      /9 × 20 px hold no two pixels 9 px apart.*\n.*\n\s+fix: choose shorter distances/,
    );
  });
});
