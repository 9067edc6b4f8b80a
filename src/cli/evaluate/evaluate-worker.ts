// The thread that answers one question about one file and ends.
import { parentPort, workerData } from "node:worker_threads";
import { type ErrorText, isGanDlError } from "../../core/index.ts";
import { type ThreadEnding, uninterrupted } from "../../data/index.ts";
import { type EvaluateAnswer, type EvaluateJob, evaluateFile } from "./evaluate-file.ts";

/** What the thread is told. */
export interface EvaluateSetup {
  readonly job: EvaluateJob;
  readonly ending: ThreadEnding;
}

/** What the thread tells: progress, then the answer, or why there is none. Faults of ours end it with an error. */
export type EvaluateMessage =
  | { readonly kind: "progress"; readonly stage: string; readonly done: number; readonly total: number }
  | { readonly kind: "answer"; readonly answer: EvaluateAnswer }
  | { readonly kind: "refused"; readonly code: string; readonly say: ErrorText };

if (!parentPort) throw new Error("internal: this is the main thread");
const port = parentPort;
const { job, ending } = workerData as EvaluateSetup;
const send = (message: EvaluateMessage) => port.postMessage(message);

try {
  const answer = await evaluateFile(
    job,
    (stage, done, total) => send({ kind: "progress", stage, done, total }),
    (call) => uninterrupted(ending, call),
  );
  send({ kind: "answer", answer });
} catch (error) {
  if (!isGanDlError(error)) throw error;
  send({ kind: "refused", code: error.code, say: error.say });
}
