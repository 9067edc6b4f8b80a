// Region maps with progress on the screen: pictures, values, and how well they find what was planted.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RegionMapper } from "../../baselines/regions/index.ts";
import { openDeemdRegions, openFeatureRegions, sitesToMap } from "../../baselines/regions/index.ts";
import { type Dataset, floatNpy, openDataset, syntheticCellMaps } from "../../data/index.ts";
import { writeWhole } from "../../data/write-whole.ts";
import { resolveCheckpoint } from "../../embed/index.ts";
import { type RegionAuc, regionAuc, sortedQuantile } from "../../math/index.ts";
import { regionPicture } from "../regions/region-picture.ts";
import type { View } from "../view.ts";
import { readTruth } from "./read-truth.ts";

export interface RegionsStepOptions {
  readonly data: string;
  readonly out: string;
  /** A run folder of GAN-DL, or a work folder of `gandl baseline deemd`. */
  readonly from:
    | { readonly run: string; readonly checkpoint: string }
    | { readonly deemd: string; readonly stridePx?: number };
  /** How many images, or their site_id values. */
  readonly sites: number | readonly string[];
  /** `truth.json` of the synthetic screen that was imported. */
  readonly truth?: string;
  readonly heldOut?: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** How well one image's map finds its infected cells; null without truth. */
export interface MappedSite {
  readonly siteId: string;
  readonly mean: number;
  readonly auc: RegionAuc | null;
}

/** `regions.json`. */
export interface RegionsResult {
  readonly system: string;
  readonly provenance: Readonly<Record<string, unknown>>;
  readonly heldOutPlates: readonly string[];
  readonly sites: readonly MappedSite[];
  /** Over the pixels of all images together; null without truth. */
  readonly auc: RegionAuc | null;
}

/** Maps images, and writes `{site}.png`, `{site}.npy` and `regions.json` into a folder. */
export async function mapRegions(view: View, options: RegionsStepOptions): Promise<RegionsResult> {
  using dataset = await openDataset(options.data);
  const cellsOf = options.truth === undefined ? null : await plantedMaps(options.truth, dataset);
  const mapper = await openMapper(view, dataset, options);
  try {
    const positions = sitesToMap(dataset, options.sites, mapper.heldOutPlates);
    const maps: Float32Array[] = [];
    for (const position of positions) {
      options.signal.throwIfAborted();
      maps.push(await mapper.mapImage(position));
      view.progress("mapping", maps.length, positions.length, `${maps.length} / ${positions.length} images`);
    }
    const cells = cellsOf && positions.map((position) => cellsOf(dataset.sites[position]!.site_id));
    const result = resultOf(mapper, dataset, positions, maps, cells);
    await writeMaps(options.out, dataset, positions, maps, cells, result);
    view.endProgress();
    return result;
  } finally {
    mapper.close();
  }
}

async function openMapper(view: View, dataset: Dataset, options: RegionsStepOptions): Promise<RegionMapper> {
  const { from, seed, signal, heldOut } = options;
  if ("deemd" in from) {
    const { deemd, stridePx } = from;
    return openDeemdRegions(dataset, deemd, { signal, ...(stridePx === undefined ? {} : { stridePx }) });
  }
  const { run, checkpoint } = from;
  return openFeatureRegions(dataset, await resolveCheckpoint(run, checkpoint), {
    ...{ seed, signal, ...(heldOut === undefined ? {} : { heldOut }) },
    onProgress: (done, total) => view.progress("finding the axis", done, total, `${done} / ${total} control images`),
  });
}

/** What was planted in each image, at the size at which it is stored. */
async function plantedMaps(file: string, { manifest }: Dataset): Promise<(siteId: string) => Uint8Array> {
  const truth = await readTruth(file);
  const cellMapOf = syntheticCellMaps(truth);
  const { heightPx, widthPx } = manifest;
  const side = truth.options.sidePx;
  return (siteId) => {
    const drawn = cellMapOf(siteId);
    if (side === heightPx && side === widthPx) return drawn;
    const nearest = (i: number, length: number) => Math.floor(((i + 0.5) * side) / length); // imported at another size
    return Uint8Array.from({ length: heightPx * widthPx }, (_, i) => {
      const x = i % widthPx;
      return drawn[nearest((i - x) / widthPx, heightPx) * side + nearest(x, widthPx)]!;
    });
  };
}

function resultOf(
  mapper: RegionMapper,
  dataset: Dataset,
  positions: readonly number[],
  maps: readonly Float32Array[],
  cells: readonly Uint8Array[] | null,
): RegionsResult {
  const { id, provenance, heldOutPlates } = mapper;
  const sites = positions.map((position, i): MappedSite => {
    const map = maps[i]!;
    return {
      siteId: dataset.sites[position]!.site_id,
      mean: map.reduce((sum, value) => sum + value, 0) / map.length,
      auc: cells && regionAuc([map], [cells[i]!]),
    };
  });
  return { system: id, provenance, heldOutPlates, sites, auc: cells && regionAuc(maps, cells) };
}

async function writeMaps(
  out: string,
  dataset: Dataset,
  positions: readonly number[],
  maps: readonly Float32Array[],
  cells: readonly Uint8Array[] | null,
  result: RegionsResult,
): Promise<void> {
  await mkdir(out, { recursive: true });
  const { manifest } = dataset;
  const sorted = Float64Array.from(maps.flatMap((map) => [...map.filter((_, i) => i % 7 === 0)])).sort();
  const range = [sortedQuantile(sorted, 0.02), sortedQuantile(sorted, 0.98)] as const;
  await rm(join(out, "regions.json"), { force: true }); // it is the last: where it is, the others are its own
  for (const [i, position] of positions.entries()) {
    const map = maps[i]!;
    const image = await dataset.readImages([position]);
    const stem = join(out, result.sites[i]!.siteId);
    await writeWhole(`${stem}.npy`, floatNpy(map, [manifest.heightPx, manifest.widthPx]));
    await writeWhole(`${stem}.png`, await regionPicture({ manifest, image, map, range, cells: cells?.[i] ?? null }));
  }
  await writeWhole(join(out, "regions.json"), JSON.stringify(result, null, 2));
}
