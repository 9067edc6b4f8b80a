// The thread that holds a matrix: reads it at the first question and answers one by one.
import { parentPort, workerData } from "node:worker_threads";
import { type ThreadEnding, uninterrupted } from "../data/index.ts";
import { drawMap, type Features, type MapKind, nearest, type OnMapStep, readFeatures } from "./feature-jobs.ts";

/** What the thread is told once. */
export interface FeatureSetup {
  readonly path: string;
  readonly ending: ThreadEnding;
}

export type FeatureQuestion =
  | { readonly kind: "map"; readonly map: MapKind }
  | { readonly kind: "nearest"; readonly rows: readonly number[]; readonly k: number };

if (!parentPort) throw new Error("internal: this is the main thread");
const port = parentPort;
const { path, ending } = workerData as FeatureSetup;
let features: Promise<Features> | null = null;

port.on("message", async ({ id, question }: { id: number; question: FeatureQuestion }) => {
  try {
    features ??= uninterrupted(ending, () => readFeatures(path));
    const held = await features;
    const onStep: OnMapStep = (percent, step) => port.postMessage({ id, percent, step });
    const answer =
      question.kind === "map" ? drawMap(held, question.map, onStep) : nearest(held, question.rows, question.k);
    port.postMessage({ id, answer });
  } catch (error) {
    port.postMessage({ id, failed: error instanceof Error ? error.message.split("\n", 1)[0] : String(error) });
  }
});
