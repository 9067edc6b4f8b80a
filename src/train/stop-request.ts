// Stopping a training from outside its process: a file in the run folder, which works wherever the folder is shared.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { STOP_REQUEST_FILE } from "../schema/index.ts";
import { removeFile } from "./run-folder.ts";

const LOOK_EVERY_MS = 250;

/** A signal that fires by another one, or when someone asks by the file. */
export interface StopWatch extends AsyncDisposable {
  readonly signal: AbortSignal;
}

/**
 * Watches for `stop.request` in a run folder. One that was there before is of an earlier training and is removed; dispose removes
 * the one that was obeyed.
 * @throws GanDlError `cannot-write`.
 */
export async function watchForStop(folder: string, signal?: AbortSignal): Promise<StopWatch> {
  const file = join(folder, STOP_REQUEST_FILE);
  await removeFile(file);
  const asked = new AbortController();
  const timer = setInterval(() => {
    if (existsSync(file)) asked.abort();
  }, LOOK_EVERY_MS);
  timer.unref();
  return {
    signal: signal ? AbortSignal.any([signal, asked.signal]) : asked.signal,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await removeFile(file);
    },
  };
}
