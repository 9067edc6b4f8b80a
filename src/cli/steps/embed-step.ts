// Embedding with progress on the screen; used by `gandl embed` and `gandl demo`.
import { mkdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { openDataset } from "../../data/index.ts";
import { embedDataset, openEncoder, resolveCheckpoint } from "../../embed/index.ts";
import type { EmbeddingHeader, Tap } from "../../schema/index.ts";
import type { View } from "../view.ts";

export interface EmbedStepOptions {
  readonly run: string;
  /** latest, first or a number of kimg. */
  readonly checkpoint: string;
  readonly data: string;
  /** Path without ending. */
  readonly out: string;
  readonly tap: Tap;
  readonly runtime: "onnxruntime" | "libtorch";
  readonly stridePx?: number;
  readonly aggregate?: "mean" | "median";
  readonly name?: string;
  readonly signal?: AbortSignal;
}

/** Embeds a data set folder by a checkpoint of a run, showing progress. */
export async function embedWithProgress(view: View, options: EmbedStepOptions): Promise<EmbeddingHeader> {
  const checkpoint = await resolveCheckpoint(options.run, options.checkpoint);
  using dataset = await openDataset(options.data);
  await mkdir(dirname(options.out), { recursive: true });
  const encoder = await openEncoder(checkpoint, options.tap, options.runtime);
  const { kimg } = checkpoint.header;
  const name = options.name ?? `${kimg === 0 ? "untrained" : "trained"} discriminator, ${options.tap}`;
  let header: EmbeddingHeader | null = null;
  try {
    const { stridePx, aggregate, signal, out } = options;
    const optional = {
      ...(stridePx ? { stridePx } : {}),
      ...(aggregate ? { aggregate } : {}),
      ...(signal ? { signal } : {}),
    };
    for await (const event of embedDataset({
      dataset,
      encoder,
      out,
      name,
      checkpointFile: `${basename(checkpoint.stem)}.safetensors`,
      ...optional,
    })) {
      if (event.kind === "progress")
        view.progress(`embedding (${name})`, event.done, event.total, `${event.done} / ${event.total} images`);
      else header = event.header;
    }
  } finally {
    await encoder.close();
  }
  view.endProgress();
  if (!header) throw new Error("internal: the embedding ended without a header");
  return header;
}
