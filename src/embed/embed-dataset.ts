// From a data set folder to one row of features an image: read, cut, run and write overlap; memory does not grow with the data.
import { type Dataset, siteBatches } from "../data/index.ts";
import type {
  CheckpointHeader,
  EmbeddingHeader,
  InputKind,
  MissingStain,
  Site,
  Tap,
  TileLayout,
  Views,
} from "../schema/index.ts";
import { aggregateTiles } from "./aggregate-tiles.ts";
import { EmbeddingFiles, embeddingPath } from "./embedding-files.ts";
import type { Encoder, Features } from "./encoder.ts";
import { badResize, featuresNotFinite } from "./errors.ts";
import { ImageCutter } from "./image-cutter.ts";
import { type ChannelSource, matchChannels } from "./match-channels.ts";
import { metadataColumns } from "./metadata-columns.ts";
import { resizeFactor } from "./resize-factor.ts";
import { tapWidths } from "./tap-widths.ts";
import { tilesPerRun } from "./tiles-per-run.ts";

/** Batches on their way through the encoder while the next is cut. */
const RUNS_IN_FLIGHT = 2;

export interface EmbedOptions {
  /** Borrowed; stays open. */
  readonly dataset: Dataset;
  /** Borrowed; stays open. Each of its taps becomes a table of its own, all from one pass. */
  readonly encoder: Encoder;
  /** Path without ending: `.parquet` and `.json` are written; `{tap}` in it is replaced, and `-{tap}` appended where there are several. */
  readonly out: string;
  /** What a report calls this encoder; the tap is appended. */
  readonly name: string;
  /** The checkpoint's file name, for the header. */
  readonly checkpointFile: string;
  /** @default grid when there is a stride; else centre for images below 1.25 times the tile on both sides, cover for larger ones. */
  readonly tiles?: TileLayout;
  /** Distance of a grid's tiles. @default the tile's side */
  readonly stridePx?: number;
  /** How tiles become one row. @default "mean" */
  readonly aggregate?: "mean" | "median";
  /** New pixels per old along a side, or auto: from the two pixel sizes. @default 1 */
  readonly resize?: number | "auto";
  /** @default "upright" */
  readonly views?: Views;
  /** @default what the checkpoint was trained with */
  readonly input?: InputKind;
  /** Data set channel for encoder channels, by name or stain, where they do not match by themselves. */
  readonly channelMap?: Readonly<Record<string, string>>;
  /** What stands in for stains that the data set lacks; without it they are an error. */
  readonly missing?: MissingStain;
  /** Tiles given to the encoder at a time. @default chosen for the network's size */
  readonly tilesPerRun?: number;
  readonly signal?: AbortSignal;
}

/** What was written for one tap. */
export interface Embedding {
  readonly tap: Tap;
  readonly parquet: string;
  readonly header: EmbeddingHeader;
}

export type EmbedEvent =
  | { readonly kind: "progress"; readonly done: number; readonly total: number }
  | { readonly kind: "finished"; readonly embeddings: readonly Embedding[] };

/**
 * Embeds every image of a data set, yielding progress; files appear only when they are whole. An image's row depends neither on its
 * batch nor on its place.
 * @throws GanDlError `channel-mismatch`, `ambiguous-channel`, `images-too-small`, `bad-tiles`, `bad-resize`, `unknown-pixel-size`,
 * `encoder-failed`, `not-finite`, `cannot-write`, `damaged-dataset`; the signal's reason.
 */
export async function* embedDataset(options: EmbedOptions): AsyncGenerator<EmbedEvent> {
  const { dataset, encoder, out, signal } = options;
  const plan = planEmbedding(options);
  const { cutter } = plan;
  const total = dataset.sites.length;
  const widths = new Map(encoder.taps.map((tap) => [tap, tapWidths(encoder.header.model)[tap]]));
  const headers = new Map([...widths].map(([tap, width]) => [tap, headerOf(options, plan, tap, width)]));
  const opening = EmbeddingFiles.create(out, widths, metadataColumns(dataset.sites)); // while the first images are on their way
  opening.catch(() => {}); // reported when the first rows are there
  const pending: { readonly sites: readonly Site[]; readonly features: Promise<Features> }[] = [];
  let done = 0;
  const settle = async () => {
    const next = pending.shift();
    if (!next) return;
    const files = await opening;
    await files.append(next.sites, rowsOf(await next.features, next.sites, options, cutter.nTilesPerImage));
    done += next.sites.length;
  };
  try {
    const imagesPerRun = Math.max(1, Math.floor(plan.tilesPerRun / cutter.nTilesPerImage));
    for await (const batch of siteBatches(dataset, imagesPerRun)) {
      signal?.throwIfAborted();
      const n = batch.shape[0];
      const tiles = cutter.cut(batch, encoder.spare?.(cutter.lengthOf(n)));
      const features = encoder.run(tiles, n * cutter.nTilesPerImage);
      features.catch(() => {}); // reported when it is settled
      pending.push({ sites: batch.sites, features });
      if (pending.length >= RUNS_IN_FLIGHT) await settle();
      yield { kind: "progress", done, total };
    }
    while (pending.length > 0) await settle();
    signal?.throwIfAborted();
    await (await opening).close(headers);
  } finally {
    await Promise.allSettled(pending.map(({ features }) => features)); // nothing outlives the loop
    await opening.then(
      (files) => files.discard(),
      () => {}, // it left nothing behind
    );
  }
  yield { kind: "progress", done, total };
  const embeddings = [...headers].map(([tap, header]) => {
    return { tap, parquet: `${embeddingPath(out, tap, encoder.taps)}.parquet`, header };
  });
  yield { kind: "finished", embeddings };
}

interface EmbeddingPlan {
  readonly sources: readonly ChannelSource[];
  readonly factor: number;
  readonly input: InputKind;
  readonly cutter: ImageCutter;
  readonly tilesPerRun: number;
}

/** Everything that is decided before the first image is read. */
function planEmbedding(options: EmbedOptions): EmbeddingPlan {
  const { dataset, encoder, tiles, stridePx, channelMap, missing } = options;
  const { manifest } = dataset;
  const { model, channels, pixelSizeUm } = encoder.header;
  const sources = matchChannels(channels, manifest.channels, {
    ...(channelMap ? { given: channelMap } : {}),
    ...(missing ? { missing } : {}),
  });
  const factor = resizeFactor(options.resize ?? 1, { encoderUm: pixelSizeUm, datasetUm: manifest.pixelSizeUm });
  if (Math.min(manifest.heightPx, manifest.widthPx) * factor < 1) throw badResize(factor);
  const input = options.input ?? trainedInput(encoder.header);
  const cutter = new ImageCutter({
    ...{ manifest, sources, tilePx: model.resolutionPx, resizeFactor: factor, input },
    ...(tiles ? { tiles } : {}),
    ...(options.views ? { views: options.views } : {}),
    ...(stridePx !== undefined ? { stridePx } : {}),
  });
  const perRun = options.tilesPerRun ?? tilesPerRun(model, encoder.device === "cpu" ? undefined : "card");
  return { sources, factor, input, cutter, tilesPerRun: perRun };
}

/** Checkpoints from before there was a choice were trained on stored grey levels. */
const trainedInput = (header: CheckpointHeader & { readonly input?: InputKind | undefined }): InputKind =>
  header.input ?? "stored";

/** One row an image and tap. @throws GanDlError `not-finite`. */
function rowsOf(features: Features, sites: readonly Site[], options: EmbedOptions, nTiles: number): Features {
  return new Map(
    [...features].map(([tap, ofTiles]) => {
      const rows = aggregateTiles(ofTiles, sites.length, nTiles, options.aggregate ?? "mean");
      const wrong = rows.findIndex((value) => !Number.isFinite(value));
      if (wrong >= 0) {
        const width = rows.length / sites.length;
        const site = sites[Math.floor(wrong / width)]?.site_id ?? "?";
        throw featuresNotFinite(site, tap, wrong % width, options.encoder.header.kimg);
      }
      return [tap, rows];
    }),
  );
}

function headerOf(
  { dataset, encoder, name, checkpointFile, aggregate = "mean", views = "upright" }: EmbedOptions,
  { cutter, factor, input, sources }: EmbeddingPlan,
  tap: Tap,
  nFeatures: number,
): EmbeddingHeader {
  const { header, runtime } = encoder;
  const { layout, tilePx, stridePx } = cutter.plan;
  const { manifest } = dataset;
  return {
    ...{ kind: "gandl-embedding", schemaVersion: 1, encoder: `${name}, ${tap}` },
    checkpoint: { file: checkpointFile, sha256: header.weightsSha256, kimg: header.kimg },
    ...{ tap, runtime, minibatchStd: header.minibatchStdMean, input },
    tiling: { layout, views, tilePx, stridePx, nTilesPerImage: cutter.nTilesPerImage, aggregate },
    resizeFactor: factor,
    channelMap: sources.map(({ encoder: channel, index, matchedBy, filled }) => {
      const from = index === null ? null : (manifest.channels[index]?.name ?? null);
      return { encoder: channel, dataset: from, matchedBy, filled };
    }),
    ...{ datasetId: manifest.id, datasetFingerprint: manifest.fingerprint, nRows: dataset.sites.length, nFeatures },
  };
}
