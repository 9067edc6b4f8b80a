// What tells where in an image the infection is.

/** A map of one image after the other; `close()` it. */
export interface RegionMapper {
  /** For files and pictures, e.g. `deemd`. */
  readonly id: string;
  /** In words, e.g. which weights. */
  readonly provenance: Readonly<Record<string, unknown>>;
  /** Plates that nothing was learned from. */
  readonly heldOutPlates: readonly string[];
  /** The map of the data set's image at that position, `[h*w]`, larger where it looks more infected; owned by the caller. */
  mapImage(image: number): Promise<Float32Array>;
  close(): void;
}
