// The layouts, one line each, in the order in which a source is tried against them.
import type { Layout } from "./layout.ts";
import { loadDataLayout } from "./load-data.ts";
import { omeTiffLayout } from "./ome-tiff.ts";
import { omeZarrLayout } from "./ome-zarr.ts";
import { rxrx3CoreLayout } from "./rxrx3-core.ts";

/**
 * All layouts that are recognised: sources that describe themselves, and need no preset and no option.
 * @example
 * ```ts
 * import { layouts } from "gan-dl/data";
 * console.assert(layouts.some(({ id }) => id === "ome-zarr"));
 * ```
 */
export const layouts: readonly Layout[] = [omeZarrLayout, rxrx3CoreLayout, loadDataLayout, omeTiffLayout];
