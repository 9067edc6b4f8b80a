// What decides one generated image, and tables of such: a strip of seeds, a walk between them, a style-mixing table.

/** Where the styles of an image come from. */
export type StyleSource =
  | { readonly kind: "seed"; readonly seed: number }
  | {
      readonly kind: "between";
      readonly from: number;
      readonly to: number;
      /** 0 is `from`, 1 is `to`. */
      readonly share: number;
      /** Straight between the two styles, or along the sphere between the two latents. */
      readonly space: "w" | "z";
    }
  /** One latent told two classes, straight between the two styles: what differs is the class alone. */
  | {
      readonly kind: "classes";
      readonly seed: number;
      readonly from: number;
      readonly to: number;
      /** 0 is class `from`, 1 is class `to`. */
      readonly share: number;
    }
  /**
   * The style of `seed`, moved along the line from the mean style of the seeds `from` to that of `to`; what is across the line stays.
   * Means of styles that some score calls low and high: Shen et al. (2020), Interpreting the Latent Space of GANs, in spirit.
   */
  | {
      readonly kind: "moved";
      readonly seed: number;
      readonly from: readonly number[];
      readonly to: readonly number[];
      /** 0 is beside the mean of `from`, 1 beside that of `to`. */
      readonly share: number;
    }
  /** The styles of `row`, but those of `column` at `layers` (0 is the coarsest). */
  | { readonly kind: "mix"; readonly row: number; readonly column: number; readonly layers: readonly number[] };

/** Everything that decides one generated image. */
export interface ImageRecipe {
  readonly source: StyleSource;
  /** 1 for all that was learned; towards 0, likelier and more alike images. */
  readonly truncation: number;
  /** Decides the noise where it is drawn at random. */
  readonly noiseSeed: number;
  /** Unique in its table, and fit for a file name: `seed-000007`. */
  readonly name: string;
}

/** Recipes as people look at them. Null leaves a tile empty. */
export interface RecipeTable {
  readonly rows: readonly (readonly (ImageRecipe | null)[])[];
  /** What a row or column has in common, a number each as the picture's margins show it; empty where there is nothing to say. */
  readonly rowNames: readonly string[];
  readonly columnNames: readonly string[];
}

const padded = (seed: number) => String(seed).padStart(6, "0");
const percent = (truncation: number) => String(Math.round(truncation * 100)).padStart(3, "0");
const uniqueName = (name: string, truncation: number, others: readonly number[]) =>
  others.length > 1 ? `${name}_psi-${percent(truncation)}` : name;

/** The image of one seed. */
export const seedRecipe = (seed: number, truncation = 1): ImageRecipe => ({
  source: { kind: "seed", seed },
  truncation,
  noiseSeed: seed,
  name: `seed-${padded(seed)}`,
});

/**
 * The images of `seeds`, `nColumns` a row; with several truncations a row for each of them instead, all of the same seeds.
 * @example
 * ```ts
 * import { seedTable } from "gan-dl/train";
 * const { rows, rowNames } = seedTable([1, 2, 3], { truncations: [0.5, 1] });
 * console.assert(rows.length === 2 && rowNames.join() === "0.5,1" && rows[0]?.[2]?.name === "seed-000003_psi-050");
 * ```
 */
export function seedTable(
  seeds: readonly number[],
  { truncations = [1], nColumns = seeds.length }: { truncations?: readonly number[]; nColumns?: number } = {},
): RecipeTable {
  const recipes = truncations.map((truncation) =>
    seeds.map((seed) => {
      const recipe = seedRecipe(seed, truncation);
      return { ...recipe, name: uniqueName(recipe.name, truncation, truncations) };
    }),
  );
  if (truncations.length > 1)
    return { rows: recipes, rowNames: truncations.map(String), columnNames: seeds.map(String) };
  const rows = wrapped(recipes[0] ?? [], nColumns);
  if (rows.length === 1) return { rows, rowNames: [], columnNames: seeds.map(String) };
  // The first seed of each row, which with the columns' order tells every other of a range.
  return { rows, rowNames: rows.map((_, i) => String(seeds[i * nColumns])), columnNames: [] };
}

/** Cuts a list into rows of `nColumns`; the last is filled up with empty tiles. */
function wrapped<T>(items: readonly T[], nColumns: number): (T | null)[][] {
  const width = Math.max(1, Math.min(nColumns, items.length));
  return Array.from({ length: Math.ceil(items.length / width) }, (_, row) =>
    Array.from({ length: width }, (_, column) => items[row * width + column] ?? null),
  );
}

/** How a walk goes. */
export interface WalkOptions {
  /** Images from one keyframe to the next, both included; at least 2. */
  readonly nSteps: number;
  /** @default "w", where equal steps look equally large (Karras et al. 2019, §4.1) */
  readonly space?: "w" | "z";
  /** A row each. @default [1] */
  readonly truncations?: readonly number[];
  /** Wraps a long walk of one truncation. */
  readonly nColumns?: number;
}

/**
 * A walk through the seeds in `keyframes`, in equal steps; the noise stays that of the first. The same seed first and last makes it a loop.
 * @example
 * ```ts
 * import { walkTable } from "gan-dl/train";
 * const [walk] = walkTable([1, 5, 9], { nSteps: 4 }).rows;
 * console.assert(walk?.length === 7 && walk[3]?.name === "walk-0003"); // the fourth is seed 5 itself
 * ```
 */
export function walkTable(
  keyframes: readonly number[],
  { nSteps, space = "w", truncations = [1], nColumns }: WalkOptions,
): RecipeTable {
  const nLegs = keyframes.length - 1;
  const perLeg = nSteps - 1;
  const frames = Array.from({ length: nLegs * perLeg + 1 }, (_, i) => {
    const leg = Math.min(Math.floor(i / perLeg), nLegs - 1);
    return { from: keyframes[leg]!, to: keyframes[leg + 1]!, share: i / perLeg - leg };
  });
  const rows = truncations.map((truncation) =>
    frames.map(
      (frame, i): ImageRecipe => ({
        source: { kind: "between", ...frame, space },
        truncation,
        noiseSeed: keyframes[0]!,
        name: uniqueName(`walk-${String(i).padStart(4, "0")}`, truncation, truncations),
      }),
    ),
  );
  const marks = frames.map(({ from, to, share }) => (share === 0 ? String(from) : share === 1 ? String(to) : ""));
  if (rows.length === 1 && nColumns !== undefined && nColumns < frames.length)
    return { rows: wrapped(rows[0]!, nColumns), rowNames: [], columnNames: [] };
  return { rows, rowNames: rows.length > 1 ? truncations.map(String) : [], columnNames: marks };
}

/**
 * The image of one seed as class `from`, as class `to`, and in equal steps between; for a generator that is told classes.
 * @param nSteps images, both ends included; at least 2.
 * @example
 * ```ts
 * import { classWalk } from "gan-dl/train";
 * const walk = classWalk(7, { from: 0, to: 1, nSteps: 3 });
 * console.assert(walk.length === 3 && walk[1]?.source.kind === "classes" && walk[1].source.share === 0.5);
 * ```
 */
export function classWalk(
  seed: number,
  { from, to, nSteps, truncation = 1 }: { from: number; to: number; nSteps: number; truncation?: number },
): ImageRecipe[] {
  return Array.from({ length: nSteps }, (_, i) => ({
    source: { kind: "classes", seed, from, to, share: i / (nSteps - 1) },
    truncation,
    noiseSeed: seed,
    name: `classes-${String(i).padStart(4, "0")}`,
  }));
}

/**
 * The image of one seed moved, in equal steps, from where the styles of some seeds lie to where those of others do.
 * @param from seeds of one end, @param to of the other; each at least one. @param nSteps images, both ends included; at least 2.
 * @example
 * ```ts
 * import { movedWalk } from "gan-dl/train";
 * const walk = movedWalk(7, { from: [1, 2], to: [3, 4], nSteps: 3 });
 * console.assert(walk.length === 3 && walk[1]?.source.kind === "moved" && walk[1].source.share === 0.5);
 * ```
 */
export function movedWalk(
  seed: number,
  {
    from,
    to,
    nSteps,
    truncation = 1,
  }: { from: readonly number[]; to: readonly number[]; nSteps: number; truncation?: number },
): ImageRecipe[] {
  return Array.from({ length: nSteps }, (_, i) => ({
    source: { kind: "moved", seed, from, to, share: i / (nSteps - 1) },
    truncation,
    noiseSeed: seed,
    name: `moved-${String(i).padStart(4, "0")}`,
  }));
}

/**
 * A style-mixing table (Karras et al. 2019, figure 3): each row's image with the column's styles at `layers`. The first row and column
 * show the images that are mixed.
 * @example
 * ```ts
 * import { mixTable } from "gan-dl/train";
 * const { rows } = mixTable([1, 2], [7], [0, 1]);
 * console.assert(rows.length === 3 && rows[0]?.[0] === null && rows[0]?.[1]?.name === "seed-000007");
 * ```
 */
export function mixTable(
  rowSeeds: readonly number[],
  columnSeeds: readonly number[],
  layers: readonly number[],
  truncation = 1,
): RecipeTable {
  const header = [null, ...columnSeeds.map((seed) => seedRecipe(seed, truncation))];
  const body = rowSeeds.map((row) => [
    seedRecipe(row, truncation),
    ...columnSeeds.map(
      (column): ImageRecipe => ({
        source: { kind: "mix", row, column, layers },
        truncation,
        noiseSeed: row,
        name: `mix-${padded(row)}-${padded(column)}`,
      }),
    ),
  ]);
  return {
    rows: [header, ...body],
    rowNames: ["", ...rowSeeds.map(String)],
    columnNames: ["", ...columnSeeds.map(String)],
  };
}
