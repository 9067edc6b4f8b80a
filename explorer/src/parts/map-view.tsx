// The map beside what is chosen on it: a selection with its counts, or a point with its neighbours.
import { useMemo, useState } from "preact/hooks";
import type { ColumnAnswer, EmbeddingAnswer } from "../../../src/schema/explorer.ts";
import { apiPath, askJson, useAnswer } from "../api.ts";
import { change, route } from "../router.ts";
import { FilterBar } from "./filter-bar.tsx";
import { type Filter, passes, readFilters, writeFilters } from "./filters.ts";
import { pointsInside, polygonOf, readLasso, writeLasso } from "./lasso.ts";
import { Legend } from "./legend.tsx";
import { PointPanel, Thumbnail, useRow } from "./point-panel.tsx";
import type { MapPoints } from "./points.ts";
import { categoryScale, formatValue, scaleOfValues } from "./scale.ts";
import { Scatter } from "./scatter.tsx";
import { SelectionPanel } from "./selection-panel.tsx";
import { readView, writeView } from "./view-address.ts";

interface MapViewProps {
  readonly embedding: EmbeddingAnswer;
  readonly points: MapPoints;
  readonly column: ColumnAnswer | null;
}

export function MapView({ embedding, points, column }: MapViewProps) {
  const [pointed, setPointed] = useState<number | null>(null);
  const [isLasso, setLasso] = useState(false);
  const { params } = route.value;
  const scale = useMemo(() => (column ? scaleOf(column) : null), [column]);
  const hidden = useMemo(() => new Set(params.hide?.split("|") ?? []), [params.hide]);
  const filters = useMemo(() => readFilters(params.only), [params.only]);
  const answers = useColumns(
    embedding.id,
    filters.map((filter) => filter.column).filter((name) => embedding.columns.some((one) => one.name === name)),
  );
  const shown = useMemo(
    () => shownPoints(points, [...hiding(column, hidden), ...filtering(filters, answers)]),
    [points, column, hidden, filters, answers],
  );
  const polygons = useMemo(() => readLasso(params.lasso), [params.lasso]);
  const selected = useMemo(
    () => (polygons.length > 0 ? pointsInside(points.xy, polygons, shown) : positionsOf(points, params.row)),
    [points, polygons, shown, params.row],
  );
  const rows = useMemo(() => selected.map((position) => points.rows[position]!), [selected, points]);
  const onSelect = (positions: readonly number[]) => {
    setLasso(false);
    const chosen = positions.map((position) => points.rows[position]!);
    change({ row: chosen.length === 0 ? undefined : chosen.join("_"), lasso: undefined });
  };
  const onLasso = (corners: readonly (readonly [number, number])[], isMore: boolean) => {
    setLasso(false);
    change({ row: undefined, lasso: writeLasso([...(isMore ? polygons : []), polygonOf(corners)]) });
  };
  const onToggle = (label: string) => {
    const next = new Set(hidden);
    if (!next.delete(label)) next.add(label);
    change({ hide: next.size === 0 ? undefined : [...next].join("|") });
  };
  const pointedRow = pointed === null ? null : points.rows[pointed]!;
  return (
    <div class="columns wide-left">
      <section class="panel" aria-label="Map">
        <div class="tools of-map">
          <button type="button" aria-pressed={isLasso} onClick={() => setLasso(!isLasso)}>
            Lasso
          </button>
          <span class="aside">
            {isLasso
              ? "Draw around the points."
              : "Wheel or + − enlarge, dragging or arrows move, a click or Enter chooses; Shift and drag: lasso."}
          </span>
          <FilterBar
            columns={embedding.columns}
            filters={filters}
            answers={answers}
            onChange={(next, isStep) => change({ only: writeFilters(next) ?? undefined }, { isStep })}
          />
        </div>
        <div class="plot">
          <Scatter
            {...{ points, column, scale, shown, selected, isLasso, onSelect, onLasso }}
            begin={readView(params.view)}
            onRest={(view) => change({ view: view ? writeView(view) : undefined }, { isStep: false })}
            onPoint={setPointed}
          />
          {shown !== null && (
            <p class="count aside" role="status">
              {shown.length === 0
                ? "No point passes: tick more values or widen a range."
                : `${shown.length.toLocaleString("en")} of ${points.rows.length.toLocaleString("en")} points shown`}
            </p>
          )}
          {pointedRow !== null && <Pointed embedding={embedding} row={pointedRow} column={column} />}
        </div>
        {scale && <Legend scale={scale} hasMissing={hasMissing(column)} toggle={{ hidden, onToggle }} />}
      </section>
      <section class="panel" aria-label="Chosen">
        {rows.length > 1 ? (
          <SelectionPanel embedding={embedding} rows={rows} column={column} onClear={() => onSelect([])} />
        ) : (
          <PointPanel embedding={embedding} row={rows[0] ?? rowOf(params.row)} />
        )}
      </section>
    </div>
  );
}

/** Columns as they come; those that are there stay while others are asked for. */
function useColumns(embedding: string, names: readonly string[]): ReadonlyMap<string, ColumnAnswer> {
  const [held, setHeld] = useState<ReadonlyMap<string, ColumnAnswer>>(new Map());
  const missing = names.filter((name) => !held.has(name));
  useAnswer(missing.length === 0 ? null : `${embedding} ${missing.join("\n")}`, async (signal) => {
    const ask = (name: string) => askJson<ColumnAnswer>(apiPath("embeddings", embedding, "columns", name), { signal });
    const found = await Promise.all(missing.map(async (name) => [name, await ask(name)] as const));
    setHeld((before) => new Map([...before, ...found]));
  });
  return held;
}

/** Where the rows that the address names lie among the points. */
function positionsOf({ rows }: MapPoints, row: string | undefined): number[] {
  const asked = new Set(row?.split("_").map(Number));
  return asked.size === 0 ? [] : [...rows.keys()].filter((position) => asked.has(rows[position]!));
}

/** A row that is asked for though the map, which may be of a sample, has no point of it. */
const rowOf = (row: string | undefined) => (row === undefined ? null : Number(row));

const scaleOf = (column: ColumnAnswer) =>
  column.kind === "category"
    ? categoryScale(column.labels.filter((label) => label !== null))
    : scaleOfValues(column.values);

const hasMissing = (column: ColumnAnswer | null) =>
  column !== null && (column.kind === "category" ? column.labels.includes(null) : column.values.includes(null));

type Test = (row: number) => boolean;

/** The labels that are switched off in the legend. */
function hiding(column: ColumnAnswer | null, hidden: ReadonlySet<string>): Test[] {
  if (hidden.size === 0 || column?.kind !== "category") return [];
  const isShown = column.labels.map((label) => label === null || !hidden.has(label));
  return [(row) => isShown[column.codes[row]!]!];
}

/** The filters whose columns are there. */
const filtering = (filters: readonly Filter[], answers: ReadonlyMap<string, ColumnAnswer>): Test[] =>
  filters.flatMap((filter) => {
    const answer = answers.get(filter.column);
    return answer ? [passes(filter, answer)] : [];
  });

/** Positions of the points that pass every test; null for all. */
function shownPoints({ rows }: MapPoints, tests: readonly Test[]): number[] | null {
  if (tests.length === 0) return null;
  const shown: number[] = [];
  for (let i = 0; i < rows.length; i++) if (tests.every((test) => test(rows[i]!))) shown.push(i);
  return shown;
}

/** Beside the map's corner, so that it hides no neighbour of the point. */
function Pointed({ embedding, row, column }: { embedding: EmbeddingAnswer; row: number; column: ColumnAnswer | null }) {
  const values = useRow(embedding.id, row);
  if (values === null) return null;
  return (
    <div class="pointed" role="status">
      <Thumbnail embedding={embedding} values={values} sidePx={96} />
      <span>
        <strong>{formatValue(values.well ?? values.site_id ?? row)}</strong>
        {column && <span>{formatValue(values[column.name])}</span>}
        <span class="aside">{formatValue(values.plate_id)}</span>
      </span>
    </div>
  );
}
