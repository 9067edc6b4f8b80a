// Embeddings that others have published, joined to the sites of a data set: the proprietary network that GAN-DL was measured against,
// a masked autoencoder, GAN-DL's own. Their images need not be here; their names must fit.
import { basename } from "node:path";
import { z } from "zod";
import { type FeatureTable, readFeatureTable } from "../data/index.ts";
import type { Site } from "../schema/index.ts";
import { type BaselineEvent, defineBaseline } from "./define-baseline.ts";
import { duplicateRow, featureWidth, noCommonRows, noFeatures, noKey } from "./errors-import.ts";

/** How a published table is laid out. */
interface Layout {
  /** What a report calls it. */
  readonly encoder: string;
  /** The column that names the image or the well. */
  readonly key: "site_id" | "well_id";
  /** null: not known. */
  readonly nFeatures: number | null;
  readonly isFeature: (column: string) => boolean;
  /** How sure we are of these columns. */
  readonly source: string;
}

const isNumbered = (column: string) => /^feature_\d+$/.test(column);
/** Ids and metadata of RxRx, and what pandas calls an index that was written along; all else is a feature where names are not known. */
const NOT_FEATURES = new Set(
  "site_id well_id cell_type experiment experiment_name plate well address site disease_condition treatment treatment_conc SMILES".split(
    " ",
  ),
);
const isOther = (column: string) =>
  !NOT_FEATURES.has(column) && !/^(|index|Unnamed: \d+|__index_level_\d+__)$/.test(column);

/** The layouts that are known, by the name that `--set format=` takes. */
export const EMBEDDING_LAYOUTS = {
  table: {
    ...{ encoder: "imported embedding", key: "site_id", nFeatures: null, isFeature: isNumbered },
    source: "site_id and feature_0, feature_1, …",
  },
  "recursion-rxrx19a": {
    ...{ encoder: "Recursion's embedding of RxRx19a", key: "site_id", nFeatures: 1024, isFeature: isNumbered },
    source: "documented with the data set: site_id, feature_0 … feature_1023",
  },
  "recursion-rxrx1": {
    ...{ encoder: "Recursion's embedding of RxRx1", key: "site_id", nFeatures: 128, isFeature: isNumbered },
    source: "128 values a site are documented; that their columns are named as RxRx19a's is our assumption",
  },
  openphenom: {
    ...{ encoder: "OpenPhenom", key: "well_id", nFeatures: 384, isFeature: isOther },
    source: "documented with RxRx3-core: well_id, and 384 other columns whose names are not told",
  },
  "gan-dl": {
    ...{ encoder: "GAN-DL's published embedding", key: "site_id", nFeatures: null, isFeature: isOther },
    source: "not documented where we could read; assumed: site_id and one column a feature, as RxRx19a's own",
  },
} as const satisfies Record<string, Layout>;

type Format = keyof typeof EMBEDDING_LAYOUTS;

/** Published embeddings as a table of this data set. */
export const importBaseline = defineBaseline({
  id: "import",
  title: "Published embeddings",
  description:
    "Joins a published table of embeddings (CSV or Parquet) to the data set's sites by site_id or well_id, exactly as they are written; rows that either side lacks are counted.",
  citation:
    "Recursion: Cuccarese et al. 2020 (RxRx19a), Sypetkowski et al. 2023 (RxRx1); OpenPhenom: Kraus et al. 2024; GAN-DL: Mascolini et al. 2022",
  needsLabels: "as the network that made them: Recursion's learned from siRNA labels, OpenPhenom and GAN-DL from none",
  params: z.strictObject({
    file: z
      .string({ error: "name the table with --set file=embeddings.csv" })
      .describe("the table, CSV (also .gz) or Parquet"),
    format: z
      .enum(Object.keys(EMBEDDING_LAYOUTS) as [Format, ...Format[]])
      .default("table")
      .describe("whose columns these are; table: site_id and feature_0, feature_1, …"),
  }),
  small: null,
  async *run({ dataset, signal }, { file, format }): AsyncGenerator<BaselineEvent> {
    const layout: Layout = EMBEDDING_LAYOUTS[format];
    yield { kind: "progress", stage: `reading ${file}`, done: 0, total: 0 };
    const table = await readFeatureTable(file, { isFeature: layout.isFeature });
    signal.throwIfAborted();
    checkColumns(table, layout, file, format);
    const joined = joinSites(table, dataset.sites, layout, file);
    const { nSites, nLackingRow, nIncomplete, nUnused } = joined;
    if (nLackingRow + nIncomplete > 0)
      yield {
        kind: "note",
        text: `${nLackingRow} of ${nSites} ${UNIT[layout.key]} of the data set have no row in ${file}, ${nIncomplete} have one with empty values; they are left out.`,
      };
    const featureNames = table.featureNames.every(isNumbered)
      ? table.featureNames
      : table.featureNames.map((_, i) => `feature_${i}`);
    const provenance = {
      ...{ weights: "not ours: published features", file: basename(file), format, columns: layout.source },
      ...{ nRows: joined.sites.length, nLackingRow, nIncomplete, nUnused },
      ...(featureNames === table.featureNames ? {} : { featureColumns: table.featureNames }),
    };
    const embedding = { features: joined.features, featureNames, sites: joined.sites };
    yield { kind: "finished", result: { embedding, encoder: layout.encoder, provenance } };
  },
});

const UNIT = { site_id: "sites", well_id: "wells" } as const;

/** @throws GanDlError `no-join`, `no-features`, `wrong-width`. */
function checkColumns({ metadata, featureNames }: FeatureTable, layout: Layout, file: string, format: Format): void {
  const columns = [...metadata.keys(), ...featureNames];
  if (!metadata.has(layout.key)) throw noKey(file, layout.key, columns);
  if (featureNames.length === 0) throw noFeatures(file, columns);
  if (layout.nFeatures !== null && featureNames.length !== layout.nFeatures)
    throw featureWidth(file, featureNames.length, layout.nFeatures, format);
}

interface Joined {
  readonly sites: readonly Site[];
  /** `[sites,f]`. */
  readonly features: Float32Array;
  /** Sites, or wells, that the data set has. */
  readonly nSites: number;
  readonly nLackingRow: number;
  /** Whose row has empty values. */
  readonly nIncomplete: number;
  /** Rows of the table that belong to no site of the data set. */
  readonly nUnused: number;
}

/**
 * The rows of the table that sites of the data set have, in the data set's order. A table by wells gives each well one row, under its
 * first site. @throws GanDlError `duplicate-row`, `no-join`.
 */
function joinSites(table: FeatureTable, sites: readonly Site[], { key }: Layout, file: string): Joined {
  const keys = table.metadata.get(key) ?? [];
  const rowOf = new Map<string, number>();
  for (const [row, cell] of keys.entries()) {
    const name = String(cell ?? "");
    const before = rowOf.get(name);
    if (before !== undefined) throw duplicateRow(file, key, name, before, row);
    rowOf.set(name, row);
  }
  const wanted = [...new Map(sites.toReversed().map((site) => [site[key], site])).values()].reverse();
  const width = table.featureNames.length;
  const isWhole = (row: number) => {
    for (let j = row * width; j < (row + 1) * width; j++) if (!Number.isFinite(table.features[j])) return false;
    return true;
  };
  const found = wanted.filter((site) => rowOf.has(site[key]));
  if (found.length === 0) throw noCommonRows(file, key, String(keys[0] ?? ""), wanted[0]?.[key] ?? "");
  const kept = found.filter((site) => isWhole(rowOf.get(site[key])!));
  const features = new Float32Array(kept.length * width);
  for (const [i, site] of kept.entries()) {
    const from = rowOf.get(site[key])! * width;
    features.set(table.features.subarray(from, from + width), i * width);
  }
  return {
    ...{ sites: kept, features, nSites: wanted.length, nLackingRow: wanted.length - found.length },
    ...{ nIncomplete: found.length - kept.length, nUnused: table.nRows - found.length },
  };
}
