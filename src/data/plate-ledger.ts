// What an import counts plate by plate: exact grey-level histograms, and the mean image that a flat field is made from.
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { areaDownsample } from "./area-downsample.ts";
import { ChannelHistogram } from "./channel-histogram.ts";
import type { PixelType } from "./npy.ts";
import { writeSynced } from "./partial-folder.ts";

/** The counts of one plate, one entry a channel. */
export interface PlateCounts {
  nImages: number;
  readonly histograms: readonly ChannelHistogram[];
  /** Sums of the reduced images, in grey levels; empty when no flat field is wanted. */
  readonly sums: readonly Float64Array[];
}

/** Size of the images that are counted, and of the reduced ones whose sums are kept. */
export interface LedgerForm {
  readonly dtype: PixelType;
  readonly channels: number;
  readonly heightPx: number;
  readonly widthPx: number;
  /** Null when no mean image is wanted. */
  readonly reduced: { readonly heightPx: number; readonly widthPx: number } | null;
}

/** Plates beyond this are put on disk, so that memory does not grow with their number. */
const MEMORY_BYTES = 64e6;
const FILE = /^(\d+)-(\d+)\.bin$/;

/**
 * Counts by plate, of which only some are held in memory.
 *
 * `save(version)` writes what changed to new files; `prune` removes the older ones once that version is in the journal,
 * so that a kill at any moment leaves one whole version.
 */
export class PlateLedger {
  readonly form: LedgerForm;
  readonly #folder: string;
  readonly #plates = new Map<number, PlateCounts>();
  readonly #changed = new Set<number>();
  /** Where each plate's newest counts are. */
  readonly #files = new Map<number, string>();
  readonly #stale: string[] = [];
  readonly #line: Float64Array;

  private constructor(folder: string, form: LedgerForm) {
    this.form = form;
    this.#folder = folder;
    this.#line = new Float64Array(form.reduced === null ? 0 : form.reduced.heightPx * form.reduced.widthPx);
  }

  /** Opens the ledger in `folder` as it was at `version`; 0 is an empty one. Later, unfinished versions are removed. */
  static async open(folder: string, form: LedgerForm, version: number): Promise<PlateLedger> {
    await mkdir(folder, { recursive: true });
    const ledger = new PlateLedger(folder, form);
    const newest = new Map<number, number>();
    for (const name of await readdir(folder)) {
      const [, plate, saved] = FILE.exec(name)?.map(Number) ?? [];
      const isWanted = plate !== undefined && saved !== undefined && saved <= version;
      if (!isWanted) await rm(join(folder, name));
      else newest.set(plate, Math.max(saved, newest.get(plate) ?? 0));
    }
    for (const [plate, saved] of newest) ledger.#files.set(plate, `${plate}-${saved}.bin`);
    return ledger;
  }

  /** Counts one image `[c,h,w]` of `plate`; borrowed. @param known its pixels at each grey level by channel, where they were counted. */
  async add(
    plate: number,
    image: Uint8Array | Uint16Array,
    known: readonly (Float64Array | undefined)[] = [],
  ): Promise<void> {
    const counts = await this.plate(plate);
    this.#changed.add(plate);
    counts.nImages++;
    const { heightPx, widthPx, reduced } = this.form;
    const size = heightPx * widthPx;
    for (const [c, histogram] of counts.histograms.entries()) {
      const plane = image.subarray(c * size, (c + 1) * size);
      if (known[c] === undefined) histogram.add(plane);
      else histogram.addCounts(known[c]);
      if (reduced === null) continue;
      areaDownsample(plane, heightPx, widthPx, this.#line, reduced.heightPx, reduced.widthPx);
      const sums = counts.sums[c]!;
      for (let i = 0; i < sums.length; i++) sums[i]! += this.#line[i]!;
    }
  }

  /** The counts of `plate`, read back from disk if they lie there; borrowed until the next call. */
  async plate(plate: number): Promise<PlateCounts> {
    let counts = this.#plates.get(plate);
    if (counts !== undefined) return counts;
    for (const other of this.#plates.keys()) {
      if (!this.isFull) break;
      if (!this.#changed.has(other)) this.#plates.delete(other);
    }
    const file = this.#files.get(plate);
    counts = file === undefined ? this.#empty() : this.#parse(await readFile(join(this.#folder, file)));
    this.#plates.set(plate, counts);
    return counts;
  }

  /** Every plate of which an image was counted, upwards. */
  get plates(): number[] {
    return [...new Set([...this.#plates.keys(), ...this.#files.keys()])].sort((a, b) => a - b);
  }

  /** Whether memory is used up; a `save` lets plates go. */
  get isFull(): boolean {
    const levels = this.form.dtype === "uint8" ? 256 : 65536;
    const bytes = this.form.channels * (levels * 20 + this.#line.length * 8);
    return this.#plates.size * bytes > MEMORY_BYTES;
  }

  /** Writes what changed since the last save, synced to disk. */
  async save(version: number): Promise<void> {
    for (const plate of this.#changed) {
      const name = `${plate}-${version}.bin`;
      const path = join(this.#folder, name);
      await writeSynced(`${path}.partial`, this.#format(this.#plates.get(plate)!));
      await rename(`${path}.partial`, path);
      const old = this.#files.get(plate);
      if (old !== undefined) this.#stale.push(old);
      this.#files.set(plate, name);
    }
    this.#changed.clear();
  }

  /** Removes the versions that the last save replaced. */
  async prune(): Promise<void> {
    for (const name of this.#stale.splice(0)) await rm(join(this.#folder, name), { force: true });
  }

  #empty(): PlateCounts {
    const { channels, dtype } = this.form;
    const each = <T>(make: () => T) => Array.from({ length: channels }, make);
    return {
      nImages: 0,
      histograms: each(() => new ChannelHistogram(dtype)),
      sums: this.#line.length === 0 ? [] : each(() => new Float64Array(this.#line.length)),
    };
  }

  /** Number of images, then counts of each channel, then sums of each channel: all doubles. */
  #format(counts: PlateCounts): Buffer {
    const parts = [Float64Array.of(counts.nImages), ...counts.histograms.map((h) => h.counts()), ...counts.sums];
    return Buffer.concat(parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)));
  }

  #parse(bytes: Buffer): PlateCounts {
    const values = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const levels = this.form.dtype === "uint8" ? 256 : 65536;
    const counts = this.#empty();
    counts.nImages = values[0] ?? 0;
    for (const [c, histogram] of counts.histograms.entries()) {
      histogram.addCounts(values.subarray(1 + c * levels, 1 + (c + 1) * levels));
    }
    for (const [c, sums] of counts.sums.entries()) {
      const start = 1 + this.form.channels * levels + c * sums.length;
      sums.set(values.subarray(start, start + sums.length));
    }
    return counts;
  }
}
