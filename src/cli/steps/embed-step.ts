// Embedding with progress on the screen; used by `gandl embed` and `gandl demo`.
import { mkdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { type Dataset, openDataset } from "../../data/index.ts";
import {
  type Embedding,
  type EmbedOptions,
  embedDataset,
  embeddingPath,
  openEncoder,
  resolveCheckpoint,
} from "../../embed/index.ts";
import type { CheckpointHeader, Tap } from "../../schema/index.ts";
import type { View } from "../view.ts";

type Passed = "tiles" | "views" | "stridePx" | "aggregate" | "resize" | "input" | "channelMap" | "missing" | "signal";

export interface EmbedStepOptions extends Pick<EmbedOptions, Passed> {
  readonly run: string;
  /** latest, first or a number of kimg. */
  readonly checkpoint: string;
  readonly data: string;
  /** Path without ending; see {@link embeddingPath}. */
  readonly out: string;
  /** Computed in one pass. */
  readonly taps: readonly Tap[];
  readonly runtime: "onnxruntime" | "libtorch";
  /** `cpu`, or with LibTorch `cuda:0`. @default "cpu" */
  readonly device?: string;
  /** What a report calls the encoder; the tap is appended. */
  readonly name?: string;
}

/** Pixel sizes further apart than this are told to the user. */
const SAME_PIXEL_SIZE = 0.05;

/** Embeds a data set folder by a checkpoint of a run, showing progress. */
export async function embedWithProgress(view: View, options: EmbedStepOptions): Promise<readonly Embedding[]> {
  const { run, checkpoint: which, data, out, taps, runtime, device = "cpu", name: given, ...passed } = options;
  const checkpoint = await resolveCheckpoint(run, which);
  using dataset = await openDataset(data);
  for (const tap of taps) await mkdir(dirname(embeddingPath(out, tap, taps)), { recursive: true });
  if (passed.resize === undefined || passed.resize === 1) warnOfPixelSize(view, checkpoint.header, dataset);
  const encoder = await openEncoder(checkpoint, taps, runtime, { device });
  const name = given ?? `${checkpoint.header.kimg === 0 ? "untrained" : "trained"} discriminator`;
  const checkpointFile = `${basename(checkpoint.stem)}.safetensors`;
  let embeddings: readonly Embedding[] = [];
  try {
    for await (const event of embedDataset({ dataset, encoder, out, name, checkpointFile, ...passed })) {
      if (event.kind === "finished") embeddings = event.embeddings;
      else
        view.progress(
          `embedding (${name}, ${taps.join(", ")})`,
          event.done,
          event.total,
          `${event.done} / ${event.total} images`,
        );
    }
  } finally {
    await encoder.close();
  }
  view.endProgress();
  return embeddings;
}

function warnOfPixelSize(view: View, { pixelSizeUm: trained }: CheckpointHeader, { manifest }: Dataset): void {
  const own = manifest.pixelSizeUm;
  if (trained === null || own === null || Math.abs(own / trained - 1) <= SAME_PIXEL_SIZE) return;
  view.line(
    `note: these images have ${own} µm a pixel, the encoder was trained at ${trained} µm; --resize auto brings cells to the size it knows.`,
  );
}
