// Lists as people type them: `0-15,20`, `0.5,0.7,1`, `p0.5-p99.5`.
import { MAX_SEED } from "../../train/index.ts";
import { badList, badRange } from "./errors.ts";

/** More images than anyone asks for on purpose; a slip of the hand in a range is told before a day of work. */
const MAX_IMAGES = 1_000_000;

/** `0-3,7` to 0, 1, 2, 3, 7, in that order. @throws GanDlError `bad-list`. */
export function parseWholes(option: string, text: string, max: number, example: string): number[] {
  const wholes: number[] = [];
  for (const part of text.split(",")) {
    const match = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(part);
    if (!match) throw badList(option, text, `'${part}' is neither a whole number nor a range of two.`, example);
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last > max) throw badList(option, text, `${last} is larger than ${max}, the largest there is.`, example);
    if (last < first) throw badList(option, text, `the range ${part} runs backwards.`, example);
    if (wholes.length + last - first >= MAX_IMAGES)
      throw badList(option, text, `that is more than ${MAX_IMAGES.toLocaleString("en")}.`, example);
    for (let value = first; value <= last; value++) wholes.push(value);
  }
  return wholes;
}

/** @throws GanDlError `bad-list`. */
export const parseSeeds = (option: string, text: string): number[] =>
  parseWholes(option, text, MAX_SEED, option === "--walk" ? "1,5,9" : "0-15,20");

/** `0.5,0.7,1`. Beyond 1 and below 0 are allowed: they show how far the network can be pushed. @throws GanDlError `bad-list`. */
export function parseTruncations(text: string): number[] {
  return text.split(",").map((part) => {
    const value = Number(part);
    if (part.trim() === "" || !Number.isFinite(value) || Math.abs(value) > 2)
      throw badList("--truncation", text, `'${part}' is no number between -2 and 2.`, "0.7 or --truncation 0,0.5,1");
    return value;
  });
}

/** Groups of layers by what they decide in StyleGAN's papers (4² to 8², 16² to 32², the rest). */
const LAYER_GROUPS: Readonly<Record<string, readonly [number, number]>> = {
  coarse: [0, 3],
  middle: [4, 7],
  fine: [8, 99],
};

/** A style-mixing table as asked for. */
export interface MixRequest {
  readonly rowSeeds: readonly number[];
  readonly columnSeeds: readonly number[];
  readonly layers: readonly number[];
}

/**
 * `rows,columns,layers`, each a number or range, or `rows/columns/layers` where each may be a list.
 * @param nLayers of the run's generator; layers beyond it are refused. @throws GanDlError `bad-list`.
 */
export function parseMix(text: string, nLayers: number): MixRequest {
  const example = "0-3,10-14,coarse, or with lists: 1,5,9/10-14/0-3";
  const parts = text.split(text.includes("/") ? "/" : ",").map((part) => part.trim());
  const [rows, columns, layers] = parts;
  if (parts.length !== 3 || !rows || !columns || !layers)
    throw badList("--mix", text, `it has ${parts.length} parts, where rows, columns and layers are three.`, example);
  const seeds = (part: string) => parseWholes("--mix", part, MAX_SEED, example);
  const group = LAYER_GROUPS[layers];
  if (group && group[0] >= nLayers)
    throw badList(
      "--mix",
      text,
      `the run's generator has layers 0 to ${nLayers - 1}, none of them ${layers}.`,
      example,
    );
  const chosen = group
    ? Array.from({ length: Math.min(group[1], nLayers - 1) - group[0] + 1 }, (_, i) => group[0] + i)
    : parseWholes("--mix", layers, nLayers - 1, example);
  return { rowSeeds: seeds(rows), columnSeeds: seeds(columns), layers: chosen };
}

/** Which grey levels become black and full colour. */
export type RangeChoice =
  | { readonly kind: "auto" }
  | { readonly kind: "full" }
  | { readonly kind: "percentiles"; readonly low: number; readonly high: number }
  | { readonly kind: "levels"; readonly low: number; readonly high: number };

/** `auto`, `full`, `p0.5-p99.5` or `200-4000`. @throws GanDlError `bad-range`. */
export function parseRange(text: string): RangeChoice {
  if (text === "auto" || text === "full") return { kind: text };
  const match = /^(p?)(\d+(?:\.\d+)?)-(p?)(\d+(?:\.\d+)?)$/.exec(text);
  if (!match || match[1] !== match[3]) throw badRange(text, "it is neither a word nor two limits of one kind.");
  const [low, high] = [Number(match[2]), Number(match[4])];
  if (low >= high) throw badRange(text, "the lower limit is not below the upper one.");
  if (match[1] === "") return { kind: "levels", low, high };
  if (high > 100) throw badRange(text, "percentiles end at 100.");
  return { kind: "percentiles", low, high };
}
