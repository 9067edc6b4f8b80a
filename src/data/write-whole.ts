// Small result files, whole or not at all.
import { rename, rm, writeFile } from "node:fs/promises";

/** Writes a text file under a passing name first: whatever stops it leaves the old file or the new one. @throws what the system says. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const passing = `${file}.partial-${process.pid}`;
  try {
    await writeFile(passing, text);
    await rename(passing, file);
  } catch (error) {
    await rm(passing, { force: true });
    throw error;
  }
}
