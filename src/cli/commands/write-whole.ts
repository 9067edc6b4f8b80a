// Small result files, whole or not at all.
import { rename, writeFile } from "node:fs/promises";

/** Writes a text file under a passing name first, so that an interrupted command leaves none half-written. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const passing = `${path}.partial-${process.pid}`;
  await writeFile(passing, text);
  await rename(passing, path);
}
