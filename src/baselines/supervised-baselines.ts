// The systems that stand on classification networks.
import { deemd } from "./deemd.ts";
import type { Baseline } from "./define-baseline.ts";

/** In the order tables show them. */
export const supervisedBaselines: readonly Baseline[] = [deemd];
