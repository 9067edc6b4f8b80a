// What turns images into the features in which real and generated ones are compared.
import type { FeatureRows } from "../math/index.ts";
import { imagesDoNotFit } from "./errors.ts";

/** Images as the networks see them. */
export interface GreyImages {
  /** `[n,c,h,w]`, grey levels in [−1, 1]. */
  readonly data: Float32Array;
  readonly shape: readonly [n: number, c: number, h: number, w: number];
}

/** The form of images that an extractor was made for. */
export interface ImageForm {
  readonly imageChannels: number;
  /** Height and width. */
  readonly resolutionPx: number;
}

/**
 * A fixed network whose features stand for images. Values found with one extractor can be compared only with values of the same
 * `id`, `version` and image form. A GAN's own trained discriminator must never be one: it would grade its own pupil.
 */
export interface FeatureExtractor {
  readonly id: string;
  /** Changes whenever any feature of any image would. */
  readonly version: string;
  /** For people: what it is, and what its values may be compared with. */
  readonly description: string;
  /** Features an image. */
  readonly dim: number;
  readonly form: ImageForm;
  /**
   * @param images borrowed until the promise settles. @returns `[n,dim]`, new memory; a row depends on its own image alone.
   * @throws GanDlError `images-do-not-fit`, `bad-feature-network`.
   */
  extract(images: GreyImages): Promise<FeatureRows>;
  /** Lets go of the network. */
  dispose(): void;
}

/** @throws GanDlError `images-do-not-fit`. */
export function expectForm(
  what: string,
  [, c, h, w]: GreyImages["shape"],
  { imageChannels, resolutionPx }: ImageForm,
): void {
  if (c !== imageChannels || h !== resolutionPx || w !== resolutionPx)
    throw imagesDoNotFit(what, [c, h, w], [imageChannels, resolutionPx, resolutionPx]);
}
