// The thread that decodes and measures image files: it is given bytes and memory that it shares with who asks.
import { parentPort } from "node:worker_threads";
import { type ErrorText, isGanDlError } from "../core/index.ts";
import type { PlaneMeasure } from "./measure-plane.ts";
import { type PlanesWanted, placePlanes } from "./place-planes.ts";
import type { Pixels } from "./shards.ts";

/** One file: its bytes, handed over, and `[k,h,w]` in shared memory. */
export interface PlaneRequest {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly wanted: PlanesWanted;
  readonly out: Pixels;
}

/** The planes are in their places, or what is wrong with the file. Faults of ours end the thread with an error. */
export type PlaneAnswer =
  | { readonly id: number; readonly kind: "placed"; readonly measures: readonly PlaneMeasure[] }
  | { readonly id: number; readonly kind: "refused"; readonly code: string; readonly say: ErrorText };

if (!parentPort) throw new Error("internal: this is the main thread");
const port = parentPort;
const send = (answer: PlaneAnswer) => port.postMessage(answer);

port.on("message", async ({ id, bytes, wanted, out }: PlaneRequest) => {
  try {
    send({ id, kind: "placed", measures: await placePlanes(bytes, wanted, out) });
  } catch (error) {
    if (!isGanDlError(error)) throw error;
    send({ id, kind: "refused", code: error.code, say: error.say });
  }
});
