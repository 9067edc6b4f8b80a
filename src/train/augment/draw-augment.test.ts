// How often and how strongly: statistics of many draws against the probabilities and spreads that were asked for.
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../core/index.ts";
import { AugmentOps } from "../../schema/index.ts";
import { type Affine, isIdentity } from "./affine.ts";
import { drawAugment } from "./draw-augment.ts";

const OFF = {
  flipX: false,
  flipY: false,
  quarterTurns: false,
  ...Object.fromEntries(
    [
      "integerShift",
      "scale",
      "rotation",
      "stretch",
      "fractionalShift",
      "brightness",
      "contrast",
      "noise",
      "cutout",
    ].map((name) => [name, { on: false }]),
  ),
};
const only = (on: object): AugmentOps => AugmentOps.parse({ ...OFF, ...on });
const N = 20_000;
const draw = (ops: AugmentOps, p: number, c = 2) => drawAugment(ops, p, { n: N, c, sidePx: 64 }, new SeededRandom(11));
const share = <T>(items: readonly T[], is: (item: T) => boolean): number => items.filter(is).length / items.length;
/** Four standard errors of a share of `N`. */
const expectShare = (got: number, want: number, n = N) =>
  expect(Math.abs(got - want)).toBeLessThanOrEqual(4 * Math.sqrt((want * (1 - want)) / n));
const spread = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
const determinant = ([a, b, , c, d]: Affine): number => a * d - b * c;
const angle = ([a, , , c]: Affine): number => Math.atan2(c, a);

describe("how often an operation is drawn", () => {
  for (const p of [0.2, 0.7, 1]) {
    for (const [name, ops, changed] of [
      ["flipX", { flipX: true }, p / 2],
      ["flipY", { flipY: true }, p / 2],
      ["quarterTurns", { quarterTurns: true }, (3 / 4) * p],
      // Of 17 · 17 shifts, of which the outermost are drawn half as often, one is none.
      ["integerShift", { integerShift: { on: true } }, p * (1 - 1 / 16 ** 2)],
      ["scale", { scale: { on: true } }, p],
      ["rotation, before or after the stretch", { rotation: { on: true } }, p],
      ["stretch", { stretch: { on: true } }, p],
      ["fractionalShift", { fractionalShift: { on: true } }, p],
    ] as const)
      it(`${name} at p = ${p}`, () => {
        const { geometry, colour, noise, cutout } = draw(only(ops), p);
        expectShare(
          share(geometry, ({ source }) => !isIdentity(source)),
          changed,
        );
        expect([colour, noise, cutout]).toEqual([null, null, null]);
      });
    it(`brightness, contrast, noise and cutout at p = ${p}`, () => {
      const c = 2;
      const images = Array.from({ length: N }, (_, i) => i);
      const brightness = draw(only({ brightness: { on: true } }), p, c).colour;
      expectShare(
        share(images, (i) => brightness?.offset[i * c] !== 0),
        p,
      );
      const contrast = draw(only({ contrast: { on: true } }), p, c).colour;
      expectShare(
        share(images, (i) => contrast?.gain[i * c] !== 1),
        p,
      );
      const { noise } = draw(only({ noise: { on: true } }), p);
      expectShare(
        share(images, (i) => noise?.sigma[i] !== 0),
        p,
      );
      const { cutout } = draw(only({ cutout: { on: true } }), p);
      expectShare(
        share(images, (i) => !Number.isNaN(cutout?.x[i])),
        p,
      );
    });
  }
  it("nothing at p = 0, and the generator stays where it was", () => {
    const random = new SeededRandom(3);
    const before = random.state();
    const all = AugmentOps.parse({ noise: { on: true }, cutout: { on: true } });
    const { geometry, colour, noise, cutout } = drawAugment(all, 0, { n: 50, c: 3, sidePx: 64 }, random);
    expect(geometry.every(({ source, exact }) => exact && isIdentity(source))).toBe(true);
    expect([colour, noise, cutout]).toEqual([null, null, null]);
    expect(random.state()).toEqual(before);
  });
  it("nothing at p = 1 when every operation is off", () => {
    const { geometry, colour, noise, cutout } = draw(only({}), 1);
    expect(geometry.every(({ source }) => isIdentity(source))).toBe(true);
    expect([colour, noise, cutout]).toEqual([null, null, null]);
  });
  it("operations of one image are independent of each other", () => {
    const { geometry } = draw(only({ scale: { on: true }, fractionalShift: { on: true } }), 0.4);
    expectShare(
      share(geometry, ({ source: [a, , tx] }) => a !== 1 && tx !== 0),
      0.4 ** 2,
    );
  });
});

describe("how strongly an operation works", () => {
  const sources = (ops: object) => draw(only(ops), 1).geometry.map(({ source }) => source);
  const close = (got: number, want: number) => expect(Math.abs(got / want - 1)).toBeLessThan(0.03);

  it("every orientation is equally likely at p = 1", () => {
    const counts = new Map<string, number>();
    for (const [a, b, , c, d] of sources({ flipX: true, flipY: true, quarterTurns: true }))
      counts.set([a, b, c, d].join(), (counts.get([a, b, c, d].join()) ?? 0) + 1);
    expect(counts.size).toBe(8);
    for (const count of counts.values()) expectShare(count / N, 1 / 8);
  });
  it("whole-pixel shifts are whole, reach maxShare of the side both ways and never further", () => {
    const shifts = sources({ integerShift: { on: true, maxShare: 0.1 } }).flatMap(([, , tx, , , ty]) => [tx, ty]);
    expect(shifts.every(Number.isInteger)).toBe(true);
    expect([Math.min(...shifts), Math.max(...shifts)]).toEqual([-6, 6]); // 6.4 pixels
  });
  it("scale has its spread in octaves and keeps the axes alike", () => {
    const maps = sources({ scale: { on: true, sigmaLog2: 0.3 } });
    expect(maps.every(([a, b, , c, d]) => a === d && b === 0 && c === 0)).toBe(true);
    close(spread(maps.map(([a]) => Math.log2(a))), 0.3);
  });
  it("stretch has its spread in octaves and keeps the area", () => {
    const maps = sources({ stretch: { on: true, sigmaLog2: 0.3 } });
    expect(maps.every((map) => Math.abs(determinant(map) - 1) < 1e-12)).toBe(true);
    close(spread(maps.map(([a]) => Math.log2(a))), 0.3);
  });
  it("rotations are even over the angles and keep lengths", () => {
    const maps = sources({ rotation: { on: true, maxDegrees: 180 } });
    expect(maps.every((map) => Math.abs(determinant(map) - 1) < 1e-12)).toBe(true);
    for (const quadrant of [0, 1, 2, 3])
      expectShare(
        share(maps, (map) => Math.floor((angle(map) + Math.PI) / (Math.PI / 2)) === quadrant),
        1 / 4,
      );
  });
  it("a rotation's largest angle is kept", () => {
    // At p = 1 both rotations happen: twice the limit at most, and nearly so in so many draws.
    const angles = sources({ rotation: { on: true, maxDegrees: 10 } }).map(
      (map) => (Math.abs(angle(map)) * 180) / Math.PI,
    );
    expect(Math.max(...angles)).toBeLessThan(20);
    expect(Math.max(...angles)).toBeGreaterThan(19);
  });
  it("rotation before and after the stretch happen with 1 − √(1 − p) each", () => {
    const p = 0.5;
    const { geometry } = draw(only({ rotation: { on: true }, stretch: { on: true, sigmaLog2: 0.3 } }), p);
    // Alone, a rotation before leaves the source map's columns, one after its rows, at right angles; with a stretch both show.
    const stretched = geometry
      .map(({ source }) => source)
      .filter(([a, b, , c, d]) => Math.hypot(a, c) !== 1 && Math.abs(a * a + b * b + c * c + d * d - 2) > 1e-9);
    const columns = ([a, b, , c, d]: Affine) => Math.abs(a * b + c * d) > 1e-9;
    const rows = ([a, b, , c, d]: Affine) => Math.abs(a * c + b * d) > 1e-9;
    const each = 1 - Math.sqrt(1 - p);
    expectShare(share(stretched, columns), each, stretched.length);
    expectShare(share(stretched, rows), each, stretched.length);
  });
  it("fractional shifts have their spread as a share of the side", () => {
    const maps = sources({ fractionalShift: { on: true, sigmaShare: 0.05 } });
    close(spread(maps.flatMap(([, , tx, , , ty]) => [tx, ty])), 0.05 * 64);
  });
  it("brightness and contrast have their spreads, and every channel its own draw", () => {
    const c = 2;
    const { gain, offset } = draw(only({ brightness: { on: true }, contrast: { on: true } }), 1, c).colour!;
    close(spread([...gain].map(Math.log2)), 0.5);
    close(spread([...offset].map((value, i) => value / gain[i]!)), 0.2);
    const covariance = (values: readonly number[]) =>
      Array.from({ length: N }, (_, i) => values[i * c]! * values[i * c + 1]!).reduce((sum, v) => sum + v) / N;
    expect(Math.abs(covariance([...gain].map(Math.log2)))).toBeLessThan((4 * 0.5 ** 2) / Math.sqrt(N));
    expect(Math.abs(covariance([...offset].map((value, i) => value / gain[i]!)))).toBeLessThan(
      (4 * 0.2 ** 2) / Math.sqrt(N),
    );
  });
  it("contrast leaves its pivot where it is", () => {
    const { gain, offset } = draw(only({ contrast: { on: true, pivot: -1 } }), 1).colour!;
    expect(gain.every((factor, i) => Math.abs(factor * -1 + offset[i]! + 1) < 1e-12)).toBe(true);
  });
  it("the noise level has its spread, and centres of cutouts cover the image evenly", () => {
    close(spread([...draw(only({ noise: { on: true } }), 1).noise!.sigma]), 0.1);
    const { x, y } = draw(only({ cutout: { on: true } }), 1).cutout!;
    for (const centres of [x, y])
      expectShare(
        share([...centres], (centre) => centre < 0.25),
        0.25,
      );
  });
});

it("refuses what is no probability, with words that help", () => {
  for (const p of [-0.1, 1.5, Number.NaN])
    expect(() => draw(only({}), p)).toThrow(
      new RegExp(`cannot be augmented with probability ${p}\\.\\n.*between 0 and 1\\.\\n.*pass p from 0`),
    );
});
