// Where a picture is looked at and how large, as the address says it.

/** The point in the middle, and a measure of how large things are drawn. */
export type ViewPlace = readonly [x: number, y: number, scale: number];

/** So long nothing has moved before the address is told: browsers refuse pages that write it with every step of a wheel. */
export const SETTLED_MS = 250;

/** Underscores need no escape in addresses. */
export const writeView = (view: ViewPlace): string => view.map((value) => Number(value.toPrecision(6))).join("_");

/** What {@link writeView} wrote; null for anything else, since addresses are typed too. */
export function readView(text: string | undefined): ViewPlace | null {
  const [x = Number.NaN, y = Number.NaN, scale = Number.NaN, ...more] = (text ?? "").split("_").map(numberOf);
  return more.length === 0 && Number.isFinite(x + y + scale) && scale > 0 ? [x, y, scale] : null;
}

const numberOf = (text: string) => (text.trim() === "" ? Number.NaN : Number(text));
