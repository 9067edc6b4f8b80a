// What there is to look at, as it is now: a run or an embedding that comes while the page stands open appears by itself.
import { useEffect, useState } from "preact/hooks";
import type { Catalogue } from "../../src/schema/explorer.ts";
import { type Answer, askJson, useAnswer } from "./api.ts";

/** The server walks its folders at most every two seconds. */
const LOOK_MS = 5000;

/** Calls `onChange` with what `ask` answers whenever that differs from `known`, until the returned function is called. Quiet while hidden. */
export function watchCatalogue(
  known: Catalogue,
  ask: () => Promise<Catalogue>,
  onChange: (now: Catalogue) => void,
  lookMs = LOOK_MS,
): () => void {
  let last = JSON.stringify(known);
  let timer: ReturnType<typeof setTimeout>;
  const look = async () => {
    if (!globalThis.document?.hidden) {
      const now = await ask().catch(() => null); // what is shown stays; what is asked for next says that the server is gone
      if (now && JSON.stringify(now) !== last) {
        last = JSON.stringify(now);
        onChange(now);
      }
    }
    timer = setTimeout(look, lookMs);
  };
  timer = setTimeout(look, lookMs);
  return () => clearTimeout(timer);
}

/** Asked anew with each page, and looked at again while it is open. */
export function useCatalogue(page: string | undefined): Answer<Catalogue> {
  const first = useAnswer(`catalogue for ${page}`, (signal) => askJson<Catalogue>("api/catalogue", { signal }));
  const [later, setLater] = useState<{ of: Catalogue; now: Catalogue } | null>(null);
  const known = first.state === "there" ? first.value : null;
  useEffect(() => {
    if (known === null) return;
    return watchCatalogue(
      known,
      () => askJson<Catalogue>("api/catalogue"),
      (now) => setLater({ of: known, now }),
    );
  }, [known]);
  return later !== null && later.of === known ? { state: "there", value: later.now } : first;
}
