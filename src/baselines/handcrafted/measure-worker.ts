// The thread that measures images: it is told their shape once, and then gets pixels and gives features.
import { parentPort, workerData } from "node:worker_threads";
import type { Pixels } from "../../data/index.ts";
import { ImageFeatures, type ImageShapeOptions } from "./image-features.ts";

/** Pixels `[n,c,h,w]` of some images, handed over. */
export interface MeasureRequest {
  readonly id: number;
  readonly pixels: Pixels;
  readonly nImages: number;
}

/** Features `[n,f]` of the same images, handed over; or why there are none. */
export interface MeasureAnswer {
  readonly id: number;
  readonly features: Float32Array<ArrayBuffer>;
}

if (!parentPort) throw new Error("internal: this is the main thread");
const port = parentPort;
const measure = new ImageFeatures(workerData as ImageShapeOptions);

port.on("message", ({ id, pixels, nImages }: MeasureRequest) => {
  const features = measure.measureAll(pixels, nImages);
  port.postMessage({ id, features } satisfies MeasureAnswer, [features.buffer]);
});
