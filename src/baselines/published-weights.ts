// Weights that others have published, and the name under which a result tells of them.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { decodeSafetensors, type StoredTensor } from "../tensor/index.ts";
import { weightsUnreadable } from "./errors.ts";

export interface PublishedWeights {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** The file's name and hash. */
  readonly told: string;
}

/** @param without what a user without the file may do, for the error. @throws GanDlError `weights-unreadable`. */
export async function readPublishedWeights(file: string, without: string): Promise<PublishedWeights> {
  try {
    const bytes = await readFile(file);
    const { tensors } = decodeSafetensors(bytes, file);
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
    return { tensors, told: `${basename(file)} (sha256 ${hash}…)` };
  } catch (error) {
    throw weightsUnreadable(file, without, error);
  }
}
