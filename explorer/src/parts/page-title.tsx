// The head of a page about one thing of the catalogue: its name, and which others there are.
import type { CatalogueEntry } from "../../../src/schema/explorer.ts";
import { Choice } from "./choice.tsx";

interface PageTitleProps {
  readonly entry: CatalogueEntry;
  readonly entries: readonly CatalogueEntry[];
  /** What is chosen, as its label says. */
  readonly label: string;
  readonly onChoose: (id: string) => void;
}

export function PageTitle({ entry, entries, label, onChoose }: PageTitleProps) {
  return (
    <div class="title">
      <div>
        <h1>{entry.title}</h1>
        <p class="aside">
          {entry.name} · {entry.detail}
        </p>
      </div>
      {entries.length > 1 && (
        <Choice
          label={label}
          value={entry.id}
          options={entries.map(({ id, name }) => [id, name] as const)}
          onChoose={onChoose}
        />
      )}
    </div>
  );
}
