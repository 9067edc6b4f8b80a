// Colours can be read, and told apart by readers who do not see red and green as others do.
import { describe, expect, it } from "vitest";
import { DARK, LIGHT, SHAPES, type Theme, themeVariables } from "./theme.ts";

type Rgb = readonly [number, number, number];
type Matrix = readonly [Rgb, Rgb, Rgb];

/** sRGB to linear light, IEC 61966-2-1. */
const linear = (hex: string): Rgb => {
  const channel = (at: number) => {
    const v = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
};
const luminance = ([r, g, b]: Rgb) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/** WCAG 2.2, contrast ratio. */
const contrast = (a: string, b: string) => {
  const [high, low] = [luminance(linear(a)), luminance(linear(b))].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
};
const times = (m: Matrix, v: Rgb) => m.map((row) => row.reduce((sum, x, i) => sum + x * v[i]!, 0)) as unknown as Rgb;

// Machado, Oliveira, Fernandes 2009, severity 1.
const SIGHT: Readonly<Record<string, Matrix>> = {
  ordinary: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  deuteranopic: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  protanopic: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
};

/** Distance in OKLab (Ottosson 2020) × 100, as seen through `sight`; about 2 is just noticeable in large areas. */
const distance = (a: string, b: string, sight: Matrix) => {
  const lab = (hex: string) => {
    const seen = times(sight, linear(hex)).map((v) => Math.min(1, Math.max(0, v))) as unknown as Rgb;
    const lms = times(
      [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
      ],
      seen,
    ).map(Math.cbrt) as unknown as Rgb;
    return times(
      [
        [0.2104542553, 0.793617785, -0.0040720468],
        [1.9779984951, -2.428592205, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.808675766],
      ],
      lms,
    );
  };
  const [p, q] = [lab(a), lab(b)];
  return 100 * Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
};

describe.each([
  ["light", LIGHT],
  ["dark", DARK],
] as const)("the %s theme", (_, theme: Theme) => {
  it.each([
    ["ink", "paper"],
    ["ink", "panel"],
    ["ink", "tint"],
    ["muted", "paper"],
    ["muted", "panel"],
    ["accent", "paper"],
    ["good", "paper"],
    ["bad", "paper"],
    ["warnInk", "warnPaper"],
  ] as const)("writes %s on %s with a contrast of 4.5 at least", (text, ground) => {
    expect(contrast(theme[text], theme[ground])).toBeGreaterThanOrEqual(4.5);
  });

  it("marks with a contrast of 3 at least", () => {
    for (const colour of [...theme.series, ...theme.ramp, theme.other]) {
      expect(contrast(colour, theme.paper), colour).toBeGreaterThanOrEqual(3);
    }
  });

  it.each(Object.entries(SIGHT))("keeps categories apart in %s sight", (_, sight) => {
    const marks = [...theme.series, theme.other];
    const pairs = marks.flatMap((a, i) => marks.slice(i + 1).map((b) => [a, b] as const));
    for (const [a, b] of pairs) expect(distance(a, b, sight), `${a} ${b}`).toBeGreaterThan(10);
  });

  it("orders its ramp by lightness, so that grey prints keep the order", () => {
    const lightness = theme.ramp.map((colour) => luminance(linear(colour)));
    const steps = lightness.slice(1).map((value, i) => Math.sign(value - lightness[i]!));
    expect(new Set(steps).size).toBe(1);
  });

  it("has a shape for every category and a variable for every colour", () => {
    expect(theme.series.length).toBe(SHAPES.length);
    for (const colour of [...theme.series, ...theme.ramp, theme.warnPaper]) {
      expect(themeVariables(theme)).toContain(`:${colour};`);
    }
  });
});
