// Small result files, whole or not at all.
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { cannotWrite } from "./errors.ts";

/**
 * Writes a file under a passing name first: whatever stops it leaves the old file or the new one. Folders above it are made.
 * @throws GanDlError `cannot-write`.
 */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const passing = `${file}.partial-${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(passing, content);
    await rename(passing, file);
  } catch (error) {
    await rm(passing, { force: true }).catch(() => {});
    throw cannotWrite(file, error);
  }
}
