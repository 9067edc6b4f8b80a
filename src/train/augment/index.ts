// Adaptive discriminator augmentation.
export { AdaptiveP } from "./adaptive-p.ts";
export { AugmentPipe } from "./augment-pipe.ts";
export { Augmenter } from "./augmenter.ts";
export { type AugmentDraw, type DrawnFor, drawAugment, type GeometryDraw } from "./draw-augment.ts";
