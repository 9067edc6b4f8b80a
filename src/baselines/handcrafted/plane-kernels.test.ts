import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PAIR_TABLES, planeKernels } from "./plane-kernels.ts";

const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
const property = <T>(drawn: fc.Arbitrary<T>, holds: (value: T) => void) =>
  fc.assert(fc.property(drawn, holds), { numRuns: 50 });

describe("kernels over planes", () => {
  it("find the least and the greatest of three", () => {
    const three = fc.array(fc.tuple(fc.integer(), fc.integer(), fc.integer()), { minLength: 1, maxLength: 41 });
    property(three, (rows) => {
      const bytes = 4 * rows.length;
      const { buffer, starts, kernels } = planeKernels([bytes, bytes, bytes, bytes]);
      const [first, second, third, to] = starts as [number, number, number, number];
      for (const k of [0, 1, 2]) new Int32Array(buffer, starts[k], rows.length).set(rows.map((row) => row[k]!));
      const found = new Int32Array(buffer, to, rows.length);
      kernels.least(first, second, third, to, to + bytes);
      expect([...found]).toEqual(rows.map((row) => Math.min(...row)));
      kernels.greatest(first, second, third, to, to + bytes);
      expect([...found]).toEqual(rows.map((row) => Math.max(...row)));
    });
  });

  it("add up more than 32 bits hold", () => {
    property(fc.array(fc.integer(), { minLength: 4, maxLength: 40 }), (drawn) => {
      const values = drawn.slice(0, drawn.length - (drawn.length % 4));
      const { buffer, starts, kernels } = planeKernels([4 * values.length, 16]);
      new Int32Array(buffer, starts[0], values.length).set(values);
      kernels.total(starts[0]!, starts[0]! + 4 * values.length, starts[1]!);
      expect(Number(sum64(new BigInt64Array(buffer, starts[1], 2)))).toBe(sum(values));
    });
  });

  it("count every pair of levels once, whatever lies beside it", () => {
    const eights = fc.array(fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 16, maxLength: 16 }), {
      ...{ minLength: 1, maxLength: 5 },
    });
    property(eights, (drawn) => {
      const [a, b] = [drawn.flatMap((row) => row.slice(8)), drawn.flatMap((row) => row.slice(0, 8))];
      const { buffer, starts, kernels } = planeKernels([a.length, b.length, 1024 * PAIR_TABLES]);
      const [first, second, counts] = starts as [number, number, number];
      new Uint8Array(buffer, first, a.length).set(a);
      new Uint8Array(buffer, second, b.length).set(b);
      kernels.countPairs(first, second, first + a.length, counts);
      const got = new Array<number>(256).fill(0);
      new Int32Array(buffer, counts, 256 * PAIR_TABLES).forEach((n, i) => {
        got[i % 256]! += n;
      });
      const want = new Array<number>(256).fill(0);
      a.forEach((level, i) => {
        want[16 * level + b[i]!]!++;
      });
      expect(got).toEqual(want);
    });
  });

  it("add up products of light from the minimum exactly, and what is above a limit and not at it", () => {
    const pixel = fc.record({
      ...{ a: fc.integer({ min: 0, max: 65535 }), b: fc.integer({ min: 0, max: 65535 }) },
      ...{ rankA: fc.integer({ min: -64, max: 64 }), rankB: fc.integer({ min: -64, max: 64 }) },
    });
    property(fc.array(pixel, { minLength: 1, maxLength: 40 }), (rows) => {
      const n = rows.length;
      const padded = Math.ceil(n / 4) * 4;
      const { buffer, starts, kernels } = planeKernels([2 * padded, 2 * padded, 4 * n, 4 * n, 64]);
      const [minA, minB] = [Math.min(...rows.map((row) => row.a)), Math.min(...rows.map((row) => row.b))];
      const light = rows.map((row) => ({ a: row.a - minA, b: row.b - minB }));
      const [a, b, ranksA, ranksB, to] = starts as [number, number, number, number, number];
      new Uint16Array(buffer, a, padded).fill(minA).set(rows.map((row) => row.a));
      new Uint16Array(buffer, b, padded).fill(minB).set(rows.map((row) => row.b));
      new Float32Array(buffer, ranksA, n).set(rows.map((row) => row.rankA / 64));
      new Float32Array(buffer, ranksB, n).set(rows.map((row) => row.rankB / 64));
      const limits = [light[0]!.a, light[0]!.b] as const;
      kernels.pairSums(a, b, ranksA, ranksB, a + 2 * n, minA, minB, ...limits, to);
      const counted = new BigInt64Array(buffer, to, 6);
      const got = [0, 2, 4].map((i) => Number(sum64(counted.subarray(i, i + 2))));
      expect(got).toEqual([
        sum(light.map((row) => row.a * row.b)),
        sum(light.map((row) => (row.b > limits[1] ? row.a : 0))),
        sum(light.map((row) => (row.a > limits[0] ? row.b : 0))),
      ]);
      expect(sum(new Float64Array(buffer, to + 48, 2))).toBe(sum(rows.map((row) => (row.rankA * row.rankB) / 4096)));
    });
  });

  it("have a memory each", () => {
    const [one, other] = [planeKernels([16]), planeKernels([16])];
    new Uint8Array(one.buffer, one.starts[0], 16).fill(7);
    expect([...new Uint8Array(other.buffer, other.starts[0], 16)]).toEqual(new Array(16).fill(0));
  });
});

const sum64 = (values: BigInt64Array) => values.reduce((a, b) => a + b, 0n);
