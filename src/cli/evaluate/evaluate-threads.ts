// Several files evaluated at a time, each by a thread of its own; answers do not depend on how many work at once.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { GanDlError } from "../../core/index.ts";
import { endThread, type ThreadEnding, threadEnding } from "../../data/index.ts";
import { type EvaluateAnswer, type EvaluateJob, encoderName, evaluateFile } from "./evaluate-file.ts";
import type { EvaluateMessage, EvaluateSetup } from "./evaluate-worker.ts";

const WORKER = fileURLToPath(new URL("./evaluate-worker.js", import.meta.url));

/** Told of each file's progress. */
export type FileProgress = (file: string, stage: string, done: number, total: number) => void;

/**
 * Answers all jobs, at most `nThreads` at a time, in the order of the jobs.
 *
 * The first refusal ends the others. From TypeScript sources there is no built worker to start: then it answers in place, one by one.
 * @param nThreads 0 answers in place. @param workerFile the built worker, for tests.
 * @throws GanDlError what {@link evaluateFile} refuses.
 */
export async function evaluateFiles(
  jobs: readonly EvaluateJob[],
  nThreads: number,
  onProgress: FileProgress,
  workerFile = WORKER,
): Promise<EvaluateAnswer[]> {
  const answers: EvaluateAnswer[] = [];
  const open = new Map<Worker, ThreadEnding>();
  const inThread = nThreads > 0 && existsSync(workerFile);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < jobs.length; i = next++) {
      const job = jobs[i]!;
      const tell = (stage: string, done: number, total: number) =>
        onProgress(encoderName(job.file), stage, done, total);
      answers[i] = inThread ? await ask(workerFile, job, tell, open) : await evaluateFile(job, tell);
    }
  };
  try {
    await Promise.all(Array.from({ length: inThread ? nThreads : 1 }, work));
  } finally {
    next = jobs.length;
    for (const [worker, ending] of open) endThread(worker, ending);
  }
  return answers;
}

function ask(
  workerFile: string,
  job: EvaluateJob,
  tell: (stage: string, done: number, total: number) => void,
  open: Map<Worker, ThreadEnding>,
): Promise<EvaluateAnswer> {
  const ending = threadEnding();
  const worker = new Worker(workerFile, { workerData: { job, ending } satisfies EvaluateSetup });
  open.set(worker, ending);
  return new Promise<EvaluateAnswer>((resolve, reject) => {
    worker.on("message", (message: EvaluateMessage) => {
      if (message.kind === "progress") tell(message.stage, message.done, message.total);
      else if (message.kind === "answer") resolve(message.answer);
      else reject(new GanDlError(message.code, message.say));
    });
    worker.on("error", reject);
    worker.on("exit", (code) => {
      open.delete(worker);
      reject(new Error(`internal: the thread for ${job.file} ended with code ${code} and no answer`));
    });
  });
}
