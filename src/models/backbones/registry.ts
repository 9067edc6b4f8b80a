// Classification networks that the compared systems stand on.
import type { Architecture } from "./define-backbone.ts";
import { densenet } from "./densenet.ts";
import { resnet } from "./resnet.ts";

/** Every network by name; `-small` ones are for two cores and small patches, and have no published weights. */
export const BACKBONES = {
  "resnet-small": resnet({ blocks: [1, 1, 1, 1], bottleneck: false, width: 16 }),
  "resnet-18": resnet({ blocks: [2, 2, 2, 2], bottleneck: false, width: 64 }),
  "resnet-34": resnet({ blocks: [3, 4, 6, 3], bottleneck: false, width: 64 }),
  "resnet-50": resnet({ blocks: [3, 4, 6, 3], bottleneck: true, width: 64 }),
  "densenet-small": densenet({ growth: 8, blocks: [2, 2, 2, 2], width: 16 }),
  "densenet-121": densenet({ growth: 32, blocks: [6, 12, 24, 16], width: 64 }),
  "densenet-161": densenet({ growth: 48, blocks: [6, 12, 36, 24], width: 96 }),
} as const satisfies Record<string, Architecture>;

/** A name of {@link BACKBONES}. */
export type BackboneName = keyof typeof BACKBONES;
export const BACKBONE_NAMES = Object.keys(BACKBONES) as BackboneName[];
