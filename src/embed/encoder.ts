// A trained encoder ready to run: by ONNX Runtime in a worker (its `run` would block the event loop), or by LibTorch here.
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Discriminator } from "../models/index.ts";
import type { CheckpointHeader, Tap } from "../schema/index.ts";
import { fromArray, noGrad, Rng, TensorScope } from "../tensor/index.ts";
import { type Checkpoint, exportEncoderBeside, readEncoderHeader, readEncoderWeights } from "./checkpoint.ts";
import { encoderFailed } from "./errors.ts";

/** Turns images into features, batch by batch. */
export interface Encoder {
  readonly header: CheckpointHeader;
  readonly tap: Tap;
  readonly runtime: "onnxruntime" | "libtorch";
  /**
   * @param images `[n,c,r,r]` in [−1, 1]; handed over: do not use the array afterwards.
   * @returns `[n,f]`. Calls may overlap; answers come in order. @throws GanDlError `encoder-failed`.
   */
  run(images: Float32Array, n: number): Promise<Float32Array>;
  close(): Promise<void>;
}

// Evaluated, so that it needs no file of its own: the same line works from TypeScript sources and from built JavaScript.
const WORKER_SOURCE = `
const { parentPort, workerData } = require("node:worker_threads");
const ort = require(workerData.ortPath);
const session = ort.InferenceSession.create(workerData.file, { intraOpNumThreads: workerData.threads, graphOptimizationLevel: "all" });
session.catch(() => {});
parentPort.on("message", async ({ id, images, shape }) => {
  try {
    const ready = await session;
    const result = await ready.run({ image: new ort.Tensor("float32", images, shape) }, [workerData.tap]);
    const data = Float32Array.from(result[workerData.tap].data);
    parentPort.postMessage({ id, data }, [data.buffer]);
  } catch (error) {
    parentPort.postMessage({ id, error: String(error && error.message || error) });
  }
});
`;

interface Answer {
  readonly id: number;
  readonly data?: Float32Array;
  readonly error?: string;
}

/** Opens an ONNX encoder in a worker of its own. @throws GanDlError `bad-onnx`. */
export async function openOnnxEncoder(file: string, tap: Tap, threads = availableParallelism()): Promise<Encoder> {
  const header = await readEncoderHeader(file);
  const ortPath = createRequire(import.meta.url).resolve("onnxruntime-node");
  const worker = new Worker(WORKER_SOURCE, { eval: true, workerData: { ortPath, file, tap, threads } });
  const waiting = new Map<number, { resolve: (data: Float32Array) => void; reject: (error: Error) => void }>();
  let nextId = 0;
  const failAll = (error: Error) => {
    for (const { reject } of waiting.values()) reject(encoderFailed(error));
    waiting.clear();
  };
  worker.on("message", ({ id, data, error }: Answer) => {
    const caller = waiting.get(id);
    waiting.delete(id);
    if (data) caller?.resolve(data);
    else caller?.reject(encoderFailed(new Error(error)));
  });
  worker.on("error", failAll);
  worker.on("exit", () => failAll(new Error("its worker ended")));
  const { imageChannels, resolutionPx } = header.model;
  return {
    ...{ header, tap, runtime: "onnxruntime" },
    run: (images, n) =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, images, shape: [n, imageChannels, resolutionPx, resolutionPx] }, [
          images.buffer as ArrayBuffer,
        ]);
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}

/** Opens a checkpoint in LibTorch, for CUDA devices and comparisons. */
export async function openLibtorchEncoder(checkpoint: Checkpoint, tap: Tap): Promise<Encoder> {
  const { header } = checkpoint;
  const discriminator = new Discriminator(header.model, new Rng(0));
  discriminator.loadState(await readEncoderWeights(checkpoint));
  const { imageChannels, resolutionPx } = header.model;
  return {
    ...{ header, tap, runtime: "libtorch" },
    run: async (images, n) => {
      using _scope = new TensorScope();
      return noGrad(() => {
        const image = fromArray(images, [n, imageChannels, resolutionPx, resolutionPx]);
        return discriminator.features(image, { minibatchStd: header.minibatchStdMean })[tap].toFloat32Array();
      });
    },
    close: async () => discriminator.dispose(),
  };
}

/** Opens a checkpoint's encoder by the runtime asked for, exporting it first where that needs it. */
export async function openEncoder(
  checkpoint: Checkpoint,
  tap: Tap,
  runtime: "onnxruntime" | "libtorch",
): Promise<Encoder> {
  return runtime === "libtorch"
    ? openLibtorchEncoder(checkpoint, tap)
    : openOnnxEncoder(await exportEncoderBeside(checkpoint), tap);
}
