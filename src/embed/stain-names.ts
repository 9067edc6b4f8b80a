// What stains are called: dyes, the structures that they bind, and the spellings of both.

/** A channel as an encoder or a data set names it. */
export interface PanelChannel {
  readonly name: string;
  readonly stain: string;
}

/** For each structure, its own names and those of the dyes that show it in cell painting; whole words, lower case. */
const ALIASES = {
  dna: ["dna", "nuclei", "nucleus", "hoechst", "hoechst33342", "dapi", "draq5"],
  er: ["er", "endoplasmic reticulum", "concanavalin a", "concanavalin", "con a", "cona"],
  actin: ["actin", "f actin", "phalloidin"],
  rna: ["rna", "nucleoli", "syto14", "syto 14"],
  golgiMembrane: ["golgi", "golgi membrane", "plasma membrane", "wga", "wheat germ agglutinin"],
  mitochondria: ["mito", "mitochondria", "mitotracker"],
  tubulin: ["tubulin", "microtubules"],
} as const;

/** A structure of the cell that a stain shows. */
export type Structure = keyof typeof ALIASES;

/** `Concanavalin A/Alexa-488` → ` concanavalin a alexa 488 `: lower case, words alone, a blank around each. */
const wordsOf = (name: string): string =>
  ` ${name
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")
    .join(" ")} `;

/** Whether two names are the same but for case and punctuation. */
export const sameName = (a: string, b: string): boolean => wordsOf(a) === wordsOf(b);

/**
 * Which structure a stain's name means; null when it means none that is known, or more than one (as "actin, Golgi and membrane" does).
 * Fluorophores and other words around the name do not matter.
 * @example
 * ```ts
 * import { structureOf } from "gan-dl/embed";
 * console.assert(structureOf("concanavalin a/488") === "er" && structureOf("Hoechst 33342") === "dna");
 * console.assert(structureOf("F-actin or beta-tubulin (order uncertain)") === null);
 * ```
 */
export function structureOf(name: string): Structure | null {
  const words = wordsOf(name);
  const found = (Object.keys(ALIASES) as Structure[]).filter((structure) =>
    ALIASES[structure].some((alias) => words.includes(` ${alias} `)),
  );
  return found.length === 1 ? (found[0] ?? null) : null;
}
