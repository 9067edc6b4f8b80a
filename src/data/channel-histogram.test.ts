import fc from "fast-check";
import { expect, it } from "vitest";
import { ChannelHistogram } from "./channel-histogram.ts";

it("equals NumPy on a worked example", () => {
  const histogram = new ChannelHistogram("uint16");
  histogram.add(Uint16Array.of(10, 65535, 0));
  histogram.add(Uint16Array.of(7));
  const s = histogram.statistics();
  // np.mean, np.std, np.percentile([0, 7, 10, 65535], [0.5, 99.5])
  expect(s.min).toBe(0);
  expect(s.max).toBe(65535);
  expect(s.mean).toBe(16388);
  expect(s.sd).toBeCloseTo(28375.03391187401, 8);
  expect(s.p0_5).toBeCloseTo(0.105, 12);
  expect(s.p99_5).toBeCloseTo(64552.125, 9);
});

it("percentiles are those of the sorted pixels, interpolated", () => {
  const pixels = fc.uint8Array({ minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(pixels, fc.double({ min: 0, max: 100, noNaN: true }), (values, percent) => {
      const histogram = new ChannelHistogram("uint8");
      histogram.add(values);
      const sorted = values.slice().sort();
      const rank = (percent / 100) * (sorted.length - 1);
      const [low, high] = [sorted[Math.floor(rank)]!, sorted[Math.ceil(rank)]!];
      expect(histogram.percentile(percent)).toBeCloseTo(low + (rank % 1) * (high - low), 9);
    }),
  );
});

it("does not depend on how pixels are handed over", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (values, cut) => {
      const [whole, parts] = [new ChannelHistogram("uint8"), new ChannelHistogram("uint8")];
      whole.add(values);
      parts.add(values.subarray(0, cut % values.length));
      parts.add(values.subarray(cut % values.length));
      expect(parts.statistics()).toEqual(whole.statistics());
    }),
  );
});

it("of nothing is all zeros, not NaN", () => {
  expect(new ChannelHistogram("uint8").statistics()).toEqual({ min: 0, max: 0, mean: 0, sd: 0, p0_5: 0, p99_5: 0 });
});
