// One compound: its curve, and its images dose by dose beside the controls.
import { useEffect, useState } from "preact/hooks";
import type { CompoundImages } from "../../../src/schema/compound-images.ts";
import { wordsOf } from "../notice.tsx";
import type { PageProps } from "../page-props.ts";
import { CurveChart } from "./curve-chart.tsx";
import { cellText, type ScreenRow } from "./screen-rows.ts";

interface Props extends PageProps {
  readonly row: ScreenRow;
  readonly columns: readonly string[];
}

export function CompoundPanel({ api, state, row, columns }: Props) {
  const verdict = row.cells[columns.indexOf("verdict")] ?? null;
  return (
    <aside class="compound" aria-label={row.treatment}>
      <div class="bar">
        <h2>{row.treatment}</h2>
        {verdict !== null && <span class="verdict">{cellText(verdict)}</span>}
        <button type="button" class="close" aria-label="Close" onClick={() => state.set({ compound: null })}>
          ✕
        </button>
      </div>
      {row.curve ? (
        <CurveChart curve={row.curve} />
      ) : (
        <p class="muted">
          No curve was written for it; <code>gandl evaluate dose-response</code> fits one.
        </p>
      )}
      <DoseImages api={api} treatment={row.treatment} />
    </aside>
  );
}

function DoseImages({ api, treatment }: Pick<PageProps, "api"> & { readonly treatment: string }) {
  const [found, setFound] = useState<CompoundImages | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    api.get<CompoundImages>(`/compound-images?treatment=${encodeURIComponent(treatment)}`).then(
      (images) => isCurrent && setFound(images),
      (error: unknown) => isCurrent && setProblem(wordsOf(error)),
    );
    return () => {
      isCurrent = false;
    };
  }, [api, treatment]);
  if (problem) return <p class="muted">{problem.split("\n")[0]}</p>;
  if (!found) return <p class="muted">Reading images …</p>;
  return (
    <section aria-label="Images">
      <h3>Images{found.synthetic ? " (synthetic: no real cells)" : ""}</h3>
      <div class="dose-images">
        {found.groups.map(({ label, kind, nImages, images }) => (
          <div key={`${kind} ${label}`} class={`dose ${kind}`}>
            <div class="dose-name">
              {label}
              <span class="muted"> {nImages}</span>
            </div>
            {images.map(({ site, well, plate, png }) => (
              <img
                key={site}
                src={`data:image/png;base64,${png}`}
                alt={`${label}: well ${well} of plate ${plate}`}
                title={`well ${well}, plate ${plate}`}
              />
            ))}
          </div>
        ))}
      </div>
    </section>
  );
}
