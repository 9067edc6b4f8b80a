// A run's sample grids: real images on the left, generated ones of any moment on the right.
import type { PageProps } from "../page-props.ts";
import type { History } from "./history.ts";

interface Props extends PageProps {
  readonly path: string;
  readonly samples: History["samples"];
}

/** The file of a sample below the run's `samples` folder. */
const fileOf = (file: string) => file.split(/[\\/]/).at(-1) ?? file;

export function SampleViewer({ api, state, path, samples }: Props) {
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
        <img src={api.url(`${path}/samples/real.png`)} alt="Real images of the data set, stain by stain" />
        <figcaption>Real images</figcaption>
      </figure>
      <figure>
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
