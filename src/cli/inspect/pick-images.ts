// Which images stand for a data set: some of each condition, spread over its plates.
import { SeededRandom } from "../../core/index.ts";
import type { Site } from "../../schema/index.ts";

/** Images of one condition. */
export interface Sample {
  readonly label: string;
  /** Positions in the data set. */
  readonly images: readonly number[];
}

/** Condition and role as people read them: `Mock (negative control)`. */
export const groupLabel = ({ condition, role, treatment }: Pick<Site, "condition" | "role" | "treatment">) =>
  `${condition ?? treatment ?? "–"} (${role.replaceAll("_", " ")})`;

/**
 * Draws up to `each` images of every condition, from different plates before twice from one.
 * @param seed equal seeds draw equal images.
 */
export function pickImages(sites: readonly Site[], each: number, seed: number): Sample[] {
  const random = SeededRandom.forPart(seed, "contact sheet");
  const groups = new Map<string, Map<string, number[]>>();
  for (const [i, site] of sites.entries()) {
    const plates = groups.get(groupLabel(site)) ?? new Map<string, number[]>();
    groups.set(groupLabel(site), plates);
    const images = plates.get(site.plate_id);
    if (images) images.push(i);
    else plates.set(site.plate_id, [i]);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, plates]) => {
      const decks = [...plates.values()].map((images) => random.shuffle(images));
      const images: number[] = [];
      for (let turn = 0; images.length < each && decks.some((deck) => deck.length > turn); turn++)
        for (const deck of decks)
          if (deck[turn] !== undefined && images.length < each) images.push(deck[turn] as number);
      return { label, images };
    });
}
