// What a lasso holds: how many of each, and the rows to take away.
import { useState } from "preact/hooks";
import type { ColumnAnswer, EmbeddingAnswer } from "../../../src/schema/explorer.ts";
import { apiPath, ask } from "../api.ts";
import { formatValue, type Value } from "./scale.ts";
import { Failed } from "./states.tsx";

interface SelectionPanelProps {
  readonly embedding: EmbeddingAnswer;
  readonly rows: readonly number[];
  readonly column: ColumnAnswer | null;
  readonly onClear: () => void;
}

const MOST_LINES = 30;

export function SelectionPanel({ embedding, rows, column, onClear }: SelectionPanelProps) {
  const [error, setError] = useState<Error | null>(null);
  const onExport = () => {
    setError(null);
    download(embedding.id, rows).catch(setError);
  };
  return (
    <>
      <div class="title">
        <h2>{rows.length.toLocaleString("en")} points chosen</h2>
        <span class="tools">
          <button type="button" onClick={onExport}>
            Export CSV
          </button>
          <button type="button" onClick={onClear}>
            Clear
          </button>
        </span>
      </div>
      {error && <Failed error={error} />}
      {column && <Counts rows={rows} column={column} />}
    </>
  );
}

/** Beside each count its share of all such rows: a cluster that holds a third of one treatment says more than its size. */
function Counts({ rows, column }: { rows: readonly number[]; column: ColumnAnswer }) {
  const { lines, nMore } = countsOf(rows, column);
  return (
    <table>
      <caption class="aside">by {column.name}</caption>
      <thead>
        <tr>
          <th scope="col">value</th>
          <th scope="col">chosen</th>
          <th scope="col">of all</th>
          <th scope="col">share</th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ label, n, of }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td>{n.toLocaleString("en")}</td>
            <td>{of.toLocaleString("en")}</td>
            <td>{((100 * n) / of).toFixed(0)} %</td>
          </tr>
        ))}
        {nMore > 0 && (
          <tr>
            <th scope="row">{nMore} more values</th>
            <td />
            <td />
            <td />
          </tr>
        )}
      </tbody>
    </table>
  );
}

function countsOf(rows: readonly number[], column: ColumnAnswer) {
  const at = (row: number): Value =>
    column.kind === "category" ? column.labels[column.codes[row]!]! : (column.values[row] ?? null);
  const nRows = column.kind === "category" ? column.codes.length : column.values.length;
  const all = new Map<Value, number>();
  for (let row = 0; row < nRows; row++) all.set(at(row), (all.get(at(row)) ?? 0) + 1);
  const chosen = new Map<Value, number>();
  for (const row of rows) chosen.set(at(row), (chosen.get(at(row)) ?? 0) + 1);
  const sorted = [...chosen].sort((a, b) => b[1] - a[1]);
  const lines = sorted
    .slice(0, MOST_LINES)
    .map(([value, n]) => ({ label: formatValue(value), n, of: all.get(value)! }));
  return { lines, nMore: sorted.length - lines.length };
}

async function download(embedding: string, rows: readonly number[]): Promise<void> {
  const response = await ask(apiPath("embeddings", embedding, "selection"), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ rows }),
  });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = "selection.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
