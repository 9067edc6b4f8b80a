// The version in package.json, which sits two folders above this file both in src/ and in dist/.
import { readFileSync } from "node:fs";

/** The package's version, e.g. `0.1.0`. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return (manifest as { version: string }).version;
}
