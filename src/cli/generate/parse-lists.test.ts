import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GanDlError } from "../../core/index.ts";
import { MAX_SEED } from "../../train/index.ts";
import { parseMix, parseRange, parseSeeds, parseTruncations, parseWholes } from "./parse-lists.ts";

/** What the error of `code` says that `work` throws. */
function complaint(code: string, work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (!(error instanceof GanDlError)) throw error;
    expect(error.code).toBe(code);
    return error.message;
  }
  throw new Error("nothing was thrown");
}

describe("lists of seeds", () => {
  it("are numbers and ranges, in the order typed", () => {
    expect(parseSeeds("--seeds", "0-3,20, 7 ,5-5")).toEqual([0, 1, 2, 3, 20, 7, 5]);
    expect(parseSeeds("--seeds", String(MAX_SEED))).toEqual([4294967295]);
  });
  it("come back as typed, whatever the ranges", () => {
    const range = fc.tuple(fc.nat(1000), fc.nat(20)).map(([first, more]) => [first, first + more] as const);
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 6 }), (ranges) => {
        const expected = ranges.flatMap(([a, b]) => Array.from({ length: b - a + 1 }, (_, i) => a + i));
        expect(parseSeeds("--seeds", ranges.map(([a, b]) => `${a}-${b}`).join(","))).toEqual(expected);
      }),
    );
  });
  it("are refused with the part that is wrong, and an example", () => {
    const says = (text: string) => complaint("bad-list", () => parseSeeds("--seeds", text));
    for (const text of ["", "1,,2", "a", "1.5", "-1", "1-2-3"])
      expect(says(text)).toMatch(/^--seeds .*cannot be read\.\n.*neither a whole number nor a range/);
    expect(says("1,x")).toContain("'x' is neither");
    expect(says("9-3")).toMatch(/range 9-3 runs backwards[\s\S]*like --seeds 0-15,20/);
    expect(says("4294967296")).toContain("4294967296 is larger than 4294967295");
    expect(says("0-999999,5")).toContain("more than 1,000,000");
  });
});

describe("truncations", () => {
  it("are one value or several", () => {
    expect(parseTruncations("0.7")).toEqual([0.7]);
    expect(parseTruncations("0,0.5, 1,-1")).toEqual([0, 0.5, 1, -1]);
  });
  it("are refused outside −2 to 2, and where they are no numbers", () => {
    for (const text of ["", "0.5,", "x", "3", "NaN"])
      expect(complaint("bad-list", () => parseTruncations(text))).toMatch(/no number between -2 and 2[\s\S]*0\.7/);
  });
});

describe("style mixing", () => {
  it("takes three numbers or ranges with commas, or lists with slashes", () => {
    expect(parseMix("1-2,10-12,0-1", 8)).toEqual({ rowSeeds: [1, 2], columnSeeds: [10, 11, 12], layers: [0, 1] });
    expect(parseMix("1,5 / 7,9 / 0,7", 8)).toEqual({ rowSeeds: [1, 5], columnSeeds: [7, 9], layers: [0, 7] });
  });
  it("knows groups of layers, as far as the network has them", () => {
    expect(parseMix("1,2,coarse", 8).layers).toEqual([0, 1, 2, 3]);
    expect(parseMix("1,2,middle", 6).layers).toEqual([4, 5]);
    expect(parseMix("1,2,fine", 12).layers).toEqual([8, 9, 10, 11]);
    expect(complaint("bad-list", () => parseMix("1,2,fine", 8))).toContain("layers 0 to 7, none of them fine");
  });
  it("is refused with what is wrong about it", () => {
    expect(complaint("bad-list", () => parseMix("1,2", 8))).toMatch(/has 2 parts[\s\S]*1,5,9\/10-14\/0-3/);
    expect(complaint("bad-list", () => parseMix("1,2,3,4", 8))).toContain("has 4 parts");
    expect(complaint("bad-list", () => parseMix("1,2,8", 8))).toContain("8 is larger than 7");
  });
});

describe("display ranges", () => {
  it("are words, percentiles or grey levels", () => {
    expect(["auto", "full", "p0.5-p99.5", "200-4000"].map(parseRange)).toEqual([
      { kind: "auto" },
      { kind: "full" },
      { kind: "percentiles", low: 0.5, high: 99.5 },
      { kind: "levels", low: 200, high: 4000 },
    ]);
  });
  it("are refused when they are neither, empty, or beyond 100 %", () => {
    const says = (text: string) => complaint("bad-range", () => parseRange(text));
    for (const text of ["", "p1", "p1-99", "1-p99", "max"])
      expect(says(text)).toContain("neither a word nor two limits");
    expect(says("p99-p1")).toMatch(/lower limit is not below[\s\S]*write auto, full/);
    expect(says("5-5")).toContain("lower limit is not below");
    expect(says("p1-p101")).toContain("percentiles end at 100");
  });
});

it("parseWholes names the option and example it was given", () => {
  expect(complaint("bad-list", () => parseWholes("--walk", "z", 9, "1,5"))).toMatch(/--walk z[\s\S]*like --walk 1,5\./);
});
