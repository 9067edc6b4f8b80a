// Names of wells on multi-well plates: a row in letters, then a column in digits.

/** 0-based place of a well on its plate. */
export interface WellPosition {
  readonly row: number;
  readonly column: number;
}

/**
 * Returns where the well `name` lies, or null when `name` is not letters followed by digits.
 *
 * Rows go A…Z, AA…AZ, as on 1536-well plates; columns count from 1.
 * @example
 * ```ts
 * import { parseWellName } from "gan-dl/data";
 * console.assert(parseWellName("AA02")?.row === 26 && parseWellName("AA02")?.column === 1);
 * ```
 */
export function parseWellName(name: string): WellPosition | null {
  const match = /^([A-Z]{1,2})0*([1-9]\d{0,2})$/i.exec(name.trim());
  if (match === null) return null;
  let row = 0;
  for (const letter of match[1]!.toUpperCase()) row = row * 26 + letter.charCodeAt(0) - 64;
  return { row: row - 1, column: Number(match[2]) - 1 };
}
