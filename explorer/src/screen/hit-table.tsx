// Treatments, a line each: sorted by a click on a heading, opened by a click on a name.
import { type Order, type ScreenRow, shownColumns, shownText } from "./screen-rows.ts";

interface Props {
  readonly columns: readonly string[];
  readonly rows: readonly ScreenRow[];
  readonly order: Order;
  readonly selected: ReadonlySet<string>;
  readonly compound: string | null;
  sortBy(column: number): void;
  choose(treatment: string): void;
  select(treatment: string, isIn: boolean): void;
}

/** More lines are shown a page at a time. */
const MAX_SHOWN = 500;

export function HitTable({ columns, rows, order, selected, compound, sortBy, choose, select }: Props) {
  const isNumber = columns.map((_, k) => rows.some(({ cells }) => typeof cells[k] === "number"));
  const shown = shownColumns(columns);
  const sorting = (k: number) => (order.column === k ? (order.descending ? "descending" : "ascending") : "none");
  return (
    <div class="table-frame">
      <table class="hits">
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">Selected</span>
            </th>
            {shown.map(({ name, at: k }) => (
              <th key={name} scope="col" aria-sort={sorting(k)} class={isNumber[k] ? "number" : ""}>
                <button type="button" onClick={() => sortBy(k)}>
                  {name}
                  <span aria-hidden="true">{order.column === k ? (order.descending ? " ▾" : " ▴") : ""}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MAX_SHOWN).map(({ treatment, cells, curve }) => (
            <tr key={treatment} class={treatment === compound ? "open" : ""}>
              <td>
                <input
                  type="checkbox"
                  aria-label={`Select ${treatment}`}
                  checked={selected.has(treatment)}
                  onChange={(event) => select(treatment, event.currentTarget.checked)}
                />
              </td>
              {shown.map((column) => (
                <td
                  key={column.name}
                  class={isNumber[column.at] ? "number" : ""}
                  title={typeof cells[column.at] === "number" && column.upTo === null ? String(cells[column.at]) : ""}
                >
                  {cells[column.at] === treatment ? (
                    <button type="button" class="link" onClick={() => choose(treatment)}>
                      {treatment}
                      {curve?.ec50Um != null && <span aria-hidden="true"> ∿</span>}
                    </button>
                  ) : (
                    shownText(cells, column)
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MAX_SHOWN && <p class="muted">The first {MAX_SHOWN} are shown; search for others.</p>}
    </div>
  );
}
