// A data set's plates, wells and sites, answered by DuckDB from sites.parquet.
import { sqlName } from "../../data/duckdb.ts";
import { unknownColumn, unknownPlates } from "../../data/errors.ts";
import type { TableDesk } from "../../data/table-desk.ts";
import type { ColumnInfo, DatasetAnswer, PlateAnswer, WellAnswer } from "../../schema/explorer.ts";
import { nothingThere } from "../errors.ts";
import { meanOf, type ServedDataset } from "../open-datasets.ts";
import type { RouteGroup, ServerContext } from "../route-group.ts";
import { jsonBytes } from "../shared-answers.ts";

/** Rows and columns of the plates that are made. */
const FORMATS = [
  [8, 12],
  [16, 24],
  [32, 48],
] as const;

export const datasetRoutes: RouteGroup = (api, context) => {
  const { datasets, desk } = context;
  api.get("/datasets/:id", (c) =>
    datasets.use(c.req.param("id"), async (dataset) => {
      const { id, manifest: all } = dataset;
      const [columns, measures, plates] = await Promise.all([dataset.columns(), dataset.measures(), dataset.plates()]);
      const { skipped, shards: _, ...manifest } = all;
      const nSkipped = skipped.length;
      return c.json({ id, manifest, nSkipped, columns, measures, plates } satisfies DatasetAnswer);
    }),
  );
  api.get("/datasets/:id/plates/:plate", (c) =>
    datasets.use(c.req.param("id"), async (dataset) => {
      const colour = c.req.query("colour") ?? FIRST_COLOUR;
      const body = await plateBytes(context, dataset, c.req.param("plate"), colour, c.req.raw.signal);
      return c.body(body, 200, { "Content-Type": "application/json" });
    }),
  );
  api.get("/datasets/:id/wells/:well", (c) =>
    datasets.use(c.req.param("id"), async (dataset) => {
      const wellId = c.req.param("well");
      const sql = `SELECT * FROM ${dataset.sites} WHERE well_id = $well ORDER BY image_index`;
      const sites = await desk.ask(sql, { well: wellId }, c.req.raw.signal);
      if (sites.length === 0) throw nothingThere("well", wellId);
      return c.json({ wellId, sites } satisfies WellAnswer);
    }),
  );
};

/** What a plate is coloured by at first, where the data set tells it. */
export const FIRST_COLOUR = "condition";

/** A plate's answer, made once for all who ask. */
export function plateBytes(
  { answers, desk }: Pick<ServerContext, "answers" | "desk">,
  dataset: ServedDataset,
  plateId: string,
  colour: string,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = JSON.stringify(["plate", dataset.id, dataset.version, plateId, colour]);
  return answers.ask(key, async (stop) => jsonBytes(await plateAnswer(desk, dataset, plateId, colour, stop)), signal);
}

/** A column of the sites or a measure of their images, and the table that holds it. @throws GanDlError `unknown-column`. */
async function colouredBy(dataset: ServedDataset, name: string): Promise<{ column: ColumnInfo; from: string }> {
  const [columns, measures] = await Promise.all([dataset.columns(), dataset.measures()]);
  const column = columns.find((one) => one.name === name);
  if (column) return { column, from: dataset.sites };
  const names = [...columns.map((one) => one.name), ...measures];
  if (!measures.includes(name)) throw unknownColumn("the data set", [name], names);
  return { column: { name, kind: "number", nDistinct: 0, nMissing: 0 }, from: dataset.withMeasure(name) };
}

async function plateAnswer(
  desk: TableDesk,
  dataset: ServedDataset,
  plateId: string,
  colour: string,
  signal: AbortSignal,
): Promise<PlateAnswer> {
  const { column, from } = await colouredBy(dataset, colour);
  const name = sqlName(colour);
  const value = column.kind === "number" ? meanOf(colour) : `CAST(mode(${name}) AS VARCHAR)`;
  const rows = await desk.ask(
    `SELECT well_id, any_value(well) AS well, any_value("row") AS r, any_value("column") AS c, count(*) AS n,
      ${value} AS v, count(DISTINCT ${name}) AS k
    FROM ${from} WHERE plate_id = $plate GROUP BY well_id ORDER BY r, c, well_id`,
    { plate: plateId },
    signal,
  );
  if (rows.length === 0)
    throw unknownPlates(
      [plateId],
      (await dataset.plates()).map((plate) => plate.plateId),
    );
  const placed = rows.filter(({ r, c }) => r !== null && c !== null);
  const wells = placed.map(({ well_id, well, r, c, n, v, k }) => ({
    ...{ wellId: String(well_id), well: String(well), row: Number(r), column: Number(c) },
    ...{ nSites: Number(n), value: v ?? null, nValues: Number(k) },
  }));
  const lastRow = Math.max(0, ...wells.map(({ row }) => row));
  const lastColumn = Math.max(0, ...wells.map(({ column: at }) => at));
  const [nRows, nColumns] = FORMATS.find(([h, w]) => lastRow < h && lastColumn < w) ?? [lastRow + 1, lastColumn + 1];
  const spread = await dataset.spread(column);
  const nUnplaced = rows.length - placed.length;
  return { plateId, nRows, nColumns, colour, kind: column.kind, ...spread, wells, nUnplaced };
}
