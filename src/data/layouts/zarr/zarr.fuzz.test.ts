// OME-Zarr whose JSON or chunks are damaged: whole pixels or one clear error, never a crash or a hang.
import fc from "fast-check";
import { expect, it } from "vitest";
import { isGanDlError } from "../../../core/errors.ts";
import { decodeImage } from "../../decode.ts";
import type { ImageSource } from "../../image-source.ts";
import { checkSafePath } from "../../safe-path.ts";
import { zarrPlate } from "../layouts.fixture.ts";
import { omeZarrLayout } from "../ome-zarr.ts";

const FAULTS = ["bad-plate", "bad-level", "z-not-chosen", "unsafe-path", "missing-file", "unsupported-image"];
FAULTS.push("unreadable-image", "image-mismatch", "unknown-channel");

/** Files in memory as a source. */
function memorySource(files: Readonly<Record<string, string | Uint8Array>>): ImageSource {
  const bytesOf = (path: string) => Buffer.from(files[path]!);
  return {
    ...{ name: "memory", parallelReads: 1, knowsAllFiles: true },
    async read(path) {
      return bytesOf(path);
    },
    async about(path) {
      return { bytes: bytesOf(path).length, mark: "m" };
    },
    async has(path) {
      checkSafePath("memory", path);
      return path in files;
    },
    async list(folder) {
      const below = Object.keys(files).filter((path) => path.startsWith(folder));
      return [...new Set(below.map((path) => path.slice(folder.length).replace(/\/.*$/, "/")))];
    },
    async close() {},
  };
}

for (const version of ["0.4", "0.5"] as const) {
  it(`a damaged plate of ${version} is read whole or refused`, async () => {
    const image = { version, channels: ["a", "b"], height: 4, width: 6 };
    const good = zarrPlate("p.zarr/", { "A/1": ["0"] }, image);
    const pixels = async (files: Readonly<Record<string, string | Uint8Array>>) => {
      const opened = await omeZarrLayout.open(memorySource(files), {});
      return opened === null ? null : decodeImage(await opened.source.read("p.zarr/A/1/0/image.npy"), "a");
    };
    expect((await pixels(good))?.data.length).toBe(48);
    const edit = fc.tuple(fc.constantFrom(...Object.keys(good)), fc.nat(), fc.constantFrom(...'09-,:"[]{}enx\u0000'));
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), fc.boolean(), async (edits, isCut) => {
        const files = { ...good };
        for (const [path, at, letter] of edits) {
          const bytes = Buffer.from(files[path]!);
          if (isCut) files[path] = bytes.subarray(0, at % bytes.length);
          else {
            bytes.write(letter, at % bytes.length);
            files[path] = bytes;
          }
        }
        try {
          const decoded = await pixels(files);
          if (decoded !== null) expect(decoded.data.length).toBe(decoded.channels * decoded.height * decoded.width);
        } catch (error) {
          if (!isGanDlError(error, ...FAULTS)) throw error;
        }
      }),
      { numRuns: 150 },
    );
  });
}
