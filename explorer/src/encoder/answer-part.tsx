// What came out: the condition score, the nearest wells and what to distrust.
import type { EncoderPage } from "../../../src/schema/encoder-page.ts";
import { featuresCsv, signed, WELL_HEADINGS, wellCell } from "./answer-table.ts";
import type { Answer } from "./page-state.ts";
import { ScoreStrip } from "./score-strip.tsx";
import { conditionText } from "./summary-text.ts";

interface Props {
  readonly page: EncoderPage;
  readonly answer: Answer;
}

export function AnswerPart({ page, answer }: Props) {
  const tiles = answer.nTiles === 1 ? "one tile" : `${answer.nTiles} tiles`;
  return (
    <section id="answer" aria-label="What it is like">
      {page.axis && answer.condition && (
        <>
          <h2>
            {page.axis.negativeName} or {page.axis.positiveName}?
          </h2>
          <ScoreStrip axis={page.axis} score={answer.condition.score} />
          {conditionText(page.axis, answer.condition).map((line) => (
            <p key={line}>{line}</p>
          ))}
        </>
      )}
      <h2>Nearest wells</h2>
      <WellTable page={page} answer={answer} />
      <ul class="notes">
        {page.notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <p class="muted">
        {tiles}, {page.features.n} features of {page.encoder.tap}, {Math.round(answer.milliseconds)} ms.{" "}
        <button type="button" onClick={() => save("features.csv", featuresCsv(answer.features))}>
          Save the features (CSV)
        </button>
      </p>
    </section>
  );
}

function WellTable({ page, answer }: Props) {
  const columns = Object.keys(WELL_HEADINGS).filter((name) => page.wells.columns[name] !== undefined);
  return (
    <table class="wells">
      <thead>
        <tr>
          <th scope="col" class="number">
            Similarity
          </th>
          {columns.map((name) => (
            <th key={name} scope="col">
              {WELL_HEADINGS[name]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {answer.wells.map(({ row, similarity }) => (
          <tr key={row}>
            <td class="number">{signed(similarity, 3)}</td>
            {columns.map((name) => (
              <td key={name}>{wellCell(name, page.wells.columns[name]?.[row] ?? null)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
