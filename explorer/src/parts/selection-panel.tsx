// What a lasso holds: how many of each, and the rows to take away.
import { useMemo, useState } from "preact/hooks";
import type { ColumnAnswer, EmbeddingAnswer } from "../../../src/schema/explorer.ts";
import { apiPath, ask } from "../api.ts";
import { formatValue } from "./scale.ts";
import { type Amounts, type Counts, countsOf } from "./selection-counts.ts";
import { Failed } from "./states.tsx";

interface SelectionPanelProps {
  readonly embedding: EmbeddingAnswer;
  readonly rows: readonly number[];
  readonly column: ColumnAnswer | null;
  readonly onClear: () => void;
}

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
      {column && <Held rows={rows} column={column} />}
    </>
  );
}

/** Beside each count its share of all such rows: a cluster that holds a third of one treatment says more than its size. */
function Held({ rows, column }: { rows: readonly number[]; column: ColumnAnswer }) {
  const counts = useMemo(() => countsOf(rows, column), [rows, column]);
  const isAmounts = counts.kind === "amounts";
  return (
    <table>
      <caption class="aside">by {column.name}</caption>
      <thead>
        <tr>
          <th scope="col">{isAmounts ? "" : "value"}</th>
          <th scope="col">chosen</th>
          <th scope="col">{isAmounts ? "all" : "of all"}</th>
          {!isAmounts && <th scope="col">share</th>}
        </tr>
      </thead>
      <tbody>{isAmounts ? <AmountLines {...counts} /> : <ValueLines {...counts} />}</tbody>
    </table>
  );
}

function ValueLines({ lines, nMore }: Extract<Counts, { kind: "values" }>) {
  return (
    <>
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
          <td colSpan={3} />
        </tr>
      )}
    </>
  );
}

const AMOUNTS: readonly (readonly [keyof Amounts, string])[] = [
  ["n", "rows with a value"],
  ["lowest", "lowest"],
  ["lowerQuartile", "lower quartile"],
  ["median", "median"],
  ["upperQuartile", "upper quartile"],
  ["highest", "highest"],
];

const AmountLines = ({ chosen, all }: Extract<Counts, { kind: "amounts" }>) => (
  <>
    {AMOUNTS.map(([key, text]) => (
      <tr key={key}>
        <th scope="row">{text}</th>
        <td>{formatValue(chosen?.[key] ?? (key === "n" ? 0 : null))}</td>
        <td>{formatValue(all[key])}</td>
      </tr>
    ))}
  </>
);

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
