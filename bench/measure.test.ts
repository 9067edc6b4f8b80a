import { describe, expect, it } from "vitest";
import { referenceBytes, referenceFlop } from "./machine.ts";
import { type RowResult, resultOf } from "./measure.ts";
import type { Prepared } from "./row.ts";
import { shortNumber, tableText } from "./table.ts";

const variant = (name: string) => ({ name, amount: 1, run: () => {} });
/** Speeds at which the reference product makes so many operations a second, and the copy so many bytes. */
const flops = (...rates: number[]) => rates.map((rate) => rate / referenceFlop);
const bytes = (...rates: number[]) => rates.map((rate) => rate / referenceBytes);

describe("a row's figures", () => {
  it("are told in the row's unit", () => {
    const told = (prepared: Omit<Prepared, "ours">, speed: number) =>
      resultOf("row", { ours: variant("ours"), ...prepared }, new Map([["ours", [speed]]])).median;
    expect(told({ unit: "img/s" }, 40)).toBe(40);
    expect(told({ unit: "ms" }, 40)).toBe(25);
    expect(told({ unit: "µs" }, 250_000)).toBe(4);
    expect(told({ unit: "GFLOP/s", cost: { flop: 2e9 } }, 60)).toBe(120);
    expect(told({ unit: "GB/s", cost: { bytes: 5e8 } }, 20)).toBe(10);
  });

  it("have a floor from arithmetic over the product's rate, and a share of it, round by round", () => {
    const prepared: Prepared = { unit: "img/s", ours: variant("ours"), cost: { flop: 4e9 } };
    // 100 GFLOP/s allow 25 images a second; in the second round the whole machine is at half its speed.
    const sides = new Map([
      ["ours", [20, 10, 20]],
      ["product", flops(100e9, 50e9, 100e9)],
    ]);
    const result = resultOf("row", prepared, sides);
    expect(result.floor).toBeCloseTo(25, 9);
    expect(result.shareOfPeak).toBeCloseTo(0.8, 9);
    expect(result).toMatchObject({ median: 20, rounds: 3, rate: 80, rateUnit: "GFLOP/s" });
  });

  it("have a floor from bytes where those take longer than the arithmetic", () => {
    const prepared: Prepared = { unit: "ms", ours: variant("ours"), cost: { flop: 1e9, bytes: 1e9 } };
    const sides = new Map([
      ["ours", [5]],
      ["product", flops(100e9)],
      ["copy", bytes(10e9)],
    ]);
    const result = resultOf("row", prepared, sides);
    expect(result.floor).toBeCloseTo(100, 9); // 0.1 s for the bytes, 0.01 s for the arithmetic
    expect(result.shareOfPeak).toBeCloseTo(0.5, 9);
  });

  it("have ratios of our speed to the others', and bars only on what was measured", () => {
    const prepared: Prepared = {
      ...{ unit: "img/s", ours: variant("ours"), against: variant("bare") },
      bars: [
        { of: "ratio", atLeast: 0.9 },
        { of: "peerRatio", atLeast: 2 },
        { of: "median", atMost: 25 },
      ],
    };
    const sides = new Map([
      ["ours", [30]],
      ["against", [40]],
    ]);
    const alone = resultOf("row", prepared, sides);
    expect(alone).toMatchObject({ ratio: 0.75, against: "bare" });
    expect(alone.peerRatio).toBeUndefined();
    expect(alone.bars?.map(({ of, met }) => [of, met])).toEqual([
      ["ratio", false],
      ["median", false],
    ]);
    const beside = resultOf("row", prepared, new Map([...sides, ["peer", [12]]]));
    expect(beside.peerRatio).toBe(2.5);
    expect(beside.bars?.find(({ of }) => of === "peerRatio")?.met).toBe(true);
  });
});

describe("the table", () => {
  const row = (name: string, rest: Partial<RowResult> = {}): RowResult => ({
    ...{ name, median: 12.345, spread: 0.5, unit: "ms", rounds: 3 },
    ...rest,
  });

  it("has a line a row and leaves out columns that no row fills", () => {
    const [headers, line] = tableText([row("a/b", { ratio: 2, against: "folded" })]).split("\n");
    expect(headers?.split(/\s{2,}/)).toEqual(["row", "median", "spread", "unit", "against"]);
    expect(line?.split(/\s{2,}/)).toEqual(["a/b", "12.3", "0.500", "ms", "2.00×"]);
  });

  it("shows floor, share and whether bars are met", () => {
    const bars = [
      { of: "peerRatio", atLeast: 1.25, met: true },
      { of: "median", atMost: 4, met: false },
    ] as const;
    const text = tableText([
      row("a", { floor: 10, shareOfPeak: 0.81, rate: 99, rateUnit: "GFLOP/s", peerRatio: 1.5, bars }),
    ]);
    expect(text).toContain("99.0 GFLOP/s");
    expect(text).toContain("peer ≥ 1.25 ✓; median ≤ 4 ✗");
  });

  it("says once what rows are held against, and each note", () => {
    const text = tableText([
      row("conv/small/forward", { ratio: 2, against: "folded" }),
      row("conv/small/backward", { ratio: 2, against: "folded", note: "flat" }),
    ]);
    expect(text.split("\n").slice(4)).toEqual(["conv/small: against folded", "conv/small/backward: flat"]);
  });

  it("writes three digits without exponents", () => {
    expect([0, 0.00123, 0.5, 9.996, 12.34, 1234.5, Number.NaN].map(shortNumber)).toEqual([
      ...["0.00", "0.00123", "0.500", "10.00", "12.3", "1235", "?"],
    ]);
  });
});
