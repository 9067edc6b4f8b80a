// What a layout is: files that say themselves what they hold, where a preset would need its own metadata table.
import type { DatasetDefinition } from "../datasets/define-dataset.ts";
import type { ZChoice } from "../formats/image-format.ts";
import type { ImageSource } from "../image-source.ts";
import type { Metadata } from "../metadata.ts";

/** The part of an import's options that a layout sees. */
export interface LayoutOptions {
  /** A table to join, or the table itself where the layout is one. */
  readonly metadata?: string;
  /** Which plane of a stack in z to take: all by their maximum, or one, from 1. Needed where images are stacks. */
  readonly z?: ZChoice;
  /** Which size of a pyramid to read: 0 is the full one. @default 0 */
  readonly level?: number;
}

/** A source as a layout sees it. */
export interface OpenedLayout {
  readonly dataset: DatasetDefinition;
  /** One row a site. */
  readonly metadata: Metadata;
  /** Reads the paths that `dataset.images` names; closed with the source beneath. */
  readonly source: ImageSource;
}

/** A layout: one file in `layouts/` and one line in `layouts/index.ts`. */
export interface Layout {
  /** As `--dataset` takes it. */
  readonly id: string;
  /** What lies in `source` in this layout; null when it is something else. */
  open(source: ImageSource, options: LayoutOptions): Promise<OpenedLayout | null>;
}
