// The thread that the encoder runs in, so that the page stays quick; it asks nobody but its own host for files.
import type { InferenceSession } from "onnxruntime-web";
import asyncifyModule from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url";
import asyncifyBinary from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import wasmModule from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import wasmBinary from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";

/** To the worker. The first names the model's address. */
export type EncoderRequest =
  | { readonly kind: "load"; readonly model: string; readonly tap: string; readonly preferGpu: boolean }
  | { readonly kind: "run"; readonly id: number; readonly tiles: Float32Array; readonly shape: readonly number[] };

/** From the worker. */
export type EncoderAnswer =
  | { readonly kind: "loaded"; readonly runtime: string }
  | { readonly kind: "features"; readonly id: number; readonly features: Float32Array; readonly milliseconds: number }
  | { readonly kind: "failed"; readonly id: number | null; readonly message: string };

interface Loaded {
  readonly session: InferenceSession;
  readonly tap: string;
  readonly tensor: (tiles: Float32Array, shape: readonly number[]) => InferenceSession.OnnxValueMapType[string];
  readonly runtime: string;
}

const MAX_THREADS = 8;
/** Tiles given to the encoder at a time; larger runs only take more memory. */
const TILES_PER_RUN = 8;

let loaded: Promise<Loaded> | null = null;

const send = (answer: EncoderAnswer, transfer: Transferable[] = []) => postMessage(answer, { transfer });

async function load(model: Uint8Array, tap: string, preferGpu: boolean): Promise<Loaded> {
  if (preferGpu && (await hasGpu())) {
    const onGpu = await loadOnGpu(model, tap).catch(() => null); // what a graphics driver cannot do, WebAssembly can
    if (onGpu) return onGpu;
  }
  const ort = await import("onnxruntime-web/wasm");
  // Threads share memory, which browsers allow only to isolated pages.
  const threads = crossOriginIsolated ? Math.min(MAX_THREADS, navigator.hardwareConcurrency) : 1;
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = { mjs: absolute(wasmModule), wasm: absolute(wasmBinary) };
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
  const words = `WebAssembly, ${threads} thread${threads === 1 ? "" : "s"}`;
  return { session, tap, runtime: words, tensor: (tiles, shape) => new ort.Tensor("float32", tiles, shape) };
}

async function loadOnGpu(model: Uint8Array, tap: string): Promise<Loaded> {
  const ort = await import("onnxruntime-web/webgpu");
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { mjs: absolute(asyncifyModule), wasm: absolute(asyncifyBinary) };
  const session = await ort.InferenceSession.create(model, { executionProviders: ["webgpu"] });
  return { session, tap, runtime: "WebGPU", tensor: (tiles, shape) => new ort.Tensor("float32", tiles, shape) };
}

const absolute = (url: string) => new URL(url, import.meta.url).href;

async function hasGpu(): Promise<boolean> {
  const gpu = (navigator as { gpu?: { requestAdapter(): Promise<object | null> } }).gpu;
  return (await gpu?.requestAdapter().catch(() => null)) != null;
}

async function run({ session, tap, tensor }: Loaded, tiles: Float32Array, shape: readonly number[]) {
  const [n = 0, ...rest] = shape;
  const perTile = tiles.length / n;
  const rows: Float32Array[] = [];
  for (let from = 0; from < n; from += TILES_PER_RUN) {
    const some = Math.min(TILES_PER_RUN, n - from);
    const input = tiles.slice(from * perTile, (from + some) * perTile);
    const outputs = await session.run({ image: tensor(input, [some, ...rest]) }, [tap]);
    rows.push(Float32Array.from((await outputs[tap]!.getData()) as Float32Array));
  }
  const all = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
}

async function answer(request: EncoderRequest): Promise<void> {
  const id = request.kind === "run" ? request.id : null;
  try {
    if (request.kind === "load") {
      const response = await fetch(request.model);
      if (!response.ok) throw new Error(`${request.model}: the server answers ${response.status}`);
      loaded = load(new Uint8Array(await response.arrayBuffer()), request.tap, request.preferGpu);
      send({ kind: "loaded", runtime: (await loaded).runtime });
      return;
    }
    if (!loaded) throw new Error("internal: no encoder was loaded");
    const start = performance.now();
    const features = await run(await loaded, request.tiles, request.shape);
    const milliseconds = performance.now() - start;
    send({ kind: "features", id: request.id, features, milliseconds }, [features.buffer]);
  } catch (error) {
    send({ kind: "failed", id, message: error instanceof Error ? error.message : String(error) });
  }
}

let last = Promise.resolve();
addEventListener("message", ({ data }: MessageEvent<EncoderRequest>) => {
  last = last.then(() => answer(data));
});
