// The report's colours, once, for the style sheet, the charts and the test that holds their contrast.

/** Colours of one appearance; each becomes the CSS variable `--name`. */
export interface Theme {
  readonly paper: string;
  readonly panel: string;
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly accent: string;
  readonly tint: string;
  readonly good: string;
  readonly bad: string;
  readonly warnPaper: string;
  readonly warnInk: string;
  /** Marks of categories beyond the palette, and of labels that are missing. */
  readonly other: string;
  /** Categories: apart from each other, and from `other`, for red-green blind readers too. */
  readonly series: readonly string[];
  /** Ordered values, low to high: lightness runs one way, so that it survives grey printing. */
  readonly ramp: readonly string[];
}

export const LIGHT: Theme = {
  paper: "#ffffff",
  panel: "#f6f7f9",
  ink: "#1b222c",
  muted: "#566170",
  line: "#d9dee5",
  accent: "#0b64a0",
  tint: "#8cc0e2",
  good: "#17693b",
  bad: "#a8321e",
  warnPaper: "#fdf3dc",
  warnInk: "#5b3c00",
  other: "#8d949e",
  series: ["#0072b2", "#d55e00", "#332288", "#00695c", "#7b3f00", "#1b1b1b"],
  ramp: ["#b9851a", "#c76a2c", "#c24e47", "#a93566", "#862575", "#5c1b72", "#331058"],
};

export const DARK: Theme = {
  paper: "#14181f",
  panel: "#1b212a",
  ink: "#e4e8ee",
  muted: "#a7b1bf",
  line: "#343c48",
  accent: "#7cc0ee",
  tint: "#1f5f8c",
  good: "#6fd39b",
  bad: "#ff9d86",
  warnPaper: "#3a2f14",
  warnInk: "#f6dfa8",
  other: "#6f7885",
  series: ["#56b4e9", "#e69f00", "#8a6fd8", "#2fc79a", "#f0e442", "#ffffff"],
  ramp: ["#8458c8", "#ad52b4", "#cf5b94", "#e8716f", "#f5924f", "#fab945", "#f7e463"],
};

/** Shapes that go with `series`, so that colour is never the only sign. */
export const SHAPES = ["circle", "triangle", "square", "diamond", "cross", "star"] as const;
export type Shape = (typeof SHAPES)[number];

/** The CSS variable of series `index`. */
export const seriesColour = (index: number): string => `var(--series-${index % LIGHT.series.length})`;
/** The CSS variable of step `index` of the ramp. */
export const rampColour = (index: number): string => `var(--ramp-${index})`;

/** A theme as declarations of CSS variables. */
export function themeVariables(theme: Theme): string {
  const { series, ramp, ...plain } = theme;
  const entries = [
    ...Object.entries(plain).map(([name, colour]) => [name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`), colour]),
    ...series.map((colour, i) => [`series-${i}`, colour]),
    ...ramp.map((colour, i) => [`ramp-${i}`, colour]),
  ];
  return entries.map(([name, colour]) => `--${name}:${colour};`).join("");
}
