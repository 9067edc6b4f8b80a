// What a training leaves in its work folder: tensors in groups and where it stands, in one file that is whole or not there, and that only a
// run of the same settings goes on from.
import { access } from "node:fs/promises";
import { readSafetensors, type StoredTensor, type Tensor, writeSafetensors } from "../tensor/index.ts";
import { cannotWrite, notATraining, workDiffers } from "./errors.ts";

type Settings = Readonly<Record<string, unknown>>;

/** What a file is written from. */
export interface WorkParts {
  /** What a later run must have alike to go on; JSON values. */
  readonly settings: Settings;
  /** Where the training stands; JSON values. */
  readonly standing: object;
  /** By name within each group; borrowed. */
  readonly groups: Readonly<Record<string, ReadonlyMap<string, Tensor | StoredTensor>>>;
}

/** What a file holds. */
export interface Work {
  readonly settings: Settings;
  readonly standing: unknown;
  /** The tensors of a group by name; empty where there is none. */
  group(name: string): Map<string, StoredTensor>;
}

/** Writes it, whole or not at all. @throws GanDlError `cannot-write`. */
export async function saveWork(file: string, { settings, standing, groups }: WorkParts): Promise<void> {
  const tensors = Object.entries(groups).flatMap(([group, own]) =>
    [...own].map(([name, tensor]) => [`${group}/${name}`, tensor] as const),
  );
  const metadata = { standing: JSON.stringify(standing), settings: JSON.stringify(settings) };
  await writeSafetensors(file, new Map(tensors), metadata).catch((error: unknown) => {
    throw cannotWrite(file, error);
  });
}

/**
 * Reads what a training left; null where it left nothing.
 * @param settings null takes any. @throws GanDlError `work-differs` where it was of other settings, `not-a-training`, `bad-safetensors`.
 */
export async function loadWork(file: string, settings: Settings | null): Promise<Work | null> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return null;
  const { tensors, metadata } = await readSafetensors(file);
  if (metadata.standing === undefined || metadata.settings === undefined) throw notATraining(file);
  const found = JSON.parse(metadata.settings) as Settings;
  if (settings !== null) {
    const names = [...new Set([...Object.keys(found), ...Object.keys(settings)])];
    const other = names.filter((name) => JSON.stringify(found[name]) !== JSON.stringify(settings[name]));
    if (other.length > 0) throw workDiffers(file, other);
  }
  return {
    settings: found,
    standing: JSON.parse(metadata.standing),
    group(name) {
      const own = [...tensors].filter(([key]) => key.startsWith(`${name}/`));
      return new Map(own.map(([key, tensor]) => [key.slice(name.length + 1), tensor]));
    },
  };
}
