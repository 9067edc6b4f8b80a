// From an embedding and its data set to what a page needs to embed one more image and say what it is like.

import { aggregate, fitStandardise, type ProfileTable, type Selector } from "../../profiles/index.ts";
import type { DatasetManifest } from "../../schema/index.ts";
import { type CheckpointHeader, type EmbeddingHeader, EncoderPage } from "../../schema/index.ts";
import { conditionAxis } from "../../tasks/index.ts";

export interface ReferenceOptions {
  /** One row an image. */
  readonly table: ProfileTable;
  readonly header: EmbeddingHeader;
  readonly checkpoint: CheckpointHeader;
  readonly manifest: DatasetManifest;
  /** The two classes of the score; without them there is none. */
  readonly classes: PageClasses | null;
  readonly seed: number;
}

export interface PageClasses {
  readonly negative: Selector;
  readonly positive: Selector;
  readonly negativeName: string;
  readonly positiveName: string;
}

/** What of a well the page shows, where the screen knows it. */
const WELL_COLUMNS = ["well_id", "plate_id", "well", "condition", "treatment", "dose_um", "role", "cell_type"];
const LARGEST = 65535;

/** The page's `reference.json`, and the wells' rows as its `reference.bin`. @throws GanDlError as `conditionAxis` does. */
export function makeReference(options: ReferenceOptions): { page: EncoderPage; rows: Uint16Array } {
  const { table, header, checkpoint, manifest, classes } = options;
  const wells = aggregate(table, { by: table.metadata.has("well_id") ? "well_id" : "site_id" });
  const { low, step, rows } = quantised(wells.features, wells.nFeatures);
  const scale = fitStandardise(table).groups.get("")!;
  const { tap, tiling } = header;
  if (tap === null || tiling === null) throw new Error("internal: an embedding of no tap");
  const page: EncoderPage = {
    ...{ kind: "gandl-encoder-page", schemaVersion: 1 },
    encoder: {
      ...{ name: header.encoder, tap, kimg: checkpoint.kimg, weightsSha256: checkpoint.weightsSha256 },
      ...{ resolutionPx: checkpoint.model.resolutionPx, pixelSizeUm: checkpoint.pixelSizeUm },
      channels: checkpoint.channels.map((channel) => {
        const source = header.channelMap.find(({ encoder }) => encoder === channel.name);
        return { ...channel, screen: source?.dataset ?? null };
      }),
      missing: header.channelMap.find(({ filled }) => filled !== null)?.filled ?? null,
    },
    input: header.input,
    tiling: { layout: tiling.layout, views: tiling.views, stridePx: tiling.stridePx, aggregate: tiling.aggregate },
    resizeFactor: header.resizeFactor,
    screen: screenOf(manifest),
    features: { n: table.nFeatures, centre: [...scale.mean], spread: [...scale.sd] },
    wells: { n: wells.nRows, columns: shownColumns(wells), low, step },
    axis: classes ? axisOf(table, classes, options.seed) : null,
    notes: notesOn(manifest),
  };
  return { page: EncoderPage.parse(page), rows };
}

function screenOf(manifest: DatasetManifest): EncoderPage["screen"] {
  const { id, title, synthetic, dtype, heightPx, widthPx, channels, resizedFrom = null } = manifest;
  return {
    ...{ id, title, synthetic, dtype, heightPx, widthPx, resizedFrom },
    channels: channels.map(({ name, stain, colour }) => ({ name, stain, colour })),
    levels: levelsOf(manifest),
  };
}

function levelsOf({ intensityMapping: mapping, channels }: DatasetManifest): EncoderPage["screen"]["levels"] {
  switch (mapping.kind) {
    case "none":
      return { kind: "stored" };
    case "standardise-per-image":
      return { kind: "standardise-per-image" };
    case "linear":
    case "percentile":
      return { kind: "ranges", perChannel: mapping.perChannel };
    case "percentile-per-plate": {
      const mean = (k: number, end: "low" | "high") =>
        mapping.perPlate.reduce((sum, { perChannel }) => sum + perChannel[k]![end], 0) / mapping.perPlate.length;
      return { kind: "ranges", perChannel: channels.map((_, k) => ({ low: mean(k, "low"), high: mean(k, "high") })) };
    }
  }
}

function notesOn({ intensityMapping, illumination, synthetic, channels }: DatasetManifest): string[] {
  return [
    ...(synthetic ? ["The reference is a synthetic screen: no real cell was involved."] : []),
    ...(intensityMapping.kind === "percentile-per-plate"
      ? ["Grey levels of the screen were mapped plate by plate; a dropped image gets the mean of the plates' ranges."]
      : []),
    ...(illumination ? ["The screen's images were corrected for uneven light; a dropped image is not."] : []),
    `The nearest wells are those most alike in all ${channels.length} stains together; wells of one plate are alike for reasons of staining too.`,
  ];
}

function axisOf(table: ProfileTable, classes: PageClasses, seed: number): EncoderPage["axis"] {
  const { negativeName, positiveName, negative, positive } = classes;
  const { weights, bias, heldOut } = conditionAxis(table, { negative, positive, seed });
  return {
    ...{ negativeName, positiveName, weights: [...weights], bias },
    heldOut: heldOut && {
      auc: heldOut.auc.value,
      ci95: heldOut.auc.ci95 ?? null,
      nPlates: heldOut.nPlates,
      negative: [...heldOut.negative],
      positive: [...heldOut.positive],
    },
  };
}

function shownColumns(wells: ProfileTable): Record<string, (string | number | null)[]> {
  return Object.fromEntries(
    WELL_COLUMNS.flatMap((name) => {
      const values = wells.metadata.get(name);
      return values?.some((value) => value !== null) ? [[name, [...values]]] : [];
    }),
  );
}

/** Each feature in 65,536 steps between its ends: half the bytes of float32, and an error far below that of any neighbour. */
function quantised(features: Float32Array, width: number): { low: number[]; step: number[]; rows: Uint16Array } {
  const low = new Array<number>(width).fill(Number.POSITIVE_INFINITY);
  const high = new Array<number>(width).fill(Number.NEGATIVE_INFINITY);
  features.forEach((value, i) => {
    low[i % width] = Math.min(low[i % width]!, value);
    high[i % width] = Math.max(high[i % width]!, value);
  });
  const step = low.map((value, j) => (high[j]! - value) / LARGEST);
  const rows = Uint16Array.from(features, (value, i) =>
    step[i % width]! > 0 ? Math.round((value - low[i % width]!) / step[i % width]!) : 0,
  );
  return { low, step, rows };
}
