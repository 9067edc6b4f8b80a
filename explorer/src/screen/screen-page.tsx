// The Screen page: which compounds rescue, at what dose, and what that looks like.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { TaskRun } from "../../../src/schema/task-result.ts";
import { Gone, Problem, wordsOf } from "../notice.tsx";
import type { PageProps } from "../page-props.ts";
import { Empty } from "../parts/states.tsx";
import { CompoundPanel } from "./compound-panel.tsx";
import { HitTable } from "./hit-table.tsx";
import { arranged, readSelected, type ScreenTable, screenTables, toCsv, writeSelected } from "./screen-rows.ts";

/** A file of answers as the server tells it. */
interface Answers {
  readonly folder: string;
  readonly file: string;
  readonly runs: readonly TaskRun[];
}

export function ScreenPage({ api, state }: PageProps) {
  const [files, setFiles] = useState<readonly Answers[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    api.get<readonly Answers[]>("/results").then(setFiles, (error: unknown) => setProblem(wordsOf(error)));
  }, [api]);
  const tables = useMemo(() => (files ?? []).flatMap(tablesOf), [files]);
  if (problem) return <Problem text={problem} />;
  if (files === null) return <p class="muted">Looking for answers …</p>;
  const asked = state.get("table");
  const chosen = asked === null ? tables[0] : tables.find(({ id }) => id === asked);
  if (!chosen && tables.length > 0)
    return <Gone what="table" onOther={() => state.set({ ...UNCHOSEN, table: null })} />;
  if (!chosen) {
    return (
      <Empty title="There are no answers about compounds in the folders that are served.">
        <p>
          Write some with <code>gandl evaluate hits --embedding FILE --out results.json</code> or{" "}
          <code>gandl evaluate dose-response …</code>, and reload the page.
        </p>
      </Empty>
    );
  }
  return (
    <div class="screen">
      <div class="bar">
        <label>
          Answers{" "}
          <select value={chosen.id} onChange={(event) => state.set({ ...UNCHOSEN, table: event.currentTarget.value })}>
            {tables.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </div>
      <OneTable key={chosen.id} api={api} state={state} table={chosen.table} />
    </div>
  );
}

/** What is chosen of one table says nothing of another. */
const UNCHOSEN = { sort: null, compound: null, selected: null };

function tablesOf({ folder, file, runs }: Answers): { id: string; label: string; table: ScreenTable }[] {
  return screenTables(runs).map((table, i) => ({
    id: `${folder}/${file}#${i}`,
    label: `${table.run.title}, ${table.run.encoder} (${folder}/${file})`,
    table,
  }));
}

function OneTable({ api, state, table }: PageProps & { readonly table: ScreenTable }) {
  const search = state.get("search") ?? "";
  const [name = "", direction] = (state.get("sort") ?? "").split("~");
  const at = table.columns.indexOf(name);
  const order = { column: at >= 0 ? at : null, descending: direction === "down" };
  const rows = arranged(table.rows, search, order);
  const compound = table.rows.find(({ treatment }) => treatment === state.get("compound"));
  const selected = readSelected(state.get("selected"));
  const exported = selected.size > 0 ? rows.filter(({ treatment }) => selected.has(treatment)) : rows;
  const sortBy = (column: number) => {
    const isNumeric = table.rows.some(({ cells }) => typeof cells[column] === "number");
    const descending = order.column === column ? !order.descending : isNumeric;
    state.set({ sort: `${table.columns[column]}~${descending ? "down" : "up"}` });
  };
  return (
    <>
      <p class="question">{table.run.question}</p>
      <div class="bar">
        <input
          type="search"
          placeholder="Search treatments and verdicts"
          aria-label="Search treatments and verdicts"
          value={search}
          onInput={(event) => state.set({ search: event.currentTarget.value || null })}
        />
        <span class="muted" id="count">
          {rows.length} of {table.rows.length} treatments{selected.size > 0 ? `, ${selected.size} selected` : ""}
        </span>
        <button type="button" disabled={exported.length === 0} onClick={() => save(toCsv(table.columns, exported))}>
          Save {selected.size > 0 ? "the selection" : "what is shown"} (CSV)
        </button>
      </div>
      <div class={compound ? "with-compound" : ""}>
        <HitTable
          {...{ columns: table.columns, rows, order, selected, sortBy, compound: compound?.treatment ?? null }}
          choose={(treatment) => state.set({ compound: treatment })}
          select={(treatment, isIn) => {
            const others = [...selected].filter((one) => one !== treatment);
            state.set({ selected: writeSelected(isIn ? [...others, treatment] : others) });
          }}
        />
        {compound && (
          <CompoundPanel key={compound.treatment} {...{ api, state, row: compound, columns: table.columns }} />
        )}
      </div>
      {state.get("compound") !== null && !compound && (
        <p class="muted">{`"${state.get("compound")}" is not in this table.`}</p>
      )}
      {rows.length === 0 && <p class="muted">No treatment has all of these words; search for less.</p>}
      <ul class="notes">
        {table.run.notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </>
  );
}

function save(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  Object.assign(document.createElement("a"), { href: url, download: "treatments.csv" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
