// A dose-response curve as places on a picture: doses by their logarithm.

import type { Curve } from "../../../src/schema/task-result.ts";
import { powerText } from "../parts/power-text.ts";

/** Where things stand; pixels from the top left. */
export interface CurvePicture {
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    readonly doseUm: number;
    readonly response: number;
    /** Its wells leave the axis: drawn, but not fitted. */
    readonly isSetAside: boolean;
  }[];
  /** The fitted curve, left to right; empty where there is none. */
  readonly line: readonly (readonly [x: number, y: number])[];
  readonly ec50: number | null;
  readonly interval: readonly [from: number, to: number] | null;
  readonly doses: readonly { readonly x: number; readonly text: string }[];
  readonly levels: readonly { readonly y: number; readonly text: string }[];
}

export interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Room for axes: left and bottom; the other sides get a quarter. */
  readonly marginPx: number;
}

const LINE_POINTS = 80;

/** The response of a fit at a dose: `bottom + (top − bottom) / (1 + (ec50 / dose)^hill)`. */
export function responseAt({ bottom, top, ec50Um, hill }: NonNullable<Curve["fit"]>, doseUm: number): number {
  return bottom + (top - bottom) / (1 + (ec50Um / doseUm) ** hill);
}

/** Lays a curve out; null where no dose is above 0. */
export function curvePicture(curve: Curve, { widthPx, heightPx, marginPx }: PictureSize): CurvePicture | null {
  const points = curve.points.filter(({ doseUm }) => doseUm > 0);
  if (points.length === 0) return null;
  const logs = points.map(({ doseUm }) => Math.log10(doseUm));
  const [low, high] = widened(Math.min(...logs), Math.max(...logs), 0.06, 0.5);
  const responses = points.map(({ response }) => response);
  const [bottom, top] = widened(Math.min(0, ...responses), Math.max(1, ...responses), 0.06, 0.1);
  const edge = marginPx / 4;
  const xOfLog = (log: number) => marginPx + ((log - low) / (high - low)) * (widthPx - marginPx - edge);
  const x = (doseUm: number) => Math.min(widthPx - edge, Math.max(marginPx, xOfLog(Math.log10(doseUm))));
  const y = (response: number) => edge + ((top - response) / (top - bottom)) * (heightPx - marginPx - edge);
  const { fit, ec50Um, ec50Ci95Um } = curve;
  const line = fit
    ? Array.from({ length: LINE_POINTS + 1 }, (_, i) => {
        const log = low + (i / LINE_POINTS) * (high - low);
        return [xOfLog(log), y(responseAt(fit, 10 ** log))] as const;
      })
    : [];
  return {
    points: points.map(({ doseUm, response }) => {
      const isSetAside = curve.setAsideUm?.includes(doseUm) ?? false;
      return { x: x(doseUm), y: y(response), doseUm, response, isSetAside };
    }),
    line,
    ec50: ec50Um === null ? null : x(ec50Um),
    interval: ec50Ci95Um && [x(ec50Ci95Um[0]), x(ec50Ci95Um[1])],
    doses: decades(low, high).map((log) => ({ x: xOfLog(log), text: doseText(10 ** log) })),
    levels: [0, 0.5, 1].map((level) => ({ y: y(level), text: String(level) })),
  };
}

/** A range with `share` of its length, at least `least`, more at both ends. */
function widened(low: number, high: number, share: number, least: number): [number, number] {
  const room = Math.max(share * (high - low), low === high ? least : 0);
  return [low - room, high + room];
}

/** Whole powers of ten within a range; its two ends where there are none. */
function decades(low: number, high: number): number[] {
  const first = Math.ceil(low - 1e-9);
  const all = Array.from({ length: Math.max(0, Math.floor(high + 1e-9) - first + 1) }, (_, i) => first + i);
  const step = Math.ceil(all.length / 6);
  return all.length > 0 ? all.filter((_, i) => i % step === 0) : [low, high];
}

/** A dose with its unit left out: `0.03`, `10`, `10⁻⁴`. */
export const doseText = (doseUm: number): string =>
  doseUm < 1e-3 ? powerText(doseUm, 0) : String(Number(doseUm.toPrecision(2)));

/** What a curve says of its EC50, in words. */
export function ec50Text({ ec50Um, ec50Ci95Um, refused }: Curve): string {
  if (refused !== null) return `No EC50: ${refused}.`;
  if (ec50Um === null) return "No EC50 was fitted.";
  const interval = ec50Ci95Um ? ` (95 % interval ${three(ec50Ci95Um[0])} to ${three(ec50Ci95Um[1])})` : "";
  return `EC50 ${three(ec50Um)} µM${interval}.`;
}

/** What its hollow points are, in words; null where there are none. */
export function setAsideText({ setAsideUm = [] }: Curve): string | null {
  if (setAsideUm.length === 0) return null;
  return `Hollow: set aside at ${setAsideUm.map(doseText).join(", ")} µM, where wells leave the axis (toxic, or other biology).`;
}

const three = (value: number) => String(Number(value.toPrecision(3)));
