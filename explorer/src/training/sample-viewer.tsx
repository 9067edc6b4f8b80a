// A run's sample grids: real images on the left, generated ones of any moment on the right, each row under its stain's name.
import { useEffect, useState } from "preact/hooks";
import type { PageProps, RunStain } from "../page-props.ts";
import type { History } from "./history.ts";

interface Props extends PageProps {
  readonly path: string;
  readonly samples: History["samples"];
}

/** The file of a sample below the run's `samples` folder. */
const fileOf = (file: string) => file.split(/[\\/]/).at(-1) ?? file;

export function SampleViewer({ api, state, path, samples }: Props) {
  const stains = useStains(api, path, samples.length > 0);
  if (samples.length === 0)
    return <p class="muted">The first grid of generated images comes with the first samples.</p>;
  const wanted = Number(state.get("sample") ?? Number.NaN);
  const found = samples.findIndex(({ kimg }) => kimg === wanted);
  const at = found >= 0 ? found : samples.length - 1;
  const { kimg, file } = samples[at]!;
  const show = (i: number) => state.set({ sample: i === samples.length - 1 ? null : String(samples[i]!.kimg) });
  return (
    <section class="samples" aria-label="Sample grids">
      <figure>
        <RowNames stains={stains} />
        <img src={api.url(`${path}/samples/real.png`)} alt="Real images of the data set, stain by stain" />
        <figcaption>Real images, one a column</figcaption>
      </figure>
      <figure>
        <RowNames stains={stains} />
        <img
          src={api.url(`${path}/samples/${encodeURIComponent(fileOf(file))}`)}
          alt={`Generated images at ${kimg} kimg, stain by stain`}
        />
        <figcaption>
          <label>
            Generated at {Number(kimg.toPrecision(4))} kimg{" "}
            <input
              type="range"
              min="0"
              max={samples.length - 1}
              value={at}
              disabled={samples.length < 2}
              onInput={(event) => show(Number(event.currentTarget.value))}
            />
          </label>
        </figcaption>
      </figure>
    </section>
  );
}

/** Asked when there is a grid to name: by then the run has a checkpoint, which knows. */
function useStains(api: PageProps["api"], path: string, isWanted: boolean): readonly RunStain[] {
  const [stains, setStains] = useState<readonly RunStain[]>([]);
  useEffect(() => {
    if (isWanted) api.get<RunStain[]>(`${path}/stains`).then(setStains, () => setStains([])); // the grids show without names too
  }, [api, path, isWanted]);
  return stains;
}

function RowNames({ stains }: { readonly stains: readonly RunStain[] }) {
  if (stains.length === 0) return null;
  return (
    <ol class="rows" aria-label="Rows of the picture, from the top">
      <li>all stains</li>
      {stains.map(({ name, colour }) => (
        <li key={name}>
          <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
            <rect width="10" height="10" rx="2" fill={colour} />
          </svg>
          {name}
        </li>
      ))}
    </ol>
  );
}
