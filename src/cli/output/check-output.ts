// Where a result should go is looked at before the work: nobody waits for an answer that cannot be kept, and nothing of the user's is written over.
import { access, constants, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { outputBelongs, outputIsFolder, outputIsInput, outputUnnamed, outputUnreachable } from "./errors.ts";

/** Files of which a folder consists, by the one that tells the kind. */
const FOLDERS = [
  {
    mark: "dataset.json",
    kind: "data set folder",
    files: /^(dataset\.json|(sites|measures|plates)\.parquet|\d+\.npy)$/,
  },
  {
    mark: "config.resolved.json",
    kind: "run folder",
    files:
      /^(config\.resolved\.json|provenance\.json|events\.jsonl|run\.lock|best\.json|kimg-.*\.(json|safetensors|onnx))$/,
  },
];

/**
 * Refuses a file to write that cannot be written, is an input, or is a part of a data set or a run.
 * @param option what the errors call it, e.g. `--out`. @param inputs what the command reads. @throws GanDlError `bad-output`.
 */
export async function checkOutput(option: string, file: string, inputs: readonly string[] = []): Promise<void> {
  if (basename(file) === "" || file.trim() === "") throw outputUnnamed(option);
  const there = await stat(file).catch(() => null);
  if (there?.isDirectory()) throw outputIsFolder(option, file);
  await checkReachable(option, file, dirname(resolve(file)));
  const real = await realpath(file).catch(() => resolve(file));
  for (const input of inputs) {
    if ((await realpath(input).catch(() => null)) === real) throw outputIsInput(option, file, input);
  }
  for (const folder of [dirname(real), dirname(dirname(real))]) {
    const found = await partOf(folder, basename(real));
    if (found) throw outputBelongs(option, file, found);
  }
}

/** The same for a folder to write files into. @throws GanDlError `bad-output`. */
export async function checkOutputFolder(option: string, folder: string): Promise<void> {
  if (folder.trim() === "") throw outputUnnamed(option);
  await checkReachable(option, folder, resolve(folder));
  const found = await partOf(resolve(folder), "dataset.json");
  if (found) throw outputBelongs(option, folder, found);
}

async function partOf(folder: string, name: string): Promise<string | null> {
  for (const { mark, kind, files } of FOLDERS) {
    if (files.test(name) && (await stat(join(folder, mark)).catch(() => null))) return `the ${kind} ${folder}`;
  }
  return null;
}

/** The nearest folder that is there must be one, and be this user's to write. */
async function checkReachable(option: string, file: string, folder: string): Promise<void> {
  let nearest = folder;
  let found = await stat(nearest).catch(() => null);
  while (found === null && dirname(nearest) !== nearest) {
    nearest = dirname(nearest);
    found = await stat(nearest).catch(() => null);
  }
  if (!found?.isDirectory()) throw outputUnreachable(option, file, nearest, "is not a folder");
  await access(nearest, constants.W_OK).catch(() => {
    throw outputUnreachable(option, file, nearest, "cannot be written by this user");
  });
}
