// The thread that ONNX Runtime works in, because its `run` blocks the event loop of the thread that calls it.
import type { InferenceSession } from "onnxruntime-node";
import type { Tap } from "../schema/index.ts";
import type { Features } from "./encoder.ts";

/** What the worker starts with. */
export interface OnnxWorkerSetup {
  /** Where `onnxruntime-node` lies; an evaluated worker has no folder of its own to resolve it from. */
  readonly onnxRuntimePath: string;
  /** The model's bytes, with no outputs but the taps. */
  readonly model: Uint8Array;
  readonly taps: readonly Tap[];
  readonly threads: number;
}

/** To the worker. Requests are answered one by one, in order. */
export type OnnxRequest =
  | {
      readonly kind: "run";
      readonly id: number;
      readonly images: Float32Array<ArrayBuffer>;
      readonly shape: readonly [n: number, c: number, h: number, w: number];
    }
  | { readonly kind: "close" };

/** From the worker: first `ready` or `unusable`, then an answer to each `run`. */
export type OnnxAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "unusable"; readonly error: Error }
  /** `images` come back, to be filled again. */
  | {
      readonly kind: "features";
      readonly id: number;
      readonly features: Features;
      readonly images: Float32Array<ArrayBuffer>;
    }
  | { readonly kind: "failed"; readonly id: number; readonly error: Error };

/**
 * The worker's whole program. It is handed over as its own source text, so that one line starts it from TypeScript sources and from
 * built JavaScript alike: it may use nothing from outside its braces but types.
 */
function onnxWorker(load: NodeJS.Require): void {
  const { parentPort, workerData } = load("node:worker_threads") as typeof import("node:worker_threads");
  const { onnxRuntimePath, model, taps, threads } = workerData as OnnxWorkerSetup;
  const { InferenceSession, Tensor } = load(onnxRuntimePath) as typeof import("onnxruntime-node");
  if (!parentPort) throw new Error("internal: this is the main thread");
  const port = parentPort;
  const send = (answer: OnnxAnswer, transfer: readonly ArrayBuffer[] = []) => port.postMessage(answer, [...transfer]);
  const asError = (thrown: unknown) => (thrown instanceof Error ? thrown : new Error(String(thrown)));

  const answer = async (session: InferenceSession, request: OnnxRequest): Promise<void> => {
    if (request.kind === "close") {
      await session.release();
      port.close(); // nothing keeps the thread any more
      return;
    }
    const { id, images, shape } = request;
    try {
      const outputs = await session.run({ image: new Tensor("float32", images, shape) }, taps);
      const rowsOf = (tap: Tap) => Float32Array.from((outputs[tap]?.data ?? []) as Float32Array);
      const features = new Map(taps.map((tap) => [tap, rowsOf(tap)]));
      const sent = [images, ...features.values()].map(({ buffer }) => buffer as ArrayBuffer);
      send({ kind: "features", id, features, images }, sent);
    } catch (thrown) {
      send({ kind: "failed", id, error: asError(thrown) });
    }
  };

  // Threads that wait for the next layer spin for so long, then sleep. ONNX Runtime's own (a millisecond and more) holds the cores against
  // the thread that cuts the next images, and against everything else on the machine (docs/performance.md).
  const extra = { session: { intra_op: { spin_duration_us: "200" } } };
  const options = { intraOpNumThreads: threads, graphOptimizationLevel: "all", logSeverityLevel: 4, extra } as const;
  InferenceSession.create(model, options).then(
    (session) => {
      let last = Promise.resolve();
      port.on("message", (request: OnnxRequest) => {
        last = last.then(() => answer(session, request));
      });
      send({ kind: "ready" });
    },
    (thrown: unknown) => send({ kind: "unusable", error: asError(thrown) }),
  );
}

/** Source text for `new Worker(…, { eval: true })`. */
export const ONNX_WORKER_SOURCE = `(${onnxWorker.toString()})(require);`;
