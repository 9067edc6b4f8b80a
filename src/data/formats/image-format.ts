// What an image format is: how its files are known, and how they become planes.

/** A decoded file: planar pixels, one plane a channel (or page). */
export interface DecodedImage {
  /** `[c,h,w]`; Uint8Array for 8-bit files, Uint16Array for 16-bit ones. Owned by the caller. */
  readonly data: Uint8Array | Uint16Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly bitDepth: 8 | 16;
}

/** Which plane of a stack stands for it: the brightest value of all, or one plane, counted from 1. */
export type ZChoice = "max" | number;

/** What a decoder is told beside the bytes. */
export interface DecodeOptions {
  /** Needed where an image is a stack of more than one plane in z. */
  readonly z?: ZChoice;
}

/** A format: one file in `formats/` and one line in `formats/index.ts`. */
export interface ImageFormat {
  readonly name: string;
  /** Whether `bytes` begin as this format's files do. */
  recognises(bytes: Uint8Array): boolean;
  /** Decodes to stored grey levels, bit for bit. @param file names the file in errors. */
  decode(bytes: Uint8Array, file: string, options: DecodeOptions): Promise<DecodedImage>;
}
