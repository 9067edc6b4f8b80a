// The encoder as one ONNX file: written beside its checkpoint, and carrying its header, so that the file alone is enough to embed.
import { createHash } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { CheckpointHeader, parseWith } from "../schema/index.ts";
import { type Checkpoint, readEncoderWeights } from "./checkpoint.ts";
import { badOnnx, cannotWrite } from "./errors.ts";
import { encoderGraph } from "./onnx/encoder-graph.ts";
import { encodeProperties, readModel } from "./onnx/graph.ts";

const HEADER_PROPERTY = "gandl.checkpoint";
const HASH_PROPERTY = "gandl.graphSha256";
const WRITER_PROPERTY = "gandl.writer";
/** Raised whenever the graph changes for the same weights, so that files kept beside checkpoints are written anew. */
const WRITER = "3";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/**
 * Writes the encoder of a checkpoint as `.onnx` beside it, in one step; a whole one that is there for these weights is left alone.
 * @returns the path. Equal weights give equal bytes. Needs no LibTorch.
 * @throws GanDlError `checkpoint-mismatch`, `bad-safetensors`, `cannot-write`.
 * @example
 * ```ts no-run
 * const file = await exportEncoderBeside(await resolveCheckpoint("runs/first", "latest")); // runs/first/checkpoints/kimg-000012.800.onnx
 * ```
 */
export async function exportEncoderBeside(checkpoint: Checkpoint): Promise<string> {
  const file = `${checkpoint.stem}.onnx`;
  const kept = await readEncoderFile(file).catch(() => null);
  if (kept?.writer === WRITER && kept.header.weightsSha256 === checkpoint.header.weightsSha256) return file;
  const model = encoderGraph(await readEncoderWeights(checkpoint), checkpoint.header);
  const properties = encodeProperties({
    [HEADER_PROPERTY]: JSON.stringify(checkpoint.header),
    [HASH_PROPERTY]: sha256(readModel(model).graph),
    [WRITER_PROPERTY]: WRITER,
  });
  const partial = `${file}.partial-${process.pid}`;
  try {
    await writeFile(partial, Buffer.concat([model, properties]));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw cannotWrite(file, error);
  }
  return file;
}

/**
 * Reads the checkpoint header that travels in an encoder's ONNX file, and holds the graph to its hash.
 * @throws GanDlError `bad-onnx` for what is damaged or no encoder of gan-dl.
 */
export async function readEncoderHeader(file: string): Promise<CheckpointHeader> {
  return (await readEncoderFile(file)).header;
}

/** An encoder's file, held to its hash. @throws GanDlError `bad-onnx`. */
export async function readEncoderFile(
  file: string,
): Promise<{ header: CheckpointHeader; bytes: Uint8Array; writer: string | undefined }> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw badOnnx(file, "the file cannot be read.", cause);
  });
  let model: ReturnType<typeof readModel>;
  try {
    model = readModel(bytes);
  } catch (cause) {
    throw badOnnx(file, "its bytes are cut short or are no ONNX model.", cause);
  }
  const text = model.properties.get(HEADER_PROPERTY);
  if (text === undefined) throw badOnnx(file, "it carries no checkpoint header.");
  const hash = model.properties.get(HASH_PROPERTY);
  if (hash !== sha256(model.graph)) throw badOnnx(file, "its weights are not those that it was written with.");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw badOnnx(file, "its checkpoint header is not JSON.", cause);
  }
  const header = parseWith(CheckpointHeader, json, file, "write it again with `gandl export`.");
  return { header, bytes, writer: model.properties.get(WRITER_PROPERTY) };
}
