// An embedding's columns, map, neighbours and selections.
import { sqlName } from "../../data/duckdb.ts";
import { unknownColumn } from "../../data/errors.ts";
import type { Cell } from "../../data/table-files.ts";
import type {
  ColumnAnswer,
  ColumnInfo,
  EmbeddingAnswer,
  EmbeddingRow,
  NeighboursAnswer,
} from "../../schema/explorer.ts";
import { SelectionRequest } from "../../schema/explorer.ts";
import { atMost } from "../at-most.ts";
import { bodyOf, viewsOf } from "../body-of.ts";
import { badQuery, nothingThere } from "../errors.ts";
import type { MapKind, PlacedPoints } from "../feature-jobs.ts";
import type { ServedEmbedding } from "../open-embeddings.ts";
import type { RouteGroup, ServerContext } from "../route-group.ts";
import { jsonBytes } from "../shared-answers.ts";

/** A selection may name two million rows: few are read at a time, and this many at once. */
const inTurn = atMost(2);
const ROWS_AT_ONCE = 20_000;

export const embeddingRoutes: RouteGroup = (api, context) => {
  const { embeddings } = context;
  api.get("/embeddings/:id", (c) =>
    embeddings.use(c.req.param("id"), async (embedding) => {
      const { id, header, nRows, nFeatures, datasetId } = embedding;
      const columns = await embedding.columns();
      return c.json({ id, header, nRows, nFeatures, columns, datasetId } satisfies EmbeddingAnswer);
    }),
  );
  api.get("/embeddings/:id/map", (c) =>
    embeddings.use(c.req.param("id"), async ({ path, version }) =>
      c.json(embeddings.maps.ask(path, version, mapKind(c.req.query("kind")))),
    ),
  );
  api.get("/embeddings/:id/map/points", (c) =>
    embeddings.use(c.req.param("id"), async ({ id, path, version }) => {
      const points = embeddings.maps.points(path, version, mapKind(c.req.query("kind")));
      if (!points) throw nothingThere("finished map", id);
      const nBytes = points.rows.byteLength + points.xy.byteLength;
      return c.body(bodyOf(pointPieces(points)), 200, {
        "Content-Type": "application/octet-stream",
        "Content-Length": String(nBytes),
      });
    }),
  );
  api.get("/embeddings/:id/columns/:name", (c) =>
    embeddings.use(c.req.param("id"), async (embedding) => {
      const name = c.req.param("name");
      const key = JSON.stringify(["column", embedding.id, embedding.version, name]);
      const make = async (signal: AbortSignal) => jsonBytes(await columnAnswer(context, embedding, name, signal));
      const body = await context.answers.ask(key, make, c.req.raw.signal);
      return c.body(body, 200, { "Content-Type": "application/json" });
    }),
  );
  api.get("/embeddings/:id/rows/:row", (c) =>
    embeddings.use(c.req.param("id"), async (embedding) => {
      const asked = [rowNumber(c.req.param("row"), embedding)];
      const [row] = await rowsOf(context, embedding, asked, c.req.raw.signal);
      return c.json(row satisfies EmbeddingRow | undefined);
    }),
  );
  api.get("/embeddings/:id/neighbours", (c) =>
    embeddings.use(c.req.param("id"), async (embedding) =>
      c.json(await neighbours(context, embedding, c.req.query(), c.req.raw.signal)),
    ),
  );
  api.post("/embeddings/:id/selection", (c) =>
    embeddings.use(c.req.param("id"), async (embedding) => {
      const asked = SelectionRequest.safeParse(await c.req.json().catch(() => null));
      if (!asked.success) throw badQuery("the selection", "what was sent", "a list of rows");
      const stop = new AbortController();
      const body = bodyOf(csvPieces(context, embedding, asked.data.rows, stop.signal), stop);
      return c.body(body, 200, { "Content-Type": "text/csv; charset=utf-8" });
    }),
  );
};

function mapKind(text: string | undefined): MapKind {
  if (text === undefined || text === "pca") return "pca";
  if (text === "umap") return "umap";
  throw badQuery("kind", text, "pca or umap");
}

function rowNumber(text: string, { nRows, id }: ServedEmbedding): number {
  if (!/^\d{1,10}$/.test(text)) throw badQuery("row", text, "a whole number");
  if (Number(text) >= nRows) throw nothingThere(`row of embedding ${id}`, text);
  return Number(text);
}

async function knownColumn(embedding: ServedEmbedding, name: string): Promise<ColumnInfo> {
  const columns = await embedding.columns();
  const column = columns.find((one) => one.name === name);
  if (!column)
    throw unknownColumn(
      "the embedding",
      [name],
      columns.map((one) => one.name),
    );
  return column;
}

/** Both arrays as they lie: many readers share one memory. */
async function* pointPieces({ rows, xy }: PlacedPoints): AsyncGenerator<Uint8Array> {
  for (const { buffer, byteOffset, byteLength } of [rows, xy])
    yield* viewsOf(new Uint8Array(buffer, byteOffset, byteLength));
}

/** Commonest first, equals by name, as {@link ServedDataset} lists them: one label has one colour on every page. */
function byCount([a, n]: readonly [Cell, number], [b, m]: readonly [Cell, number]): number {
  return m - n || (String(a) < String(b) ? -1 : 1);
}

async function columnAnswer(
  { desk }: ServerContext,
  embedding: ServedEmbedding,
  name: string,
  signal: AbortSignal,
): Promise<ColumnAnswer> {
  const { kind } = await knownColumn(embedding, name);
  const of = kind === "number" ? `try_cast(${sqlName(name)} AS DOUBLE)` : `CAST(${sqlName(name)} AS VARCHAR)`;
  const sql = `SELECT ${of} AS v FROM ${embedding.rows} ORDER BY file_row_number`;
  const { columns } = await desk.columns(sql, {}, signal);
  const values = columns[0] ?? [];
  if (kind === "number") return { kind, name, values: values as (number | null)[] };
  const counts = new Map<Cell, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const labels = [...counts].sort(byCount).map(([label]) => label as string | null);
  const code = new Map(labels.map((label, i) => [label as Cell, i]));
  return { kind, name, labels, codes: values.map((value) => code.get(value)!) };
}

/** Metadata of rows, in the order asked for. */
async function rowsOf(
  { desk }: ServerContext,
  embedding: ServedEmbedding,
  rows: readonly number[],
  signal: AbortSignal,
): Promise<EmbeddingRow[]> {
  const names = (await embedding.columns()).map(({ name }) => sqlName(name));
  const wanted = rows.map(Math.floor).join(", "); // numbers by schema
  const sql = `SELECT file_row_number AS gandl_row${names.map((name) => `, ${name}`).join("")} FROM ${embedding.rows} WHERE file_row_number IN (${wanted})`;
  const found = new Map(
    (await desk.ask(sql, {}, signal)).map(({ gandl_row, ...values }) => [Number(gandl_row), values]),
  );
  return rows.flatMap((row) => {
    const values = found.get(row);
    return values ? [{ row, values }] : [];
  });
}

async function neighbours(
  context: ServerContext,
  embedding: ServedEmbedding,
  { row, well, k: count }: Record<string, string | undefined>,
  signal: AbortSignal,
): Promise<NeighboursAnswer> {
  const k = Math.min(200, Math.max(1, Number(count ?? 24) || 24));
  const own =
    well === undefined ? [rowNumber(row ?? "", embedding)] : await rowsOfWell(context, embedding, well, signal);
  const near = await embedding.features.nearest(own, k, signal);
  const cosine = new Map(near.map((one) => [one.row, one.cosine]));
  const found = await rowsOf(context, embedding, near.length === 0 ? [-1] : near.map((one) => one.row), signal);
  return {
    of: well ?? `row ${row}`,
    neighbours: found.map((one) => ({ ...one, cosine: cosine.get(one.row) ?? 0 })),
  };
}

async function rowsOfWell(
  { desk }: ServerContext,
  embedding: ServedEmbedding,
  well: string,
  signal: AbortSignal,
): Promise<number[]> {
  await knownColumn(embedding, "well_id");
  const sql = `SELECT file_row_number AS r FROM ${embedding.rows} WHERE well_id = $well`;
  const rows = await desk.ask(sql, { well }, signal);
  if (rows.length === 0) throw nothingThere("well", well);
  return rows.map(({ r }) => Number(r));
}

/** A table of rows, made as it is taken. */
async function* csvPieces(
  context: ServerContext,
  embedding: ServedEmbedding,
  rows: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const names = (await embedding.columns()).map(({ name }) => name);
  yield encoder.encode(`${["embedding_row", ...names].map(csvCell).join(",")}\n`);
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    const asked = rows.slice(at, at + ROWS_AT_ONCE);
    const found = await inTurn(() => rowsOf(context, embedding, asked, signal), signal);
    const lines = found.map(({ row, values }) => [row, ...names.map((name) => values[name] ?? null)].map(csvCell));
    yield encoder.encode(lines.map((cells) => `${cells.join(",")}\n`).join(""));
  }
}

/** A cell that a spreadsheet would run as a formula is led by an apostrophe. */
function csvCell(value: Cell): string {
  if (value === null) return "";
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
