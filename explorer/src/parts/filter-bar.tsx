// The filters of a map: add a column, tick values or give a range, take it off again.
import { useMemo, useState } from "preact/hooks";
import type { ColumnAnswer, ColumnInfo } from "../../../src/schema/explorer.ts";
import { type Filter, numberOf } from "./filters.ts";
import { formatValue } from "./scale.ts";

interface FilterBarProps {
  readonly columns: readonly ColumnInfo[];
  readonly filters: readonly Filter[];
  /** Of each filter, when it is there. */
  readonly answers: ReadonlyMap<string, ColumnAnswer>;
  readonly onChange: (filters: readonly Filter[], isStep: boolean) => void;
}

export function FilterBar({ columns, filters, answers, onChange }: FilterBarProps) {
  const free = columns.filter(({ name, nDistinct }) => nDistinct > 0 && !filters.some((one) => one.column === name));
  const add = (name: string) => {
    const kind = columns.find((one) => one.name === name)?.kind;
    if (kind === "category") onChange([...filters, { kind, column: name, labels: [] }], true);
    if (kind === "number") onChange([...filters, { kind, column: name, low: null, high: null }], true);
  };
  const replace = (next: Filter) =>
    onChange(
      filters.map((one) => (one.column === next.column ? next : one)),
      false,
    );
  return (
    <div class="filters">
      {filters.map((filter) => (
        <fieldset key={filter.column}>
          <legend>{filter.column}</legend>
          <button
            type="button"
            class="quiet"
            aria-label={`Remove the filter ${filter.column}`}
            onClick={() =>
              onChange(
                filters.filter((one) => one !== filter),
                true,
              )
            }
          >
            ×
          </button>
          {!columns.some(({ name }) => name === filter.column) ? (
            <span class="aside">no such column here</span>
          ) : filter.kind === "category" ? (
            <Values filter={filter} column={answers.get(filter.column)} onChange={replace} />
          ) : (
            <Range filter={filter} column={answers.get(filter.column)} onChange={replace} />
          )}
        </fieldset>
      ))}
      <label class="choice">
        <span>Filter by</span>
        <select value="" onChange={(event) => add(event.currentTarget.value)}>
          <option value="">choose a column …</option>
          {free.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

interface PartProps<Kind> {
  readonly filter: Extract<Filter, { kind: Kind }>;
  readonly column: ColumnAnswer | undefined;
  readonly onChange: (next: Filter) => void;
}

/** More are not listed: a column of names is searched for in the table, not ticked. */
const MOST_VALUES = 300;

function Values({ filter, column, onChange }: PartProps<"category">) {
  const counts = useMemo(() => {
    if (column?.kind !== "category") return [];
    const n = new Array<number>(column.labels.length).fill(0);
    for (const code of column.codes) n[code]!++;
    return n;
  }, [column]);
  if (column?.kind !== "category") return <span class="aside">…</span>;
  const ticked = new Set(filter.labels);
  const toggle = (label: string | null) => {
    if (!ticked.delete(label)) ticked.add(label);
    onChange({ ...filter, labels: [...ticked] });
  };
  const nMore = column.labels.length - MOST_VALUES;
  return (
    <ul>
      {column.labels.slice(0, MOST_VALUES).map((label, i) => (
        <li key={label ?? ""}>
          <label>
            <input type="checkbox" checked={ticked.has(label)} onChange={() => toggle(label)} />
            {label === null || label === "" ? "no value" : label} <span class="aside">{counts[i]}</span>
          </label>
        </li>
      ))}
      {nMore > 0 && <li class="aside">and {nMore} more</li>}
    </ul>
  );
}

function Range({ filter, column, onChange }: PartProps<"number">) {
  const [low, high] = useMemo(() => rangeOf(column), [column]);
  return (
    <span class="range">
      <Bound
        label={`Lowest ${filter.column}`}
        placeholder={formatValue(low)}
        value={filter.low}
        onChange={(bound) => onChange({ ...filter, low: bound })}
      />
      <span class="aside">to</span>
      <Bound
        label={`Highest ${filter.column}`}
        placeholder={formatValue(high)}
        value={filter.high}
        onChange={(bound) => onChange({ ...filter, high: bound })}
      />
    </span>
  );
}

interface BoundProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
}

/** What is being typed is kept apart: an answer that arrives meanwhile draws the bar anew and would else take it away. */
function Bound({ label, placeholder, value, onChange }: BoundProps) {
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <input
      type="text"
      inputMode="decimal"
      aria-label={label}
      placeholder={placeholder}
      value={draft ?? value ?? ""}
      onInput={(event) => setDraft(event.currentTarget.value)}
      onChange={(event) => {
        setDraft(null);
        onChange(numberOf(event.currentTarget.value));
      }}
    />
  );
}

function rangeOf(column: ColumnAnswer | undefined): [number | null, number | null] {
  let [low, high]: [number | null, number | null] = [null, null];
  for (const value of column?.kind === "number" ? column.values : []) {
    if (value === null) continue;
    low = low === null ? value : Math.min(low, value);
    high = high === null ? value : Math.max(high, value);
  }
  return [low, high];
}
