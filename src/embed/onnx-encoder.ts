// The encoder in ONNX Runtime, in a worker of its own; seen from the thread that asks.
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { CheckpointHeader, Tap } from "../schema/index.ts";
import { checkImages, type Encoder, type Features } from "./encoder.ts";
import { readEncoderFile } from "./encoder-file.ts";
import { badOnnx, encoderClosed, encoderFailed } from "./errors.ts";
import { withOutputs } from "./onnx/graph.ts";
import { ONNX_WORKER_SOURCE, type OnnxAnswer, type OnnxRequest, type OnnxWorkerSetup } from "./onnx-worker.ts";

export interface OnnxEncoderOptions {
  /** Threads that ONNX Runtime computes with. @default all cores */
  readonly threads?: number;
}

/**
 * Opens an encoder that `gandl export` or {@link exportEncoderBeside} wrote, in a worker; needs neither LibTorch nor a compiler.
 *
 * An idle encoder keeps no process alive, but its memory until it is closed.
 * @throws GanDlError `bad-onnx`.
 * @example
 * ```ts no-run
 * const encoder = await openOnnxEncoder("encoder.onnx", ["fc512"]);
 * const features = await encoder.run(new Float32Array(2 * 5 * 64 * 64), 2); // fc512: [2, 512]
 * await encoder.close();
 * ```
 */
export async function openOnnxEncoder(
  file: string,
  taps: readonly Tap[],
  { threads = availableParallelism() }: OnnxEncoderOptions = {},
): Promise<Encoder> {
  const { header, bytes } = await readEncoderFile(file);
  const onnxRuntimePath = createRequire(import.meta.url).resolve("onnxruntime-node");
  const model = withOutputs(bytes, taps);
  const workerData: OnnxWorkerSetup = { onnxRuntimePath, model, taps, threads };
  const transferList = [model.buffer as ArrayBuffer];
  const worker = new Worker(ONNX_WORKER_SOURCE, { eval: true, workerData, transferList });
  try {
    await readiness(worker);
  } catch (cause) {
    await worker.terminate();
    throw badOnnx(file, `ONNX Runtime cannot load it: ${(cause as Error).message.split("\n")[0]}`, cause);
  }
  return new OnnxEncoder(worker, header, taps);
}

function readiness(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (answer: OnnxAnswer) => {
      worker.off("error", reject);
      if (answer.kind === "unusable") reject(answer.error);
      else resolve();
    });
  });
}

/** As many runs as are under way at once. */
const MOST_SPARES = 3;

interface Caller {
  readonly resolve: (features: Features) => void;
  readonly reject: (error: Error) => void;
}

class OnnxEncoder implements Encoder {
  readonly runtime = "onnxruntime";
  readonly device = "cpu";
  readonly header: CheckpointHeader;
  readonly taps: readonly Tap[];
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #callers = new Map<number, Caller>();
  /** Arrays that came back, all of one length. */
  #spares: Float32Array<ArrayBuffer>[] = [];
  #nextId = 0;
  #isOpen = true;

  constructor(worker: Worker, header: CheckpointHeader, taps: readonly Tap[]) {
    this.header = header;
    this.taps = taps;
    this.#worker = worker;
    this.#ended = new Promise((resolve) => worker.once("exit", () => resolve()));
    worker.on("message", (answer: OnnxAnswer) => this.#settle(answer));
    worker.on("error", (error) => this.#failAll(error));
    worker.on("exit", () => this.#failAll(new Error("its worker ended")));
    worker.unref();
  }

  async run(images: Float32Array, n: number): Promise<Features> {
    checkImages(images, n, this.header);
    if (!this.#isOpen) throw encoderClosed();
    const { imageChannels, resolutionPx } = this.header.model;
    // Only whole buffers can be handed over; a view on a larger one would take its neighbours along.
    const isWhole = images.buffer instanceof ArrayBuffer && images.byteLength === images.buffer.byteLength;
    const own = (isWhole ? images : images.slice()) as Float32Array<ArrayBuffer>;
    const shape = [n, imageChannels, resolutionPx, resolutionPx] as const;
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#callers.set(id, { resolve, reject });
      this.#worker.ref();
      this.#send({ kind: "run", id, images: own, shape }, [own.buffer]);
    });
  }

  spare(length: number): Float32Array<ArrayBuffer> {
    const spare = this.#spares.pop();
    if (spare?.length === length) return spare;
    this.#spares = []; // of another length, and not to be kept
    return new Float32Array(length);
  }

  async close(): Promise<void> {
    if (this.#isOpen) {
      this.#isOpen = false;
      this.#worker.ref();
      this.#send({ kind: "close" });
    }
    await this.#ended;
  }

  #send(request: OnnxRequest, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, [...transfer]);
  }

  #settle(answer: OnnxAnswer): void {
    if (answer.kind !== "features" && answer.kind !== "failed") return;
    const caller = this.#callers.get(answer.id);
    this.#callers.delete(answer.id);
    if (answer.kind === "features" && this.#spares.length < MOST_SPARES) this.#spares.push(answer.images);
    if (answer.kind === "features") caller?.resolve(answer.features);
    else caller?.reject(encoderFailed("onnxruntime", answer.error));
    if (this.#callers.size === 0 && this.#isOpen) this.#worker.unref();
  }

  #failAll(error: Error): void {
    this.#isOpen = false;
    for (const { reject } of this.#callers.values()) reject(encoderFailed("onnxruntime", error));
    this.#callers.clear();
  }
}
