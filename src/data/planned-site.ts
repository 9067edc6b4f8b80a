// What a plan says of one site: where its pixels are, or why it is left out.
import type { SourceSite } from "./datasets/define-dataset.ts";

/** A site that will be read. */
export interface PlannedSite {
  readonly site: SourceSite;
  /** Row of the metadata table, from 1, the header not counted. */
  readonly row: number;
  /** Paths inside the source: one a wanted channel, or one file with all channels. */
  readonly files: readonly string[];
  /** Whether the one file holds the whole panel. */
  readonly holdsAllChannels: boolean;
}

/** A site left out, and why. */
export interface SkippedSite {
  readonly siteId: string;
  readonly row: number;
  readonly reason: string;
}
