// From the options of `gandl generate` to a table of recipes and the panels that show each.
import { mixTable, type Panel, type RecipeTable, seedTable, walkTable } from "../../train/index.ts";
import { badList, clashingOptions, unknownPanel } from "./errors.ts";
import { parseMix, parseSeeds, parseTruncations } from "./parse-lists.ts";

/** The options that decide which images there are, as typed. */
export interface TableOptions {
  readonly n?: number;
  readonly seed: number;
  readonly seeds?: string;
  readonly rows?: number;
  readonly columns?: number;
  readonly truncation: string;
  readonly walk?: string;
  readonly steps: number;
  readonly space: "w" | "z";
  readonly mix?: string;
}

const DEFAULT_IMAGES = 8;
/** Longer lists become squares: a strip of a hundred images is no picture. */
const LONGEST_STRIP = 12;

/** @param nLayers of the run's generator. @throws GanDlError `bad-list`, `clashing-options`. */
export function planTable(options: TableOptions, nLayers: number): RecipeTable {
  const truncations = parseTruncations(options.truncation);
  const given = (["seeds", "walk", "mix"] as const).filter((name) => options[name] !== undefined);
  if (given.length > 1)
    throw clashingOptions(
      given.map((name) => `--${name}`),
      "each of them says which images there are.",
    );
  if (truncations.length > 1 && options.rows !== undefined)
    throw clashingOptions(["--rows", "several --truncation"], "each truncation is a row.");
  if (options.mix !== undefined) return planMix(options.mix, truncations, nLayers);
  if (options.walk !== undefined) return planWalk(options.walk, options, truncations);
  return planSeeds(options, truncations);
}

function planMix(mix: string, truncations: readonly number[], nLayers: number): RecipeTable {
  if (truncations.length > 1)
    throw clashingOptions(["--mix", "several --truncation"], "the table's rows and columns are taken by seeds.");
  const { rowSeeds, columnSeeds, layers } = parseMix(mix, nLayers);
  return mixTable(rowSeeds, columnSeeds, layers, truncations[0]);
}

function planWalk(walk: string, options: TableOptions, truncations: readonly number[]): RecipeTable {
  const keyframes = parseSeeds("--walk", walk);
  if (keyframes.length < 2) throw badList("--walk", walk, "one seed is no way to go.", "1,5 or --walk 1,5,9");
  if (options.steps < 2) throw badList("--steps", String(options.steps), "a walk shows at least its two ends.", "8");
  const { steps, space, columns } = options;
  return walkTable(keyframes, { nSteps: steps, space, truncations, ...(columns ? { nColumns: columns } : {}) });
}

function planSeeds(options: TableOptions, truncations: readonly number[]): RecipeTable {
  const { rows, columns } = options;
  for (const [name, value] of Object.entries({ "--rows": rows, "--columns": columns, "-n": options.n }))
    if (value !== undefined && value < 1) throw badList(name, String(value), "there must be at least one.", "4");
  const tiles = rows !== undefined && columns !== undefined ? rows * columns : undefined;
  const n = options.n ?? tiles ?? DEFAULT_IMAGES;
  const list = options.seeds ?? `${options.seed}-${options.seed + n - 1}`;
  const seeds = parseSeeds(options.seeds === undefined ? "--seed" : "--seeds", list);
  const square = seeds.length > LONGEST_STRIP ? Math.ceil(Math.sqrt(seeds.length)) : seeds.length;
  const nColumns = columns ?? (rows === undefined ? square : Math.ceil(seeds.length / rows));
  return seedTable(seeds, { truncations, nColumns });
}

/**
 * Which pictures of each image: `composite`, `stains`, `all`, or stains by name. By default all in a single row, else the composite.
 * @throws GanDlError `unknown-panel`.
 */
export function planPanels(show: string | undefined, stains: readonly string[], nRows: number): Panel[] {
  const each = stains.map((_, k) => k);
  const panels = (show ?? (nRows === 1 ? "all" : "composite")).split(",").flatMap((name): Panel[] => {
    if (name === "all") return ["composite", ...each];
    if (name === "stains") return each;
    if (name === "composite") return ["composite"];
    const k = stains.indexOf(name);
    if (k < 0) throw unknownPanel(name, stains);
    return [k];
  });
  return [...new Set(panels)];
}
