// Any metadata table and a path template: the way in for plates that no preset knows.
import { Role } from "../../schema/dataset.ts";
import { badTemplate, noChannels, repeatedChannel, unknownColumn } from "../errors.ts";
import {
  type ChannelDefinition,
  type DatasetDefinition,
  defineDataset,
  type SourceRow,
  siteOf,
} from "./define-dataset.ts";

/** The things a site needs that a column may hold; `gandl import --column well=Well` maps one. */
export const SITE_FIELDS = [
  "site_id",
  "well_id",
  "experiment",
  "plate",
  "well",
  "site",
  "cell_type",
  "role",
  "condition",
  "treatment",
  "dose_um",
] as const;
export type SiteField = (typeof SITE_FIELDS)[number];

/** One channel of a {@link tableDataset}. */
export interface TableChannel {
  readonly name: string;
  /** The dye; the name when left out. */
  readonly stain?: string;
  /** What `{channel}` becomes in the template; the channel's number from 1 when left out. */
  readonly token?: string;
}

/** What {@link tableDataset} must be told. */
export interface TableDatasetOptions {
  /** Path of an image from the table's folder, e.g. `images/{plate}/{well}_s{site}_w{channel}.png`; without `{channel}`, one file holds all channels. */
  readonly images: string;
  readonly channels: readonly TableChannel[];
  /** Which source column holds a field; fields of the same name (in any case) need no mapping. */
  readonly columns?: Partial<Record<SiteField, string>>;
  /** Treatments (conditions, for sites without treatment) that are negative or positive controls, where no column holds roles. */
  readonly negativeControls?: readonly string[];
  readonly positiveControls?: readonly string[];
  /** @default "table" */
  readonly id?: string;
  readonly title?: string;
  readonly citation?: string;
  readonly licence?: string;
  readonly pixelSizeUm?: number;
  /** @default metadata.csv, metadata.parquet */
  readonly metadataFiles?: readonly string[];
}

/** Display colours by what a stain's name usually means; others take the next of the cycle. */
const COLOUR_BY_NAME: readonly (readonly [RegExp, string])[] = [
  [/dna|nucle|hoechst|dapi|draq/i, "#3a6bff"],
  [/actin|phalloidin/i, "#ff4136"],
  [/tubulin|\ber\b|concanavalin/i, "#2ecc40"],
  [/rna|syto/i, "#ffdc00"],
  [/golgi|membrane|wga/i, "#f012be"],
  [/mito/i, "#ff851b"],
];
const COLOUR_CYCLE = ["#ffffff", "#39cccc", "#b10dc9", "#ff851b", "#01ff70", "#7fdbff"];

function channelDefinition(channel: TableChannel, index: number): ChannelDefinition {
  const stain = channel.stain ?? channel.name;
  const known = COLOUR_BY_NAME.find(([pattern]) => pattern.test(`${channel.name} ${stain}`));
  return { name: channel.name, stain, colour: known?.[1] ?? COLOUR_CYCLE[index % COLOUR_CYCLE.length]! };
}

/**
 * Describes a data set by its table, a path template and its channels.
 *
 * Roles come from a column that holds them, else from the control names given, else they are `unknown`. Without a plate
 * column all sites share one plate; without a well column each site is its own well.
 * @param present the table's columns. @param file names the table in errors.
 * @throws GanDlError `bad-template`, `unknown-column`, `unknown-channel`.
 * @example
 * ```ts
 * import { SourceRow, tableDataset } from "gan-dl/data";
 * const options = { images: "{Plate}/{well}_{channel}.tif", channels: [{ name: "DNA", token: "d0" }] };
 * const dataset = tableDataset(options, ["Plate", "well"], "wells.csv");
 * const row = new SourceRow("wells.csv", new Map([["Plate", ["P1"]], ["well", ["C05"]]]), 0);
 * console.assert(dataset.images(row)[0] === "P1/C05_d0.tif" && dataset.site(row).well_id === "P1_C05");
 * ```
 */
export function tableDataset(
  options: TableDatasetOptions,
  present: readonly string[],
  file: string,
): DatasetDefinition {
  const columns = resolveColumns(options.columns ?? {}, present, file);
  const placeholders = checkTemplate(options, columns, present, file);
  const lookUp = (row: SourceRow, field: SiteField) => {
    const column = columns.get(field);
    return column === undefined ? null : row.optional(column);
  };
  return defineDataset({
    id: options.id ?? "table",
    title: options.title ?? options.id ?? "images described by a table",
    citation: options.citation ?? "not given",
    licence: options.licence ?? "not given",
    pixelSizeUm: options.pixelSizeUm ?? null,
    channels: options.channels.map(channelDefinition),
    metadataFiles: options.metadataFiles ?? ["metadata.csv", "metadata.parquet"],
    columns: [...new Set([...columns.values(), ...placeholders.map((name) => columnOf(name, columns))])],
    site(row) {
      const field = (name: SiteField) => lookUp(row, name);
      const experiment = field("experiment");
      const plate = field("plate") ?? "1";
      const plateId = experiment === null ? plate : `${experiment}_${plate}`;
      const siteName = field("site") ?? "1";
      const siteId = field("site_id") ?? [plateId, field("well"), siteName].filter((part) => part !== null).join("_");
      const doseColumn = columns.get("dose_um");
      const wellId = field("well_id") ?? (field("well") === null ? siteId : null);
      return siteOf({
        siteId,
        plateId,
        ...(wellId === null ? {} : { wellId }),
        experiment: experiment ?? options.id ?? "table",
        plate,
        well: field("well") ?? "",
        site: siteName,
        cellType: field("cell_type"),
        role: roleOf(row, columns.get("role"), field("treatment"), field("condition"), options),
        condition: field("condition"),
        treatment: field("treatment"),
        doseUm: doseColumn === undefined ? null : row.number(doseColumn),
      });
    },
    images: (row) => fillTemplate(options, columns, row),
  });
}

/** Which source column holds each field: as told, else of the same name, case aside. */
function resolveColumns(
  told: Partial<Record<SiteField, string>>,
  present: readonly string[],
  file: string,
): Map<SiteField, string> {
  const columns = new Map<SiteField, string>();
  for (const field of SITE_FIELDS) {
    const wanted = told[field];
    if (wanted !== undefined && !present.includes(wanted)) throw unknownColumn(file, [wanted], present);
    const found = wanted ?? present.find((name) => name.toLowerCase() === field);
    if (found !== undefined) columns.set(field, found);
  }
  return columns;
}

const columnOf = (placeholder: string, columns: ReadonlyMap<SiteField, string>): string =>
  columns.get(placeholder as SiteField) ?? placeholder;

/** The template's column placeholders. */
function checkTemplate(
  options: TableDatasetOptions,
  columns: ReadonlyMap<SiteField, string>,
  present: readonly string[],
  file: string,
): string[] {
  if (options.channels.length === 0) throw noChannels();
  const repeated = options.channels.find((channel, i) =>
    options.channels.some((c, j) => j < i && c.name === channel.name),
  );
  if (repeated !== undefined) throw repeatedChannel(repeated.name);
  const bare = options.images.replace(/\{[^{}]+\}/g, "");
  if (/[{}]/.test(bare)) throw badTemplate(options.images, "a brace is not closed or is empty.");
  const names = [...options.images.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1]!);
  const wanted = names.filter((name) => name !== "channel");
  if (wanted.length === 0) throw badTemplate(options.images, "it names no column, so all sites would share one file.");
  const missing = wanted.filter((name) => !present.includes(columnOf(name, columns)));
  if (missing.length > 0) throw unknownColumn(file, missing, present);
  return wanted;
}

function fillTemplate(options: TableDatasetOptions, columns: ReadonlyMap<SiteField, string>, row: SourceRow): string[] {
  const path = (channel: string) =>
    options.images.replace(/\{([^{}]+)\}/g, (_, name: string) =>
      name === "channel" ? channel : row.text(columnOf(name, columns)),
    );
  if (!options.images.includes("{channel}")) return [path("")];
  return options.channels.map((channel, i) => path(channel.token ?? String(i + 1)));
}

function roleOf(
  row: SourceRow,
  column: string | undefined,
  treatment: string | null,
  condition: string | null,
  options: TableDatasetOptions,
): Role {
  if (column !== undefined && row.optional(column) !== null) {
    return row.oneOf(column, Role.options);
  }
  // An infected well under a drug is treated, whatever its condition; only untreated wells go by it.
  const name = treatment ?? condition;
  const is = (names: readonly string[] = []) => name !== null && names.includes(name);
  if (is(options.negativeControls)) return "negative_control";
  if (is(options.positiveControls)) return "positive_control";
  const toldControls = options.negativeControls !== undefined || options.positiveControls !== undefined;
  return toldControls && treatment !== null ? "treated" : "unknown";
}
