// Everything an import decides before it writes: what is read, its form, what happens to it, how much and how long.
import { availableParallelism } from "node:os";
import { type GanDlError, isGanDlError } from "../core/errors.ts";
import { firstLine, noSites } from "./errors.ts";
import { type GivenFlatFields, openGivenFlatFields } from "./given-flat-fields.ts";
import type { ImageSource } from "./image-source.ts";
import { importIdentity } from "./import-key.ts";
import type { ImportEstimate, ImportOptions } from "./import-options.ts";
import { resolveIntensity } from "./intensity.ts";
import { freeSpace } from "./partial-folder.ts";
import { PixelStore, type StoreSpec } from "./pixel-store.ts";
import type { SourceForm } from "./place-planes.ts";
import { type ImportPlan, planImport } from "./plan-import.ts";
import { decodedShape, probeForm, readSite } from "./read-site.ts";
import { allocatePixels, DEFAULT_SHARD_BYTES, valuesPerImage } from "./shards.ts";

/** An import that can begin. */
export interface PreparedImport {
  readonly source: ImageSource;
  readonly plan: ImportPlan;
  readonly form: SourceForm;
  readonly spec: StoreSpec;
  /** The plate of each planned site, by position in `spec.plateIds`. */
  readonly plateOf: Int32Array;
  readonly given: GivenFlatFields | null;
  readonly key: string;
  readonly estimate: ImportEstimate;
  /** Sites worth reading at a time. */
  readonly inFlight: number;
}

/** Plans and probes. @throws GanDlError as {@link planImport}, `bad-levels`, `bad-resize`, `no-flat-field`, `no-sites`. */
export async function prepareImport(opened: ImageSource, options: ImportOptions): Promise<PreparedImport> {
  const plan = await planImport(opened, options);
  const { source } = plan;
  const names = plan.channels.map(({ name }) => name);
  const form = await firstForm(source, plan, options.skipBad === true);
  const decoded = decodedShape(form, names.length, options.resizePx);
  const intensity = resolveIntensity(options, form.bitDepth, names);
  const light = options.illumination ?? "none";
  const given = light === "none" || light === "estimate" ? null : await openGivenFlatFields(light, names);
  const { plateIds, plateOf } = platesOf(plan);
  const shardBytes = options.shardBytes ?? DEFAULT_SHARD_BYTES;
  const spec: StoreSpec = { decoded, intensity, estimatesLight: light === "estimate", plateIds, shardBytes };
  const { heightPx, widthPx } = decoded;
  const settings = { heightPx, widthPx, intensity, light: given?.mark ?? light, shardBytes };
  const { key, nFiles, readBytes } = await importIdentity(source, plan, settings);
  const inFlight = options.inFlight ?? Math.max(2 * availableParallelism(), source.parallelReads);
  const nSites = plan.sites.length;
  const diskBytes = PixelStore.bytesNeeded(spec, nSites);
  const storedBytes = PixelStore.storedBytes(spec, nSites);
  const prepared = { source, plan, form, spec, plateOf, given, key, inFlight };
  const perSite = await secondsPerSite(prepared);
  const atOnce = source.parallelReads > 1 ? inFlight : Math.min(inFlight, availableParallelism());
  const seconds = perSite === null ? null : (perSite * nSites) / atOnce;
  const freeBytes = await freeSpace(options.out);
  const bytes = { readBytes, storedBytes, diskBytes, freeBytes };
  return { ...prepared, estimate: { nSites, nFiles, ...bytes, seconds, heightPx, widthPx } };
}

function platesOf(plan: ImportPlan): { plateIds: string[]; plateOf: Int32Array } {
  const index = new Map<string, number>();
  const plateOf = Int32Array.from(plan.sites, ({ site }) => {
    const plate = index.get(site.plate_id) ?? index.size;
    index.set(site.plate_id, plate);
    return plate;
  });
  return { plateIds: [...index.keys()], plateOf };
}

/** The form of the first site that can be read; with `skipBad`, faulty ones before it are passed over (and met again later). */
async function firstForm(source: ImageSource, plan: ImportPlan, skipBad: boolean): Promise<SourceForm> {
  let fault: GanDlError | null = null;
  for (const planned of plan.sites) {
    try {
      return await probeForm(source, plan, planned);
    } catch (error) {
      if (!skipBad || !isGanDlError(error)) throw error;
      fault ??= error;
    }
  }
  throw noSites(source.name, `none of its ${plan.sites.length} sites can be decoded; the first: ${firstLine(fault)}`);
}

const TIMED_SITES = 2;

/** Seconds that one site takes, the first left out where there are more: it pays for warming up. */
async function secondsPerSite({
  source,
  plan,
  form,
  spec,
}: Pick<PreparedImport, "source" | "plan" | "form" | "spec">): Promise<number | null> {
  const pixels = allocatePixels(spec.decoded.dtype, valuesPerImage(spec.decoded));
  const times: number[] = [];
  for (const planned of plan.sites.slice(0, TIMED_SITES)) {
    const start = performance.now();
    const isRead = await readSite(source, plan, planned, form, spec.decoded, pixels).then(
      () => true,
      () => false, // reported when its turn comes
    );
    if (isRead) times.push((performance.now() - start) / 1000);
  }
  const warm = times.length > 1 ? times.slice(1) : times;
  return warm.length === 0 ? null : warm.reduce((sum, t) => sum + t, 0) / warm.length;
}
