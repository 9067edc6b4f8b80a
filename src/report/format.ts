// Figures as people read them. Every figure keeps its full value in `<data value>`, whatever is rounded for the eye.
import { type Html, html } from "./html.ts";

const SUPERSCRIPT: Readonly<Record<string, string>> = Object.fromEntries(
  [..."0123456789-"].map((digit, i) => [digit, "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"[i]!]),
);
const MISSING = "–";
/** With a space that does not break. */
export const INTERVAL = "95\u00a0% interval";

/** A number for the eye: whole numbers with thousands, others to three significant digits. */
export function formatNumber(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return MISSING;
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return withMinus(value.toLocaleString("en-GB"));
  if (size >= 1e6 || size < 1e-3) {
    const [digits = "", exponent = "0"] = value.toExponential(2).split("e");
    return `${withMinus(digits)} × 10${[...String(Number(exponent))].map((c) => SUPERSCRIPT[c] ?? c).join("")}`;
  }
  if (size >= 1000) return withMinus(Math.round(value).toLocaleString("en-GB"));
  return withMinus(String(Number(value.toPrecision(3))));
}

/** A score between 0 and 1 (or near it): three decimals, always, so that columns line up. */
export function formatScore(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return MISSING;
  return Math.abs(value) < 100 ? withMinus(value.toFixed(3)) : formatNumber(value);
}

/** A stretch of time: `0.4 s`, `42 s`, `3 min 10 s`, `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return MISSING;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `24 November 2026, 02:02 UTC`; a text that is no date stays as it is. */
export function formatDate(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const options = { timeZone: "UTC", hour12: false } as const;
  const day = date.toLocaleDateString("en-GB", { ...options, day: "numeric", month: "long", year: "numeric" });
  const time = date.toLocaleTimeString("en-GB", { ...options, hour: "2-digit", minute: "2-digit" });
  return `${day}, ${time} UTC`;
}

/** A figure: rounded for the eye, exact for machines. */
export function figure(value: number | null, format: (value: number | null) => string = formatNumber): Html {
  return value === null || !Number.isFinite(value)
    ? html`<span class="missing">${MISSING}</span>`
    : html`<data value="${String(value)}">${format(value)}</data>`;
}

/** An interval: `0.871–0.934`, or with `to` where a minus sign would make a dash ambiguous. */
export function intervalFigure(
  interval: readonly [number, number],
  format: (value: number | null) => string = formatNumber,
): Html {
  const [low, high] = interval;
  return html`${figure(low, format)}${low < 0 || high < 0 ? " to " : "–"}${figure(high, format)}`;
}

/** `1 well`, `384 wells`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${formatNumber(n)} ${n === 1 ? one : many}`;
}

/** A sentence without its full stop, to go on within another. */
export function withoutStop(text: string): string {
  return text.replace(/[.\s]+$/, "");
}

/** A long name shortened for an axis; the full name stands in the table beside it. */
export function shorten(text: string, maxLength: number): string {
  const letters = [...text];
  return letters.length <= maxLength ? text : `${letters.slice(0, maxLength - 1).join("")}…`;
}

/** A true minus sign, and none before a value that rounds to nothing. */
function withMinus(text: string): string {
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text.replace("-", "−");
}
