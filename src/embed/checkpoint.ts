// Finding a run's checkpoints and writing the encoder beside them.
import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CheckpointHeader, parseWith } from "../schema/index.ts";
import { decodeSafetensors } from "../tensor/index.ts";
import { badOnnx, checkpointMismatch, noSuchCheckpoint } from "./errors.ts";
import { type EncoderWeights, encoderGraph } from "./onnx/encoder-graph.ts";
import { readProperties } from "./onnx/graph.ts";

const HEADER_PROPERTY = "gandl.checkpoint";

/** A checkpoint on disk: `.safetensors`, `.json` and, once exported, `.onnx` behind one stem. */
export interface Checkpoint {
  readonly stem: string;
  readonly header: CheckpointHeader;
}

/**
 * Finds a checkpoint of a run.
 * @param which `latest`, `first` (the untrained network), or a number of kimg.
 * @throws GanDlError `no-such-checkpoint`, listing those there are.
 */
export async function resolveCheckpoint(run: string, which: string): Promise<Checkpoint> {
  const folder = join(run, "checkpoints");
  const names = (await readdir(folder).catch(() => [] as string[])).filter((name) => name.endsWith(".json")).sort();
  const all: Checkpoint[] = [];
  for (const name of names) {
    const file = join(folder, name);
    const header = parseWith(
      CheckpointHeader,
      JSON.parse(await readFile(file, "utf8")),
      file,
      "delete it with its .safetensors, or restore both.",
    );
    all.push({ stem: file.slice(0, -".json".length), header });
  }
  const found =
    which === "latest"
      ? all.at(-1)
      : which === "first"
        ? all[0]
        : all.find(({ header }) => header.kimg === Number(which));
  if (!found)
    throw noSuchCheckpoint(
      run,
      which,
      all.map(({ header }) => String(header.kimg)),
    );
  return found;
}

/** The discriminator's weights of a checkpoint. @throws GanDlError `checkpoint-mismatch`, `bad-safetensors`. */
export async function readEncoderWeights({ stem, header }: Checkpoint): Promise<EncoderWeights> {
  const file = `${stem}.safetensors`;
  const bytes = await readFile(file);
  if (createHash("sha256").update(bytes).digest("hex") !== header.weightsSha256) throw checkpointMismatch(file);
  const prefix = "discriminator.";
  const { tensors } = decodeSafetensors(bytes, file);
  return new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
}

/**
 * Writes the encoder of a checkpoint as `.onnx` beside it, in one step; one that is there and fits is left alone.
 * @returns the path. @throws GanDlError `checkpoint-mismatch`, `bad-safetensors`.
 */
export async function exportEncoderBeside(checkpoint: Checkpoint): Promise<string> {
  const file = `${checkpoint.stem}.onnx`;
  const existing = await readEncoderHeader(file).catch(() => null);
  if (existing?.weightsSha256 === checkpoint.header.weightsSha256) return file;
  const weights = await readEncoderWeights(checkpoint);
  const bytes = encoderGraph(weights, checkpoint.header, { [HEADER_PROPERTY]: JSON.stringify(checkpoint.header) });
  const partial = `${file}.partial-${process.pid}`;
  try {
    await writeFile(partial, bytes);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return file;
}

/** The checkpoint header that travels in an encoder's ONNX file. @throws GanDlError `bad-onnx`. */
export async function readEncoderHeader(file: string): Promise<CheckpointHeader> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw badOnnx(file, "the file cannot be read.", cause);
  });
  let text: string | undefined;
  try {
    text = readProperties(bytes).get(HEADER_PROPERTY);
  } catch (cause) {
    throw badOnnx(file, "its bytes are cut short or are no ONNX model.", cause);
  }
  if (text === undefined) throw badOnnx(file, "it carries no checkpoint header.");
  return parseWith(CheckpointHeader, JSON.parse(text), file, "write it again with `gandl export`.");
}
