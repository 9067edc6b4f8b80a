// One import under way: decode, count, store, with checkpoints that a killed import goes on from.
import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type GanDlError, isGanDlError } from "../core/errors.ts";
import type { DatasetManifest } from "../schema/dataset.ts";
import { firstLine, importAborted, noSites } from "./errors.ts";
import { FlatFields } from "./flat-fields.ts";
import { reducedSize } from "./illumination.ts";
import { ImportJournal } from "./import-journal.ts";
import type { ImportEvent, ImportOptions } from "./import-options.ts";
import { makeManifest } from "./make-manifest.ts";
import { mapOrdered } from "./map-ordered.ts";
import type { PlaneMeasure } from "./measure-plane.ts";
import { writeSynced } from "./partial-folder.ts";
import { PixelStore, type StoredPixels, WORK } from "./pixel-store.ts";
import type { PlacePlanes } from "./place-planes.ts";
import { PlaneThreads } from "./plane-threads.ts";
import type { PlannedSite, SkippedSite } from "./planned-site.ts";
import { PlateLedger } from "./plate-ledger.ts";
import type { PreparedImport } from "./prepare-import.ts";
import { type FieldQuality, qualityFlags } from "./quality-flags.ts";
import { readSite } from "./read-site.ts";
import { allocateShared, bytesPerImage, type Pixels, valuesPerImage } from "./shards.ts";
import { writeTables } from "./write-tables.ts";

const CHECKPOINT_BYTES = 64e6;
const CHECKPOINT_SECONDS = 30;
/** Starting threads costs about as much as 40 planes of a million pixels; few are decoded without. */
const THREADED_PIXELS = 100e6;
/** More would wait for the one that reads, hashes and writes. */
const MOST_THREADS = 4;

type SiteResult =
  | { readonly planned: PlannedSite; readonly pixels: Pixels; readonly measures: readonly PlaneMeasure[] }
  | { readonly planned: PlannedSite; readonly fault: GanDlError };

/** Holds what an import writes to; `close()` it in every case. */
export class ImportJob {
  readonly #root: string;
  readonly #prepared: PreparedImport;
  readonly #options: ImportOptions;
  readonly #store: PixelStore;
  readonly #ledger: PlateLedger;
  readonly #journal: ImportJournal;
  readonly #light: FlatFields;
  /** Positions in the plan of the stored sites. */
  readonly #kept: number[] = [];
  #done: number;

  private constructor(
    root: string,
    prepared: PreparedImport,
    options: ImportOptions,
    parts: { store: PixelStore; ledger: PlateLedger; journal: ImportJournal; light: FlatFields },
  ) {
    this.#root = root;
    this.#prepared = prepared;
    this.#options = options;
    this.#store = parts.store;
    this.#ledger = parts.ledger;
    this.#journal = parts.journal;
    this.#light = parts.light;
    this.#done = parts.journal.done;
    for (let i = 0; i < this.#done; i++) if (!parts.journal.skipped.has(i)) this.#kept.push(i);
  }

  /** Opens the job in `root`, new or where a killed one stopped. @throws GanDlError `cannot-write`. */
  static async open(root: string, prepared: PreparedImport, options: ImportOptions): Promise<ImportJob> {
    const { spec, given } = prepared;
    const { dtype, channels, heightPx, widthPx } = spec.decoded;
    const work = join(root, WORK);
    let journal = await ImportJournal.open(work, channels);
    if (journal.skipped.size > 0 && options.skipBad !== true) {
      await rm(work, { recursive: true }); // faults are no longer passed over, so they must be met again
      journal = await ImportJournal.open(work, channels);
    }
    const reduced = spec.estimatesLight ? reducedSize(heightPx, widthPx) : null;
    const form = { dtype, channels, heightPx, widthPx, reduced };
    const ledger = await PlateLedger.open(join(work, "ledger"), form, journal.version);
    const store = await PixelStore.open(root, spec, journal.measures.n);
    const light = new FlatFields(root, prepared, given, ledger);
    return new ImportJob(root, prepared, options, { store, ledger, journal, light });
  }

  /** Planned sites that an earlier, killed import dealt with. */
  get resumedAt(): number {
    return this.#journal.done;
  }

  /** Whether anything is there to go on from. */
  get canContinue(): boolean {
    return this.#journal.version > 0;
  }

  /** Decodes and stores every site that is left. */
  async *decode(): AsyncGenerator<ImportEvent> {
    const { plan, inFlight, source } = this.#prepared;
    const total = plan.sites.length;
    const every = progressStep(total);
    let bytes = 0;
    let since = performance.now();
    const idle: Pixels[] = []; // buffers go round; fresh ones for each site would keep the garbage collector busy
    const left = plan.sites.slice(this.#done);
    using threads = new PlaneThreads(this.#threadsFor(left.length));
    for await (const result of mapOrdered(left, inFlight, (planned) => this.#read(planned, idle, threads))) {
      if (this.#options.signal?.aborted) throw importAborted(this.#options.out);
      if ("pixels" in result) {
        await this.#keep(result.pixels, result.measures);
        idle.push(result.pixels);
        bytes += bytesPerImage(this.#prepared.spec.decoded);
      } else yield { kind: "skipped", ...this.#skip(result.planned, result.fault) };
      this.#done++;
      const isDue =
        bytes >= (this.#options.checkpointBytes ?? CHECKPOINT_BYTES) ||
        performance.now() - since > 1000 * CHECKPOINT_SECONDS;
      if (isDue || this.#ledger.isFull) {
        await this.checkpoint();
        bytes = 0;
        since = performance.now();
      }
      if (this.#done % every === 0 || this.#done === total) {
        yield { kind: "progress", stage: "decode", done: this.#done, total };
      }
    }
    if (this.#kept.length > 0) return;
    const [first] = [...this.#journal.skipped.values()];
    throw noSites(source.name, `all ${this.#done} sites are faulty; the first: ${first?.reason}`);
  }

  /** Makes everything so far safe from a kill. @throws GanDlError `cannot-write`. */
  async checkpoint(): Promise<void> {
    if (this.#done === this.#journal.done) return;
    await this.#store.flush();
    const version = this.#journal.version + 1;
    await this.#ledger.save(version);
    await this.#journal.checkpoint(this.#done);
    await this.#ledger.prune();
  }

  /** Evens out the light, maps grey levels, writes tables and manifest: the folder is whole afterwards. */
  async *finish(): AsyncGenerator<ImportEvent, DatasetManifest> {
    const plateOf = Int32Array.from(this.#kept, (i) => this.#prepared.plateOf[i]!);
    if (this.#prepared.spec.estimatesLight || this.#prepared.spec.intensity.kind.startsWith("percentile"))
      await this.checkpoint();
    const pixels = yield* this.#finishStore(plateOf);
    const quality = qualityFlags(this.#journal.measures, plateOf);
    return this.#write(pixels, quality, plateOf);
  }

  /** Closes what is open. */
  async close(): Promise<void> {
    await this.#store.abandon();
  }

  #threadsFor(nSites: number): number {
    const { form, spec } = this.#prepared;
    const nPixels = nSites * spec.decoded.channels * form.heightPx * form.widthPx;
    return nPixels < THREADED_PIXELS ? 0 : Math.min(availableParallelism(), MOST_THREADS);
  }

  async #read(planned: PlannedSite, idle: Pixels[], threads: PlaneThreads): Promise<SiteResult> {
    const { source, plan, form, spec } = this.#prepared;
    const pixels = idle.pop() ?? allocateShared(spec.decoded.dtype, valuesPerImage(spec.decoded));
    try {
      const place: PlacePlanes = (...file) => threads.place(...file);
      const measures = await readSite(source, plan, planned, form, spec.decoded, pixels, place);
      return { planned, pixels, measures };
    } catch (fault) {
      idle.push(pixels);
      if (this.#options.skipBad === true && isGanDlError(fault) && !isPassing(fault)) return { planned, fault };
      throw fault;
    }
  }

  async #keep(pixels: Pixels, measures: readonly PlaneMeasure[]): Promise<void> {
    const plate = this.#prepared.plateOf[this.#done]!;
    await this.#light.applyGiven(plate, pixels);
    const { given, form, spec } = this.#prepared;
    const isAsRead = given === null && form.heightPx === spec.decoded.heightPx && form.widthPx === spec.decoded.widthPx;
    await this.#ledger.add(plate, pixels, isAsRead ? measures.map(({ counts }) => counts) : []);
    this.#journal.measures.add(measures);
    await this.#store.add(pixels);
    this.#kept.push(this.#done);
  }

  #skip({ site, row }: PlannedSite, fault: GanDlError): SkippedSite {
    const skip = { siteId: site.site_id, row, reason: firstLine(fault) };
    this.#journal.skip(this.#done, skip);
    return skip;
  }

  async *#finishStore(plateOf: Int32Array): AsyncGenerator<ImportEvent, StoredPixels> {
    const { signal, out } = this.#options;
    const total = this.#kept.length;
    const gains = await this.#light.estimate();
    const finishing = this.#store.finish(this.#ledger, plateOf, gains);
    const every = progressStep(total);
    for (let next = await finishing.next(); ; next = await finishing.next()) {
      if (next.done) return next.value;
      if (signal?.aborted) {
        await finishing.return(undefined as never);
        throw importAborted(out);
      }
      if (next.value % every === 0 || next.value === total)
        yield { kind: "progress", stage: "map", done: next.value, total };
    }
  }

  async #write(
    pixels: StoredPixels,
    quality: ReadonlyMap<number, FieldQuality>,
    plateOf: Int32Array,
  ): Promise<DatasetManifest> {
    const { plan, form, key, source } = this.#prepared;
    const kept = this.#kept.map((i) => plan.sites[i]!);
    const description = await writeTables(this.#root, plan, {
      ...{ kept, quality, plateOf, plateIds: this.#prepared.spec.plateIds },
      ...{ measures: this.#journal.measures, ledger: this.#ledger },
    });
    const illumination = await this.#light.write(this.#ledger);
    const skipped = [...plan.skipped, ...this.#journal.skipped.values()];
    const fingerprint = this.#store.fingerprint(description);
    const manifest = makeManifest(
      plan,
      source.name,
      { form, kept, skipped, pixels, quality, illumination, key },
      fingerprint,
      this.#options,
    );
    await rm(join(this.#root, WORK), { recursive: true, force: true });
    await writeSynced(join(this.#root, "dataset.json"), `${JSON.stringify(manifest, null, 2)}\n`); // last: now it is whole
    return manifest;
  }
}

/** Faults of the way to the images, which another try may not meet. */
export const isPassing = (error: unknown): boolean => isGanDlError(error, "remote-failed", "remote-changed", "aborted");

/** About 200 progress events an import, however large. */
const progressStep = (total: number) => Math.max(1, Math.floor(total / 200));
