// Colours of categories and amounts, apart for red-green blind readers too, on dark and light paper alike.
import type { Theme } from "./theme.ts";

const SERIES: Record<Theme, readonly string[]> = {
  light: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#7a5cc7", "#b8860b", "#56b4e9", "#8c3b2e", "#5f7a1f", "#444f5c"],
  dark: ["#56b4e9", "#f0883e", "#2fc79a", "#e29ac0", "#a48bea", "#e8c547", "#3d7fc4", "#d9705e", "#a9c75a", "#c3ccd6"],
};
/** Low to high: lightness runs one way. */
const RAMP: Record<Theme, readonly string[]> = {
  light: ["#f3e3b3", "#ecb866", "#dc8447", "#bf5350", "#953068", "#5f1c72", "#2c0f52"],
  dark: ["#3d2a6b", "#6b3390", "#a23f94", "#d2557f", "#ee7c5f", "#f7ac4b", "#f9e27a"],
};
const NONE: Record<Theme, string> = { light: "#c3c9d1", dark: "#4a5361" };

/** Categories beyond the last are drawn alike. */
export const MOST_COLOURS = SERIES.light.length;

/** The colour of category `i`, by its rank; of a missing one for −1. */
export const categoryColour = (theme: Theme, i: number): string =>
  i < 0 ? NONE[theme] : (SERIES[theme][i] ?? NONE[theme]);
export const missingColour = (theme: Theme): string => NONE[theme];
export const rampColours = (theme: Theme): readonly string[] => RAMP[theme];

/** The colour of `share`, 0 to 1. */
export function rampColour(theme: Theme, share: number): string {
  const ramp = RAMP[theme];
  const at = Math.min(1, Math.max(0, share)) * (ramp.length - 1);
  const low = Math.min(ramp.length - 2, Math.floor(at));
  const [a, b] = [rgbOf(ramp[low]!), rgbOf(ramp[low + 1]!)];
  return `rgb(${a.map((v, k) => Math.round(v + (b[k]! - v) * (at - low))).join(" ")})`;
}

/** Red, green and blue, 0 to 255, of `#rrggbb`. */
export const rgbOf = (hex: string): readonly number[] =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** `n` steps of the ramp as `#rrggbb`, for drawers that take lists. */
export function rampSteps(theme: Theme, n: number): string[] {
  return Array.from({ length: n }, (_, i) => {
    const parts = rampColour(theme, i / Math.max(1, n - 1)).match(/\d+/g)!;
    return `#${parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
  });
}
