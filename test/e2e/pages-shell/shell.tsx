// The least that shows a page of the explorer: what it is given, and an address that keeps its state.
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { explorerApi } from "../../../explorer/src/explorer-api.ts";
import { GeneratePage } from "../../../explorer/src/generate/generate-page.tsx";
import type { RunEntry } from "../../../explorer/src/page-props.ts";
import { ScreenPage } from "../../../explorer/src/screen/screen-page.tsx";
import { TrainingPage } from "../../../explorer/src/training/training-page.tsx";

const token = fetch("/api/session")
  .then((response) => response.json() as Promise<{ token: string }>)
  .then(({ token }) => token);
const api = explorerApi("/api", () => token);

function Shell() {
  const [runs, setRuns] = useState<readonly RunEntry[] | null>(null);
  const [query, setQuery] = useState(location.search);
  useEffect(() => {
    void api.get<readonly RunEntry[]>("/runs").then(setRuns);
  }, []);
  if (runs === null) return null;
  const params = new URLSearchParams(query);
  const state = {
    get: (key: string) => params.get(key),
    set: (changes: Readonly<Record<string, string | null>>) => {
      const next = new URLSearchParams(location.search);
      for (const [key, value] of Object.entries(changes)) value === null ? next.delete(key) : next.set(key, value);
      history.replaceState(null, "", `?${next}`);
      setQuery(`?${next}`);
    },
  };
  const page = location.pathname;
  if (page === "/screen") return <ScreenPage api={api} state={state} />;
  if (page === "/generate") return <GeneratePage api={api} state={state} runs={runs} />;
  return <TrainingPage api={api} state={state} runs={runs} />;
}

render(<Shell />, document.querySelector("#page")!);
