// The systems that stand on classification networks.
import { cascadeTransfer } from "./cascade-transfer.ts";
import { deemd } from "./deemd.ts";
import type { Baseline } from "./define-baseline.ts";
import { imagenetCollapsed, imagenetConcatenated } from "./imagenet.ts";

/** In the order tables show them. */
export const supervisedBaselines: readonly Baseline[] = [
  imagenetConcatenated,
  imagenetCollapsed,
  cascadeTransfer,
  deemd,
];
