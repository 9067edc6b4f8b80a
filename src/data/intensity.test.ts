import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChannelHistogram } from "./channel-histogram.ts";
import { mapLevels, percentileRange, STANDARDISED_SD_RANGE, standardisedRange } from "./intensity.ts";

const mapped = (source: Uint8Array | Uint16Array, range: { low: number; high: number }) => {
  const out = new Uint8Array(source.length);
  mapLevels(source, range, out);
  return out;
};

describe("grey level mappings", () => {
  it("stretch the range over 0…255, round and clamp", () => {
    const out = mapped(Uint16Array.of(0, 100, 151, 199, 200, 65535), { low: 100, high: 200 });
    expect([...out]).toEqual([0, 0, 130, 252, 255, 255]);
  });

  it("keep the order of grey levels", () => {
    const range = fc.record({ low: fc.nat(60000), width: fc.integer({ min: 1, max: 60000 }) });
    fc.assert(
      fc.property(fc.uint16Array({ minLength: 2, maxLength: 2 }), range, (pair, { low, width }) => {
        const out = mapped(pair.slice().sort(), { low, high: low + width });
        expect(out[0]).toBeLessThanOrEqual(out[1]!);
      }),
    );
  });

  it("by percentiles ignore what lies outside them", () => {
    const histogram = new ChannelHistogram("uint16");
    histogram.add(new Uint16Array(990).fill(1000));
    histogram.add(Uint16Array.from({ length: 1000 }, (_, i) => 1000 + i));
    histogram.add(Uint16Array.of(0, 65535));
    const { low, high } = percentileRange(histogram);
    expect(low).toBe(1000);
    expect(high).toBeGreaterThan(1980);
    expect(high).toBeLessThan(2000);
  });

  it("standardise an image to mean 127.5 and the stated spread, whatever its gain and offset", () => {
    const plane = Uint16Array.from({ length: 400 }, (_, i) => 1000 + (i % 20) * 10);
    const brighter = plane.map((v) => 3 * v + 500);
    const out = mapped(plane, standardisedRange(plane));
    expect(mapped(brighter, standardisedRange(brighter))).toEqual(out);
    const mean = out.reduce((s, v) => s + v, 0) / out.length;
    const sd = Math.sqrt(out.reduce((s, v) => s + (v - mean) ** 2, 0) / out.length);
    expect(Math.abs(mean - 127.5)).toBeLessThan(0.5);
    expect(Math.abs(sd - 255 / (2 * STANDARDISED_SD_RANGE))).toBeLessThan(0.5);
  });

  it("make a constant channel flat, not NaN", () => {
    const flat = new Uint16Array(9).fill(700);
    const histogram = new ChannelHistogram("uint16");
    histogram.add(flat);
    expect([...new Set(mapped(flat, percentileRange(histogram)))]).toEqual([0]);
    expect([...new Set(mapped(flat, standardisedRange(flat)))]).toEqual([128]);
  });
});
