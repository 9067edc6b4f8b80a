// What names a file inside a data set, and nothing outside.
import { unsafePath } from "./errors.ts";

/** Refuses what could reach outside the data set: absolute paths, drive letters, `..` and NUL. */
export function checkSafePath(container: string, path: string): void {
  const escapes = path.split(/[/\\]/).includes("..");
  if (escapes || path.includes("\0") || /^([/\\]|[A-Za-z]:[/\\])/.test(path)) throw unsafePath(container, path);
}
