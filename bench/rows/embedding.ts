// Embedding a data set end to end, against the bare encoder on images that lie ready.

import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { openDataset } from "gan-dl/data";
import { embedDataset, exportEncoderBeside, openEncoder, resolveCheckpoint, withOutputs } from "gan-dl/embed";
import { train } from "gan-dl/train";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { forwardFlop } from "../arithmetic.ts";
import { MemoryWatch } from "../memory.ts";
import type { BenchContext, BenchRow, Prepared } from "../row.ts";
import { type ScreenSize, screenDataset } from "../screen.ts";
import { configOf, shapeOfSize, TRAINING_SIZES, type TrainingSize } from "../training-sizes.ts";

const TAP = "fc512";
/** Images that the bare session is given at a time: as many as `embedDataset` gives. */
const BATCH = 64;

/** `embedDataset` from shards to Parquet; the bare session runs the same number of images, in whole batches. */
export function embeddingRow(size: TrainingSize, sites: number): BenchRow {
  const screen: ScreenSize = { sites, channels: size.imageChannels, sidePx: size.resolutionPx };
  return {
    name: `embedding/${size.name}`,
    title: `${sites} images of ${size.resolutionPx} px to a Parquet file, against session.run alone: base ${size.channelBase}, max ${size.channelMax}`,
    rounds: 5,
    prepare: async (context: BenchContext): Promise<Prepared> => {
      const folder = context.folder();
      const dataset = await openDataset(await screenDataset(folder, screen));
      const checkpoint = await untrainedCheckpoint(size, join(folder, "dataset"), join(folder, "run"));
      const bare = await bareSession(await exportEncoderBeside(checkpoint), screen);
      const memory = new MemoryWatch();
      const encoder = await openEncoder(checkpoint, [TAP], "onnxruntime");
      const embedAll = async () => {
        const options = { dataset, encoder, out: join(folder, "embedding"), name: "bench", checkpointFile: "bench" };
        for await (const event of embedDataset(options)) void event;
      };
      const { stem, blocks, epilogue } = forwardFlop(shapeOfSize(size));
      return {
        unit: "img/s",
        ours: { name: "embedDataset", amount: sites, run: () => memory.during(sites, embedAll) },
        against: bare,
        cost: { flop: stem + blocks + epilogue },
        bars: [{ of: "ratio", atLeast: 0.9 }],
        note: () => memory.text(),
        dispose: async () => {
          await encoder.close();
          await bare.release();
          dataset.close();
        },
      };
    },
  };
}

/** The checkpoint that a run writes before its first step. */
async function untrainedCheckpoint(size: TrainingSize, dataset: string, run: string) {
  const config = configOf(size);
  const kimg = size.batchSize / 1000; // one step
  const schedule = { ...config.schedule, durationKimg: kimg };
  const short = { ...config, schedule, data: { ...config.data, dataset } };
  for await (const event of train({ config: short, out: run })) void event;
  return resolveCheckpoint(run, "first");
}

async function bareSession(file: string, { sites, channels, sidePx }: ScreenSize) {
  const threads = availableParallelism(); // as the encoder's own session
  const model = withOutputs(await readFile(file), [TAP]); // what the encoder loads too: nodes that no one asks for are left out
  const session = await InferenceSession.create(model, { intraOpNumThreads: threads, graphOptimizationLevel: "all" });
  const batch = Math.min(BATCH, sites);
  const values = new Float32Array(batch * channels * sidePx ** 2).map((_, i) => ((i * 37) % 251) / 125 - 1);
  const feeds = { image: new Tensor("float32", values, [batch, channels, sidePx, sidePx]) };
  const runs = Math.floor(sites / batch);
  return {
    ...{ name: `session.run alone, ${batch} images at a time`, amount: runs * batch },
    run: async () => {
      for (let i = 0; i < runs; i++) await session.run(feeds, [TAP]);
    },
    release: () => session.release(),
  };
}

/** About two seconds of work each: what a table costs once (a tenth of a second or two) is to weigh as little as in a screen, without a minute's wait. */
const SITES: Readonly<Record<string, number>> = { small: 2048, large: 512 };

export const embedding: readonly BenchRow[] = TRAINING_SIZES.map((size) => embeddingRow(size, SITES[size.name] ?? 512));
