import { describe, expect, it } from "vitest";
import { MemoryWatch } from "./memory.ts";
import { pairedRatio, summaryOf } from "./statistics.ts";

describe("a summary of samples", () => {
  it("is the median and the inter-quartile range, by hand", () => {
    expect(summaryOf([7, 1, 3, 5, 9])).toEqual({ median: 5, spread: 4 }); // quartiles 3 and 7
    expect(summaryOf([2])).toEqual({ median: 2, spread: 0 });
  });

  it("is not moved by one disturbed round", () => {
    expect(summaryOf([10, 10, 10, 10, 9000])).toEqual({ median: 10, spread: 0 });
  });
});

describe("a ratio of interleaved rounds", () => {
  it("is taken round by round, so that a slow spell of the machine cancels", () => {
    // The machine slows down fourfold on the way; a is always twice as fast. The medians alone would say the same only by luck.
    expect(pairedRatio([80, 40, 20], [40, 20, 10])).toEqual({ median: 2, spread: 0 });
    expect(pairedRatio([80, 20, 20], [40, 10, 40]).median).toBe(2);
  });

  it("refuses unequal numbers of rounds", () => {
    expect(() => pairedRatio([1, 2], [1])).toThrow("2 rounds against 1");
  });
});

describe("the memory watch", () => {
  it("adds up growth during the work alone, the first time left out", async () => {
    let rss = 100 * 1024 ** 2;
    const watch = new MemoryWatch(() => rss);
    const growing = (mebibytes: number) => () => {
      rss += mebibytes * 1024 ** 2;
    };
    await watch.during(10, growing(500));
    await watch.during(10, growing(2));
    rss += 1024 ** 3; // another variant's
    await watch.during(10, growing(1));
    expect(watch.text()).toBe("resident memory +3.0 MiB over 20 images");
    await watch.during(10, growing(-4));
    expect(watch.text()).toBe("resident memory −1.0 MiB over 30 images");
  });
});
