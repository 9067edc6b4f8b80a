import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Cooccurrence, HARALICK_NAMES, haralickFeatures, TEXTURE_LEVELS, textureAt } from "./haralick.ts";

/** The picture of Haralick's paper, figure 3. */
const PAPER = Uint8Array.of(0, 0, 1, 1, 0, 0, 1, 1, 0, 2, 2, 2, 2, 2, 3, 3);
const upperLeft = (table: ArrayLike<number>) =>
  [0, 1, 2, 3].map((a) => [0, 1, 2, 3].map((b) => table[a * TEXTURE_LEVELS + b]));

function picture(levels: Uint8Array, height: number, width: number): Cooccurrence {
  const one = new Cooccurrence(height, width);
  one.levels.set(levels);
  return one;
}
const cooccurrence = (levels: Uint8Array, height: number, width: number, dx: number, dy: number) =>
  picture(levels, height, width).count(dx, dy);

/** Every pair of pixels, looked up one by one. */
function countedByPairs(levels: Uint8Array, height: number, width: number, dx: number, dy: number): number[] {
  const table = new Array<number>(TEXTURE_LEVELS ** 2).fill(0);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (const sign of [1, -1]) {
        const [v, u] = [y + sign * dy, x + sign * dx];
        if (v < 0 || u < 0 || v >= height || u >= width) continue;
        table[levels[y * width + x]! * TEXTURE_LEVELS + levels[v * width + u]!]!++;
      }
  return table;
}

/** The definitions of the paper's appendix, each written out over the whole table. */
function byDefinition(table: ArrayLike<number>): number[] {
  const n = TEXTURE_LEVELS;
  const total = Array.from(table).reduce((a, b) => a + b, 0);
  const p = (a: number, b: number) => table[a * n + b]! / total;
  const all = Array.from({ length: n }, (_, i) => i);
  const over = (f: (a: number, b: number) => number) =>
    all.reduce((sum, a) => sum + all.reduce((inner, b) => inner + f(a, b), 0), 0);
  const log = (x: number) => (x > 0 ? Math.log2(x) : 0);
  const px = all.map((a) => all.reduce((s, b) => s + p(a, b), 0));
  const py = all.map((b) => all.reduce((s, a) => s + p(a, b), 0));
  const mean = px.reduce((s, v, i) => s + i * v, 0);
  const variance = over((a, b) => (a - mean) ** 2 * p(a, b));
  const plus = Array.from({ length: 2 * n - 1 }, (_, k) => over((a, b) => (a + b === k ? p(a, b) : 0)));
  const minus = all.map((k) => over((a, b) => (Math.abs(a - b) === k ? p(a, b) : 0)));
  const entropyOf = (q: readonly number[]) => -q.reduce((s, v) => s + v * log(v), 0);
  const [sumAverage, meanDifference] = [plus, minus].map((q) => q.reduce((s, v, k) => s + k * v, 0)) as [
    number,
    number,
  ];
  const hxy = -over((a, b) => p(a, b) * log(p(a, b)));
  const hxy1 = -over((a, b) => p(a, b) * log(px[a]! * py[b]!));
  const hxy2 = -over((a, b) => px[a]! * py[b]! * log(px[a]! * py[b]!));
  return [
    over((a, b) => p(a, b) ** 2),
    over((a, b) => (a - b) ** 2 * p(a, b)),
    (over((a, b) => a * b * p(a, b)) - mean ** 2) / variance,
    variance,
    over((a, b) => p(a, b) / (1 + (a - b) ** 2)),
    sumAverage,
    plus.reduce((s, v, k) => s + (k - sumAverage) ** 2 * v, 0),
    entropyOf(plus),
    hxy,
    minus.reduce((s, v, k) => s + (k - meanDifference) ** 2 * v, 0),
    entropyOf(minus),
    (hxy - hxy1) / Math.max(entropyOf(px), entropyOf(py)),
    Math.sqrt(1 - Math.exp(-2 * Math.LN2 * (hxy2 - hxy))),
  ];
}

describe("co-occurrence", () => {
  // P_H, P_RD, P_V and P_LD of the paper
  for (const [name, dx, dy, want] of [
    [
      "0°",
      1,
      0,
      [
        [4, 2, 1, 0],
        [2, 4, 0, 0],
        [1, 0, 6, 1],
        [0, 0, 1, 2],
      ],
    ],
    [
      "45°",
      1,
      -1,
      [
        [4, 1, 0, 0],
        [1, 2, 2, 0],
        [0, 2, 4, 1],
        [0, 0, 1, 0],
      ],
    ],
    [
      "90°",
      0,
      1,
      [
        [6, 0, 2, 0],
        [0, 4, 2, 0],
        [2, 2, 2, 2],
        [0, 0, 2, 0],
      ],
    ],
    [
      "135°",
      1,
      1,
      [
        [2, 1, 3, 0],
        [1, 2, 1, 0],
        [3, 1, 0, 2],
        [0, 0, 2, 0],
      ],
    ],
  ] as const)
    it(`equals the table of Haralick's paper at ${name}`, () => {
      expect(upperLeft(cooccurrence(PAPER, 4, 4, dx, dy))).toEqual(want);
    });

  it("equals counting pair by pair, for any picture, size and distance", () => {
    const drawn = fc.record({
      ...{ height: fc.integer({ min: 4, max: 9 }), width: fc.integer({ min: 4, max: 27 }) },
      ...{ distance: fc.integer({ min: 1, max: 3 }), seed: fc.integer() },
    });
    fc.assert(
      fc.property(drawn, ({ height, width, distance, seed }) => {
        const levels = Uint8Array.from({ length: height * width }, (_, i) => ((seed ^ (i * 2654435761)) >>> 7) & 15);
        for (const [dx, dy] of [
          [1, 0],
          [1, -1],
          [0, 1],
          [1, 1],
        ].map((d) => d.map((v) => v * distance)) as [number, number][])
          expect([...cooccurrence(levels, height, width, dx, dy)]).toEqual(
            countedByPairs(levels, height, width, dx, dy),
          );
      }),
      { numRuns: 25 },
    );
  });
});

describe("Haralick's figures", () => {
  it("equal their definitions written out", () => {
    const levels = Uint8Array.from({ length: 400 }, (_, i) => (Math.imul(i, 2654435761) >>> 9) % 11);
    for (const table of [cooccurrence(PAPER, 4, 4, 1, 0).slice(), cooccurrence(levels, 20, 20, 1, 1).slice()]) {
      const want = byDefinition(table);
      haralickFeatures(table).forEach((value, k) => {
        expect(value, HARALICK_NAMES[k]).toBeCloseTo(want[k]!, 10);
      });
    }
  });

  it("of the paper's picture at 0° are those computed by hand", () => {
    const [asm, contrast, , , inverse] = haralickFeatures(cooccurrence(PAPER, 4, 4, 1, 0));
    expect(asm).toBeCloseTo((16 + 4 + 1 + 4 + 16 + 1 + 36 + 1 + 1 + 4) / 24 ** 2, 12);
    expect(contrast).toBeCloseTo((2 * 2 * 1 + 2 * 1 * 4 + 2 * 1 * 1) / 24, 12); // 0-1 twice, 0-2 once, 2-3 once, both ways
    expect(inverse).toBeCloseTo((4 + 4 + 6 + 2 + 4 / 2 + 2 / 5 + 2 / 2) / 24, 12);
  });

  it("of a constant picture are those of one certain pair", () => {
    const values = haralickFeatures(cooccurrence(new Uint8Array(16), 4, 4, 1, 0));
    expect([...values]).toEqual([1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0].map((v) => expect.closeTo(v, 12)));
  });

  it("have as mean and range what the four directions have, and do not depend on a quarter turn", () => {
    const side = 12;
    const levels = Uint8Array.from({ length: side * side }, (_, i) => (Math.imul(i + 5, 2654435761) >>> 9) & 15);
    const turned = Uint8Array.from(
      { length: side * side },
      (_, i) => levels[(i % side) * side + side - 1 - Math.floor(i / side)]!,
    );
    const [a, b] = [levels, turned].map((each) => {
      const out = new Float32Array(26);
      textureAt(picture(each, side, side), 2, out);
      return out;
    });
    expect([...a!]).toEqual([...b!].map((v) => expect.closeTo(v, 5)));
    const contrasts = [
      [2, 0],
      [2, -2],
      [0, 2],
      [2, 2],
    ].map(([dx, dy]) => haralickFeatures(cooccurrence(levels, side, side, dx!, dy!))[1]!);
    expect(a![1]).toBeCloseTo(contrasts.reduce((s, v) => s + v, 0) / 4, 4);
    expect(a![14]).toBeCloseTo(Math.max(...contrasts) - Math.min(...contrasts), 4);
  });
});
