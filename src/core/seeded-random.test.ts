import fc from "fast-check";
import { expect, it } from "vitest";
import { SeededRandom } from "./seeded-random.ts";

it("equal seeds give equal streams, other seeds and other parts do not", () => {
  const draw = (r: SeededRandom) => Array.from({ length: 8 }, () => r.uniform());
  expect(draw(new SeededRandom(7))).toEqual(draw(new SeededRandom(7)));
  expect(draw(new SeededRandom(7))).not.toEqual(draw(new SeededRandom(8)));
  expect(draw(SeededRandom.forPart(7, "a"))).not.toEqual(draw(SeededRandom.forPart(7, "b")));
});

it("goes on exactly where its state was saved, in the middle of a pair of normals too", () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(9), (seed, skip) => {
      const a = new SeededRandom(seed);
      for (let i = 0; i < skip; i++) a.normal();
      const b = SeededRandom.fromState(JSON.parse(JSON.stringify(a.state())));
      for (let i = 0; i < 5; i++) expect(b.normal()).toBe(a.normal());
    }),
  );
});

it("normals have mean 0 and variance 1, uniforms stay in [0, 1)", () => {
  const r = new SeededRandom(3);
  const x = Array.from({ length: 20_000 }, () => r.normal());
  const mean = x.reduce((s, v) => s + v, 0) / x.length;
  const variance = x.reduce((s, v) => s + (v - mean) ** 2, 0) / x.length;
  expect(Math.abs(mean)).toBeLessThan(0.03); // 4 standard errors
  expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  for (let i = 0; i < 1000; i++) {
    const u = r.uniform();
    expect(u >= 0 && u < 1).toBe(true);
  }
});

it("a shuffle keeps every item", () => {
  expect([...new SeededRandom(5).shuffle([1, 2, 3, 4, 5])].sort()).toEqual([1, 2, 3, 4, 5]);
});

it("streams of neighbouring names are not alike from their first draw on", () => {
  const first = Array.from({ length: 2000 }, (_, i) => SeededRandom.forPart(1, `well/B${i}`).uniform() - 0.5);
  const product = (lag: number) => first.slice(lag).reduce((sum, v, i) => sum + v * first[i]!, 0);
  expect(Math.abs(product(1) / product(0))).toBeLessThan(0.1); // 4.5 standard errors
});
