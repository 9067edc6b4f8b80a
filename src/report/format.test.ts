import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { colourLabels } from "./colour-labels.ts";
import {
  counted,
  figure,
  formatDate,
  formatNumber,
  formatScore,
  formatSeconds,
  intervalFigure,
  shorten,
  withoutStop,
} from "./format.ts";
import { pngSize } from "./png-size.ts";
import { TINY_PNG } from "./report.fixture.ts";

describe("figures", () => {
  it.each([
    [0, "0"],
    [3, "3"],
    [-3, "−3"],
    [1536, "1,536"],
    [0.12345, "0.123"],
    [-0.12345, "−0.123"],
    [74.5, "74.5"],
    [1234.56, "1,235"],
    [0.000123, "1.23 × 10⁻⁴"],
    [12345678.9, "1.23 × 10⁷"],
    [0.1 + 0.2, "0.3"],
    [Number.NaN, "–"],
    [null, "–"],
  ])("%s is written %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it("scores have three decimals, so that columns line up", () => {
    expect([1, 0.5, 0.96249, -0.12, -0.0001].map(formatScore)).toEqual(["1.000", "0.500", "0.962", "−0.120", "0.000"]);
  });

  it("keep their full value for machines", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const exact = /value="([^"]*)"/.exec(figure(value).text)?.[1];
        expect(Number(exact) === value).toBe(true);
      }),
    );
  });

  it("write intervals with a dash, or with a word where a minus would be unclear", () => {
    const text = (low: number, high: number) => intervalFigure([low, high]).text.replace(/<[^>]*>/g, "");
    expect(text(0.1, 0.2)).toBe("0.1–0.2");
    expect(text(-0.1, 0.2)).toBe("−0.1 to 0.2");
  });

  it.each([
    [0.44, "0.4 s"],
    [9.96, "10.0 s"],
    [42.2, "42 s"],
    [59.7, "1 min 0 s"],
    [190, "3 min 10 s"],
    [7500, "2 h 5 min"],
  ])("%s seconds are %s", (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  it("leave a date that is none as it is", () => {
    expect(formatDate("2026-11-24T02:02:00Z")).toBe("24 November 2026, 02:02 UTC");
    expect(formatDate("yesterday")).toBe("yesterday");
  });

  it("count in words", () => {
    expect([counted(1, "well"), counted(384, "well"), counted(0, "well")]).toEqual(["1 well", "384 wells", "0 wells"]);
    expect(withoutStop("it ends. ")).toBe("it ends");
    expect([shorten("short", 5), shorten("longer", 5)]).toEqual(["short", "long…"]);
  });
});

describe("colours of labels", () => {
  it("ramp over quantities in the order of their values", () => {
    const doses = ["10", "0.1", "1", "", undefined, "1"];
    const colours = colourLabels("dose_um", doses);
    expect(colours.kind).toBe("quantities");
    expect(colours.legend.map((entry) => entry.label)).toEqual(["0.1", "1", "10", "not labelled"]);
    expect(["0.1", "1", "10"].map((dose) => colours.of(dose).colour)).toEqual([
      "var(--ramp-0)",
      "var(--ramp-3)",
      "var(--ramp-6)",
    ]);
    expect(colours.of(undefined).isOther).toBe(true);
  });

  it("bin many quantities by rank", () => {
    const colours = colourLabels(
      "dose_um",
      Array.from({ length: 70 }, (_, i) => String(2 ** (i - 35))),
    );
    expect(colours.legend.length).toBe(7);
    expect(colours.of(String(2 ** -35)).colour).toBe("var(--ramp-0)");
    expect(colours.of(String(2 ** 34)).colour).toBe("var(--ramp-6)");
  });

  it("take numbers that only name, such as plates, as names", () => {
    const colours = colourLabels("plate_id", ["27801", "27821", "27861"]);
    expect(colours.kind).toBe("names");
    expect(new Set(["27801", "27821", "27861"].map((plate) => colours.of(plate).shape)).size).toBe(3);
  });

  it("keep the six most frequent names and join the rest", () => {
    const values = Array.from({ length: 9 }, (_, i) => Array.from({ length: 9 - i }, () => `t${i}`)).flat();
    const colours = colourLabels("treatment", values);
    expect(colours.legend.map((entry) => entry.label)).toEqual(["t0", "t1", "t2", "t3", "t4", "t5", "3 others"]);
    expect([colours.of("t0").isOther, colours.of("t8").isOther]).toEqual([false, true]);
  });
});

describe("pngSize", () => {
  it("reads width and height", () => {
    expect(pngSize(TINY_PNG)).toEqual({ widthPx: 2, heightPx: 3 });
  });

  it.each(["data:image/png;base64,", "data:image/png;base64,AAAA", "data:image/png;base64,%%%", `x${TINY_PNG}`])(
    "is null for %s",
    (uri) => {
      expect(pngSize(uri)).toBeNull();
    },
  );
});
