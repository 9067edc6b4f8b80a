// Finding a run's checkpoints and reading the discriminator's weights from them.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describeDiscriminator } from "../models/index.ts";
import { BestCheckpoint, CheckpointHeader, parseWith } from "../schema/index.ts";
import { decodeSafetensors } from "../tensor/index.ts";
import {
  badCheckpointHeader,
  checkpointMismatch,
  noSuchCheckpoint,
  unreadableCheckpoint,
  weightsDoNotFit,
} from "./errors.ts";
import type { EncoderWeight, EncoderWeights } from "./onnx/encoder-graph.ts";

const PREFIX = "discriminator.";

/** A checkpoint on disk. */
export interface Checkpoint {
  /** Path without ending: `.safetensors`, `.json` and, once exported, `.onnx` stand side by side. */
  readonly stem: string;
  readonly header: CheckpointHeader;
}

/**
 * Finds a checkpoint of a run folder.
 * @param which `latest`, `first` (the untrained network), `best` (of a run that scores its checkpoints), or a number of kimg.
 * @throws GanDlError `no-such-checkpoint`, listing those there are; `bad-file-content` for a damaged header.
 * @example
 * ```ts no-run
 * const { header } = await resolveCheckpoint("runs/first", "latest");
 * console.log(`${header.kimg} kimg`);
 * ```
 */
export async function resolveCheckpoint(run: string, which: string): Promise<Checkpoint> {
  const all = await checkpointsOf(run);
  const isKimg = /^\d+(\.\d+)?$/.test(which);
  const found =
    which === "latest"
      ? all.at(-1)
      : which === "first"
        ? all[0]
        : which === "best"
          ? await bestOf(run, all)
          : all.find(({ header }) => isKimg && header.kimg === Number(which));
  if (found) return found;
  const kimgs = all.map(({ header }) => String(header.kimg));
  throw noSuchCheckpoint(run, which, kimgs);
}

async function bestOf(run: string, all: readonly Checkpoint[]): Promise<Checkpoint | undefined> {
  const file = join(run, "best.json");
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return undefined;
  const best = parseWith(BestCheckpoint, parseJson(text, file), file, "delete it, and name a checkpoint by its kimg.");
  return all.find(({ header }) => header.kimg === best.kimg);
}

/** In the order of training. A header is written last, so what has none is no checkpoint yet. */
async function checkpointsOf(run: string): Promise<Checkpoint[]> {
  const folder = join(run, "checkpoints");
  const names = (await readdir(folder).catch(() => [] as string[])).filter((name) => name.endsWith(".json"));
  const all: Checkpoint[] = [];
  for (const name of names) {
    const file = join(folder, name);
    const text = await readFile(file, "utf8").catch(() => null);
    if (text === null) continue; // a training run that goes on has just removed it as old
    all.push({ stem: file.slice(0, -".json".length), header: parseHeader(text, file) });
  }
  return all.sort((a, b) => a.header.imagesSeen - b.header.imagesSeen);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badCheckpointHeader(file, cause);
  }
}

function parseHeader(text: string, file: string): CheckpointHeader {
  return parseWith(CheckpointHeader, parseJson(text, file), file, "delete it with its .safetensors, or restore both.");
}

/**
 * Reads the discriminator's parameters of a checkpoint, held to its hash, and each to the shape that the header tells.
 * @returns parameters by name, without prefix; new memory. Needs no LibTorch.
 * @throws GanDlError `checkpoint-mismatch`, `bad-safetensors`.
 */
export async function readEncoderWeights({ stem, header }: Checkpoint): Promise<EncoderWeights> {
  const file = `${stem}.safetensors`;
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw unreadableCheckpoint(file, cause);
  });
  if (createHash("sha256").update(bytes).digest("hex") !== header.weightsSha256) throw checkpointMismatch(file);
  const { tensors } = decodeSafetensors(bytes, file);
  const weights = new Map<string, EncoderWeight>();
  for (const { name, shape } of describeDiscriminator(header.model)) {
    const stored = tensors.get(PREFIX + name);
    if (!stored) throw weightsDoNotFit(file, `it has no tensor '${PREFIX + name}'.`);
    const { data } = stored;
    if (!(data instanceof Float32Array) || stored.shape.join() !== shape.join()) {
      const got = `${stored.dtype} [${stored.shape.join(", ")}]`;
      throw weightsDoNotFit(file, `'${PREFIX + name}' is ${got}; the header asks for float32 [${shape.join(", ")}].`);
    }
    weights.set(name, { shape, data });
  }
  return weights;
}
