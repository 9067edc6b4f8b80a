// What an import is asked, what it costs, and what it tells.
import type { DatasetManifest } from "../schema/dataset.ts";
import type { IntensityOptions } from "./intensity.ts";
import type { SourceOptions } from "./open-image-source.ts";
import type { PlanOptions } from "./plan-import.ts";

/** What to import, where to, and how. */
export interface ImportOptions extends PlanOptions, IntensityOptions {
  /** A folder, a .zip, or the http(s) address of a .zip. */
  readonly source: string;
  /** The data set folder to write. */
  readonly out: string;
  /** Shrinks images by area averaging until their longer side has so many pixels; as they are when left out. */
  readonly resizePx?: number;
  /**
   * Evens out the light of each plate and channel: by flat fields estimated from the plate's own images, or by the .npy
   * files of a folder (see {@link openGivenFlatFields}).
   * @default "none"
   */
  readonly illumination?: "none" | "estimate" | (string & {});
  /** Replace the data set at `out`. */
  readonly overwrite?: boolean;
  /** Bound on one shard file. @default 256 MiB */
  readonly shardBytes?: number;
  /** Sites decoded at a time. @default twice the cores; 16 from a server */
  readonly inFlight?: number;
  /** Bytes of pixels after which progress is made safe from a kill. @default 64 MB, and every half minute */
  readonly checkpointBytes?: number;
  /** How a remote source is fetched. */
  readonly remote?: SourceOptions;
  /** Stops the import; what is done is kept beside `out`, and the same import goes on from there. */
  readonly signal?: AbortSignal;
}

/** What an import will cost. */
export interface ImportEstimate {
  readonly nSites: number;
  readonly nFiles: number;
  /** Bytes to read or fetch. */
  readonly readBytes: number;
  /** Bytes of pixels in the finished data set. */
  readonly storedBytes: number;
  /** Bytes that the disk must have free while it runs. */
  readonly diskBytes: number;
  /** Bytes that it has free now. */
  readonly freeBytes: number;
  /** By the time that a few sites took; null when none could be read. */
  readonly seconds: number | null;
  readonly heightPx: number;
  readonly widthPx: number;
}

/** What an import tells while it runs. */
export type ImportEvent =
  | {
      kind: "started";
      datasetId: string;
      title: string;
      nSites: number;
      channels: readonly string[];
      estimate: ImportEstimate;
      /** Sites that an earlier, interrupted import has dealt with. */
      nDone: number;
    }
  | { kind: "warning"; message: string }
  | { kind: "skipped"; siteId: string; row: number; reason: string }
  | { kind: "progress"; stage: "decode" | "map"; done: number; total: number }
  /** `isUnchanged`: the data set was there already, made by the same import. */
  | { kind: "finished"; out: string; manifest: DatasetManifest; isUnchanged: boolean };
