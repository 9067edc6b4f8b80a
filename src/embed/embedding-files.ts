// The files of an embedding: one Parquet and one JSON header a tap, all of them whole or none.
import { rm } from "node:fs/promises";
import { ParquetWriter } from "../data/index.ts";
import { writeWhole } from "../data/write-whole.ts";
import type { EmbeddingHeader, Site, Tap } from "../schema/index.ts";
import type { Features } from "./encoder.ts";
import { cellOf, type MetadataColumn } from "./metadata-columns.ts";

const TAP_MARK = "{tap}";

/**
 * The path, without ending, of one tap's embedding: `{tap}` in `out` is replaced by its name, which is appended where `out` has no
 * such mark and there are several taps.
 * @example
 * ```ts
 * import { embeddingPath } from "gan-dl/embed";
 * console.assert(embeddingPath("runs/a/e", "fc512", ["fc512"]) === "runs/a/e");
 * console.assert(embeddingPath("runs/a/e", "fc512", ["fc512", "logit"]) === "runs/a/e-fc512");
 * console.assert(embeddingPath("{tap}/all", "fc512", ["fc512"]) === "fc512/all");
 * ```
 */
export function embeddingPath(out: string, tap: Tap, taps: readonly Tap[]): string {
  const pattern = out.includes(TAP_MARK) || taps.length === 1 ? out : `${out}-${TAP_MARK}`;
  return pattern.replaceAll(TAP_MARK, tap);
}

/** Writes the rows of several taps side by side; nothing has its name until {@link EmbeddingFiles.close}. */
export class EmbeddingFiles {
  readonly #metadata: readonly MetadataColumn[];
  /** Those that are open. */
  readonly #writers = new Map<Tap, { readonly path: string; readonly writer: ParquetWriter }>();
  readonly #paths = new Map<Tap, string>();

  private constructor(metadata: readonly MetadataColumn[]) {
    this.#metadata = metadata;
  }

  /** @param widths features of each tap. @throws GanDlError `cannot-write`. */
  static async create(
    out: string,
    widths: ReadonlyMap<Tap, number>,
    metadata: readonly MetadataColumn[],
  ): Promise<EmbeddingFiles> {
    const files = new EmbeddingFiles(metadata);
    try {
      for (const [tap, width] of widths) {
        const path = embeddingPath(out, tap, [...widths.keys()]);
        const matrixColumns = Array.from({ length: width }, (_, i) => `feature_${i}`);
        const writer = await ParquetWriter.create(`${path}.parquet`, { columns: metadata, matrixColumns });
        files.#writers.set(tap, { path, writer });
      }
    } catch (error) {
      await files.discard();
      throw error;
    }
    return files;
  }

  /** Adds the rows of some sites, `[n,f]` for each tap; borrowed until the promise resolves. */
  async append(sites: readonly Site[], rows: Features): Promise<void> {
    const columns = this.#metadata.map(({ name }) => sites.map((site) => cellOf(site, name)));
    for (const [tap, { writer }] of this.#writers)
      await writer.append({ nRows: sites.length, columns, matrix: rows.get(tap) ?? new Float32Array() });
  }

  /** Gives every file its name, or none. A header is the last: where there is one, the Parquet beside it is its own. */
  async close(headers: ReadonlyMap<Tap, EmbeddingHeader>): Promise<void> {
    const written: string[] = [];
    try {
      for (const [tap, { path, writer }] of this.#writers) {
        await rm(`${path}.json`, { force: true });
        this.#writers.delete(tap); // a writer that closes releases what it holds, also when it fails
        await writer.close();
        written.push(`${path}.parquet`);
        this.#paths.set(tap, path);
      }
      for (const [tap, path] of this.#paths) {
        await writeWhole(`${path}.json`, JSON.stringify(headers.get(tap), null, 2));
        written.push(`${path}.json`);
      }
    } catch (error) {
      for (const file of written) await rm(file, { force: true });
      await this.discard();
      throw error;
    }
  }

  /** Drops what was appended; files of that name stay as they were. */
  async discard(): Promise<void> {
    for (const { writer } of this.#writers.values()) await writer.discard();
    this.#writers.clear();
  }
}
