// What a data set preset is: its panel, its columns, and how one row of its metadata becomes one site.
import type { Role, Site } from "../../schema/dataset.ts";
import { badCell } from "../errors.ts";
import type { Cell } from "../table-files.ts";
import { parseWellName } from "../well-name.ts";

/** One stain as a preset knows it; files come in this order. */
export interface ChannelDefinition {
  readonly name: string;
  readonly stain: string;
  /** Display colour, `#rrggbb`. */
  readonly colour: string;
}

/** A site as its metadata row describes it, before it has a place in the shards. */
export type SourceSite = Omit<Site, "image_index">;

/** A data set preset: one file in `datasets/` and one line in `datasets/index.ts`. */
export interface DatasetDefinition {
  readonly id: string;
  readonly title: string;
  readonly citation: string;
  readonly licence: string;
  /** Of the images as released, before any resizing; null where unknown. */
  readonly pixelSizeUm: number | null;
  readonly synthetic?: boolean;
  readonly channels: readonly ChannelDefinition[];
  /** Names of the metadata file, looked for at the top and one folder below. */
  readonly metadataFiles: readonly string[];
  /** Columns that `site` and `images` read; an import refuses a table without them. */
  readonly columns: readonly string[];
  /** Columns that tell this data set's table from others; `columns` when left out. */
  readonly telltaleColumns?: readonly string[];
  /** Where columns alone do not tell: some row must have one of these values. */
  readonly telltaleValues?: { readonly column: string; readonly values: readonly string[] };
  /** A file beside the table that only this data set has. */
  readonly markerFile?: string;
  /** What the row is: plate, well, treatment, dose in µM and role. @throws GanDlError `bad-cell`. */
  site(row: SourceRow): SourceSite;
  /** Image paths relative to the metadata file's folder: one a channel in the panel's order, or a single file with all channels. */
  images(row: SourceRow): readonly string[];
}

/**
 * Returns `definition` with its type checked: a data set is one such record.
 * @example
 * ```ts
 * import { defineDataset, siteOf } from "gan-dl/data";
 * const screen = defineDataset({
 *   id: "my-screen", title: "My screen", citation: "unpublished", licence: "private", pixelSizeUm: 0.65,
 *   channels: [{ name: "DNA", stain: "Hoechst 33342", colour: "#3060ff" }],
 *   metadataFiles: ["wells.csv"], columns: ["plate", "well", "drug"],
 *   site: (row) => siteOf({
 *     experiment: "my-screen", plate: row.text("plate"), well: row.text("well"), site: "1",
 *     role: row.optional("drug") === null ? "negative_control" : "treated", treatment: row.optional("drug"),
 *   }),
 *   images: (row) => [`${row.text("plate")}/${row.text("well")}.png`],
 * });
 * console.assert(screen.channels.length === 1);
 * ```
 */
export function defineDataset(definition: DatasetDefinition): DatasetDefinition {
  return definition;
}

/** One row of the metadata table, read by column name. */
export class SourceRow {
  readonly #file: string;
  readonly #columns: ReadonlyMap<string, readonly Cell[]>;
  readonly #index: number;

  /** @param index 0-based; messages count rows from 1, below the header. */
  constructor(file: string, columns: ReadonlyMap<string, readonly Cell[]>, index: number) {
    this.#file = file;
    this.#columns = columns;
    this.#index = index;
  }

  /** The text in `column`. @throws GanDlError `bad-cell` when it is empty. */
  text(column: string): string {
    const value = this.optional(column);
    if (value === null) throw badCell(this.#file, this.#index + 1, column, null, "a value");
    return value;
  }

  /** The text in `column`, or null when it is empty or there is no such column. */
  optional(column: string): string | null {
    const value = this.#columns.get(column)?.[this.#index] ?? null;
    const text = value === null ? "" : String(value).trim();
    return text === "" ? null : text;
  }

  /** The number in `column`, or null when it is empty. @throws GanDlError `bad-cell` when it is something else. */
  number(column: string): number | null {
    const text = this.optional(column);
    if (text === null) return null;
    const value = Number(text);
    if (!Number.isFinite(value)) throw badCell(this.#file, this.#index + 1, column, text, "a number");
    return value;
  }

  /** The value in `column`, which must be one of `allowed`. @throws GanDlError `bad-cell`. */
  oneOf<T extends string>(column: string, allowed: readonly T[]): T {
    const text = this.optional(column);
    const found = allowed.find((value) => value === text);
    if (found === undefined) throw badCell(this.#file, this.#index + 1, column, text, `one of ${allowed.join(", ")}`);
    return found;
  }
}

/** What a preset says of a site; the rest follows from it. */
export interface SiteParts {
  readonly experiment: string;
  readonly plate: string;
  readonly well: string;
  readonly site: string;
  readonly role: Role;
  /** `{experiment}_{plate}` when left out. */
  readonly plateId?: string;
  /** `{plate_id}_{well}` when left out. */
  readonly wellId?: string;
  /** `{well_id}_{site}` when left out. */
  readonly siteId?: string;
  readonly cellType?: string | null;
  readonly condition?: string | null;
  readonly treatment?: string | null;
  readonly doseUm?: number | null;
}

/** Fills in the ids and the well's row and column. */
export function siteOf(parts: SiteParts): SourceSite {
  const plateId = parts.plateId ?? `${parts.experiment}_${parts.plate}`;
  const wellId = parts.wellId ?? `${plateId}_${parts.well}`;
  const position = parseWellName(parts.well);
  return {
    site_id: parts.siteId ?? `${wellId}_${parts.site}`,
    well_id: wellId,
    plate_id: plateId,
    experiment: parts.experiment,
    plate: parts.plate,
    well: parts.well,
    row: position?.row ?? null,
    column: position?.column ?? null,
    site: parts.site,
    cell_type: parts.cellType ?? null,
    role: parts.role,
    condition: parts.condition ?? null,
    treatment: parts.treatment ?? null,
    dose_um: parts.doseUm ?? null,
  };
}
