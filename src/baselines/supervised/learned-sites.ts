// Rows of a system that learned from controls: each tells whether it was learned from, so that no task tests on it unnoticed.
import { LEARNED_FROM } from "../../profiles/lineage.ts";
import type { Site } from "../../schema/index.ts";
import type { ControlSplit } from "./control-split.ts";

/** The sites with a column `learned_from` and further columns of the system's own, `[sites]` each. */
export function learnedSites(
  sites: readonly Site[],
  id: string,
  { train, validation }: Pick<ControlSplit, "train" | "validation">,
  columns: Readonly<Record<string, ArrayLike<number>>> = {},
): Site[] {
  const learned = new Set([...train.images, ...validation.images]);
  return sites.map((site, i) => ({
    ...site,
    ...Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[i]!])),
    [LEARNED_FROM]: learned.has(i) ? id : null,
  }));
}
