// From a data set folder to one row of features an image: read, tile, run and write overlap; memory does not grow with the data.
import { rename, writeFile } from "node:fs/promises";
import {
  type ColumnType,
  type Dataset,
  ParquetWriter,
  type Pixels,
  type SiteBatch,
  siteBatches,
  tileOrigins,
  tiles,
} from "../data/index.ts";
import type { CheckpointHeader, EmbeddingHeader, Site } from "../schema/index.ts";
import type { Encoder } from "./encoder.ts";
import { channelMismatch } from "./errors.ts";

/** Tiles given to the encoder at a time: enough to keep it busy, little enough to stay in cache and memory. */
const TILES_PER_RUN = 64;
/** Batches on their way through the encoder while the next is cut. */
const RUNS_IN_FLIGHT = 2;

export interface EmbedOptions {
  /** Borrowed; stays open. */
  readonly dataset: Dataset;
  /** Borrowed; stays open. */
  readonly encoder: Encoder;
  /** Path without ending: `.parquet` and `.json` are written. */
  readonly out: string;
  /** What a report calls this encoder. */
  readonly name: string;
  /** The checkpoint's file name, for the header. */
  readonly checkpointFile: string;
  /** Distance of tiles; images of the training size have one tile. @default the tile's side */
  readonly stridePx?: number;
  /** How tiles become one row. @default "mean" */
  readonly aggregate?: "mean" | "median";
  readonly signal?: AbortSignal;
}

export type EmbedEvent =
  | { readonly kind: "progress"; readonly done: number; readonly total: number }
  | { readonly kind: "finished"; readonly parquet: string; readonly header: EmbeddingHeader };

/** Which channel of the data set feeds each channel of the encoder; by name. @throws GanDlError `channel-mismatch`. */
export function mapChannels(encoder: CheckpointHeader["channels"], dataset: readonly { name: string }[]): number[] {
  const indices = encoder.map(({ name }) => dataset.findIndex((channel) => channel.name === name));
  const missing = encoder.filter((_, i) => indices[i] === -1).map(({ name }) => name);
  if (missing.length > 0)
    throw channelMismatch(
      dataset.map(({ name }) => name),
      encoder.map(({ name }) => name),
      missing,
    );
  return indices;
}

/**
 * Embeds every image of a data set, yielding progress; files appear only when they are whole.
 * @throws GanDlError `channel-mismatch`, `images-too-small`, `encoder-failed`, `cannot-write`, `damaged-dataset`.
 */
export async function* embedDataset(options: EmbedOptions): AsyncGenerator<EmbedEvent> {
  const { dataset, encoder, out, signal } = options;
  const cutter = new TileCutter(options);
  const total = dataset.sites.length;
  const metadata = metadataColumns(dataset.sites);
  const file: { writer: ParquetWriter | null } = { writer: null };
  let nFeatures = 0;
  let done = 0;
  const pending: { readonly sites: readonly Site[]; readonly features: Promise<Float32Array> }[] = [];
  const settle = async () => {
    const next = pending.shift();
    if (!next) return;
    const rows = aggregateTiles(
      await next.features,
      next.sites.length,
      cutter.nTilesPerImage,
      options.aggregate ?? "mean",
    );
    nFeatures = rows.length / next.sites.length;
    const matrixColumns = Array.from({ length: nFeatures }, (_, i) => `feature_${i}`);
    file.writer ??= await ParquetWriter.create(`${out}.parquet`, { columns: metadata, matrixColumns });
    const columns = metadata.map(({ name }) => next.sites.map((site) => cellOf(site, name)));
    await file.writer.append({ nRows: next.sites.length, columns, matrix: rows });
    done += next.sites.length;
  };
  try {
    for await (const batch of siteBatches(dataset, Math.max(1, Math.floor(TILES_PER_RUN / cutter.nTilesPerImage)))) {
      signal?.throwIfAborted();
      const images = cutter.cut(batch);
      const features = encoder.run(images, batch.shape[0] * cutter.nTilesPerImage);
      features.catch(() => {}); // reported when it is settled
      pending.push({ sites: batch.sites, features });
      if (pending.length >= RUNS_IN_FLIGHT) await settle();
      yield { kind: "progress", done, total };
    }
    while (pending.length > 0) await settle();
    yield { kind: "progress", done, total };
    await file.writer?.close();
    file.writer = null;
  } finally {
    await file.writer?.discard();
  }
  const header = headerOf(options, cutter, total, nFeatures);
  await writeFile(`${out}.json.partial`, JSON.stringify(header, null, 2));
  await rename(`${out}.json.partial`, `${out}.json`);
  yield { kind: "finished", parquet: `${out}.parquet`, header };
}

function headerOf(
  { dataset, encoder, name, checkpointFile, aggregate = "mean" }: EmbedOptions,
  cutter: TileCutter,
  nRows: number,
  nFeatures: number,
): EmbeddingHeader {
  const { header, tap, runtime } = encoder;
  return {
    ...{
      kind: "gandl-embedding",
      schemaVersion: 1,
      encoder: name,
      tap,
      runtime,
      minibatchStd: header.minibatchStdMean,
    },
    checkpoint: { file: checkpointFile, sha256: header.weightsSha256, kimg: header.kimg },
    tiling: {
      tilePx: header.model.resolutionPx,
      stridePx: cutter.stridePx,
      nTilesPerImage: cutter.nTilesPerImage,
      aggregate,
    },
    resizeFactor: 1,
    channelMap: header.channels.map(({ name: channel }, i) => ({
      encoder: channel,
      dataset: dataset.manifest.channels[cutter.channels[i] ?? -1]?.name ?? null,
    })),
    ...{ datasetId: dataset.manifest.id, datasetFingerprint: dataset.manifest.fingerprint, nRows, nFeatures },
  };
}

/** Cuts images into the encoder's squares and maps grey levels to [−1, 1]. */
class TileCutter {
  readonly stridePx: number;
  readonly nTilesPerImage: number;
  /** For each encoder channel its position in the data set. */
  readonly channels: readonly number[];
  readonly #tilePx: number;
  readonly #scale: number;

  constructor({ dataset, encoder, stridePx }: EmbedOptions) {
    const { manifest } = dataset;
    this.#tilePx = encoder.header.model.resolutionPx;
    this.stridePx = stridePx ?? this.#tilePx;
    this.channels = mapChannels(encoder.header.channels, manifest.channels);
    const along = (lengthPx: number) => tileOrigins(lengthPx, this.#tilePx, this.stridePx).length;
    this.nTilesPerImage = along(manifest.heightPx) * along(manifest.widthPx);
    this.#scale = 2 / (manifest.dtype === "uint8" ? 255 : 65535);
  }

  /** `[n · tiles, c, tile, tile]`, image by image; new memory. */
  cut({ data, shape }: SiteBatch): Float32Array {
    const [n, c, h, w] = shape;
    const plane = this.#tilePx ** 2;
    const perTile = this.channels.length * plane;
    const out = new Float32Array(n * this.nTilesPerImage * perTile);
    for (let i = 0; i < n; i++) {
      const image = data.subarray(i * c * h * w, (i + 1) * c * h * w) as Pixels;
      const cut = tiles(image, [c, h, w], this.#tilePx, this.stridePx);
      for (let t = 0; t < cut.n; t++) {
        for (const [k, channel] of this.channels.entries()) {
          const from = (t * c + channel) * plane;
          const to = (i * cut.n + t) * perTile + k * plane;
          for (let p = 0; p < plane; p++) out[to + p] = (cut.data[from + p] ?? 0) * this.#scale - 1;
        }
      }
    }
    return out;
  }
}

/** One row an image from its tiles' rows. `[n · tiles, f]` → `[n, f]`. */
export function aggregateTiles(
  features: Float32Array,
  nImages: number,
  nTiles: number,
  how: "mean" | "median",
): Float32Array {
  if (nTiles === 1) return features;
  const width = features.length / nImages / nTiles;
  const rows = new Float32Array(nImages * width);
  const values = new Float64Array(nTiles);
  for (let i = 0; i < nImages; i++) {
    for (let f = 0; f < width; f++) {
      for (let t = 0; t < nTiles; t++) values[t] = features[(i * nTiles + t) * width + f]!;
      rows[i * width + f] = how === "mean" ? values.reduce((sum, v) => sum + v, 0) / nTiles : median(values);
    }
  }
  return rows;
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const cellOf = (site: Site, name: string): string | number | null =>
  ((site as Record<string, unknown>)[name] ?? null) as string | number | null;

/** The columns of the sites, source columns included, with the type that all their values share. */
function metadataColumns(sites: readonly Site[]): { name: string; type: ColumnType }[] {
  const names = Object.keys(sites[0] ?? {});
  return names.map((name) => {
    const values = sites.map((site) => cellOf(site, name)).filter((value) => value !== null);
    const numeric = values.length > 0 && values.every((value) => typeof value === "number");
    return { name, type: !numeric ? "text" : values.every(Number.isInteger) ? "int" : "double" };
  });
}
