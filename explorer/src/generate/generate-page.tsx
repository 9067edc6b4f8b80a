// The Generate page: what the generator has learned, by seed, by truncation, and on the way between two of them.
import { useEffect, useState } from "preact/hooks";
import type { DrawnImages } from "../../../src/schema/draw.ts";
import { Gone, Problem, wordsOf } from "../notice.tsx";
import type { PageProps, RunEntry } from "../page-props.ts";
import { Empty } from "../parts/states.tsx";
import { DrawControls } from "./draw-controls.tsx";
import { type DrawPlan, imageLabel, planOf, requestOf, walkKindOf } from "./draw-plan.ts";

/** Waits so long after the last change before it asks, so that a slider does not ask a hundred times. */
const SETTLE_MS = 250;

export function GeneratePage({ api, state, runs }: PageProps & { readonly runs: readonly RunEntry[] }) {
  const usable = runs.filter(({ checkpoints }) => checkpoints.length > 0);
  const asked = state.get("run");
  const run = asked === null ? usable[0] : usable.find(({ id }) => id === asked);
  if (!run && usable.length > 0 && !runs.some(({ id }) => id === asked))
    return <Gone what="run" onOther={() => state.set({ run: null, frame: null })} />;
  if (!run) {
    return (
      <Empty title="There is no checkpoint to draw images with in the folders that are served.">
        <p>
          Train a run with <code>gandl train --data DATASET --out RUN</code>; its first checkpoint is enough.
        </p>
      </Empty>
    );
  }
  return <OneRun key={run.id} {...{ api, state, runs: usable, run }} />;
}

interface OneRunProps extends PageProps {
  readonly runs: readonly RunEntry[];
  readonly run: RunEntry;
}

function OneRun({ api, state, runs, run }: OneRunProps) {
  const needsConditions = state.get("kind") === "conditions" && walkKindOf(run.classes) === "conditions";
  const [conditions, setConditions] = useState<readonly string[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (!needsConditions || conditions !== null) return;
    api
      .get<string[]>(`/runs/${encodeURIComponent(run.id)}/conditions`)
      .then(setConditions, (error: unknown) => setProblem(wordsOf(error)));
  }, [api, run.id, needsConditions]);
  const plan = planOf((key) => state.get(key), run.classes, conditions ?? []);
  return (
    <div class="generate">
      <DrawControls {...{ state, runs, run, plan, conditions: conditions ?? [] }} />
      {needsConditions && (conditions?.length ?? 0) < 2 ? (
        <Conditions found={conditions} problem={problem} />
      ) : (
        <Drawn {...{ api, state, run, plan }} />
      )}
    </div>
  );
}

/** Stands where a walk would, while its ends are looked for and where there are none. */
function Conditions({ found, problem }: { readonly found: readonly string[] | null; readonly problem: string | null }) {
  if (problem) return <Problem text={problem} />;
  if (found === null) return <p class="muted">Looking for conditions …</p>;
  return (
    <Empty title="There are no two conditions to walk between.">
      <p>
        Where a condition lies is found on real images of it. Serve the data set that the run was trained on beside it,
        with a <code>condition</code> for its images.
      </p>
    </Empty>
  );
}

interface DrawnProps extends PageProps {
  readonly run: RunEntry;
  readonly plan: DrawPlan;
}

function Drawn({ api, state, run, plan }: DrawnProps) {
  const [drawn, setDrawn] = useState<{ images: DrawnImages; plan: DrawPlan } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(true);
  const key = JSON.stringify(requestOf(plan));
  useEffect(() => {
    let isCurrent = true;
    setBusy(true);
    const timer = setTimeout(async () => {
      try {
        const images = await api.act<DrawnImages>(`/runs/${encodeURIComponent(run.id)}/draw`, requestOf(plan));
        if (!isCurrent) return;
        setDrawn({ images, plan });
        setProblem(null);
      } catch (error) {
        if (isCurrent) setProblem(wordsOf(error));
      } finally {
        if (isCurrent) setBusy(false);
      }
    }, SETTLE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [api, run.id, key]);
  const frame = drawn ? frameOf(state.get("frame"), drawn) : null;
  const setFrame = (next: number) => state.set({ frame: next === frame ? null : String(next) });
  return (
    <section aria-busy={isBusy} aria-label="Generated images">
      {problem && <Problem text={problem} />}
      {isBusy && (
        <p class="muted">
          {plan.kind === "conditions" ? "Drawing, after judging real images and two hundred seeds …" : "Drawing …"}
        </p>
      )}
      {drawn && !problem && (
        <>
          {frame !== null && <Large {...drawn} frame={frame} setFrame={setFrame} />}
          <Images {...drawn} frame={frame} setFrame={setFrame} />
          <p class="muted">
            Generated at {drawn.images.kimg} kimg: no real cells. Black to full colour: {drawn.images.range}.
            {drawn.images.told && ` ${drawn.images.told}`}
          </p>
        </>
      )}
    </section>
  );
}

/** Which image is shown large: of a walk always one, of seeds the one that was chosen. */
function frameOf(asked: string | null, { images, plan }: Pick<ImagesProps, "images" | "plan">): number | null {
  const frame = asked === null ? Number.NaN : Number(asked);
  if (images.images[frame] !== undefined) return frame;
  return plan.kind === "seeds" || images.images.length === 0 ? null : 0;
}

interface ImagesProps {
  readonly images: DrawnImages;
  readonly plan: DrawPlan;
  readonly frame: number | null;
  readonly setFrame: (frame: number) => void;
}

/** One image, large; of a walk with a slider from its beginning to its end. */
function Large({ images, plan, frame, setFrame }: ImagesProps & { readonly frame: number }) {
  const alt = `Generated image: ${imageLabel(plan, frame)}`;
  return (
    <figure class="walk">
      <img src={`data:image/png;base64,${images.images[frame]!.png}`} alt={alt} />
      <figcaption>
        {plan.kind === "seeds" ? imageLabel(plan, frame) : <Way {...{ images, plan, frame, setFrame }} />}
      </figcaption>
    </figure>
  );
}

function Way({ images, plan, frame, setFrame }: ImagesProps & { readonly frame: number }) {
  return (
    <label>
      {imageLabel(plan, 0)}{" "}
      <input
        type="range"
        min="0"
        max={images.images.length - 1}
        value={frame}
        aria-label="Place on the way"
        onInput={(event) => setFrame(Number(event.currentTarget.value))}
      />{" "}
      {imageLabel(plan, images.images.length - 1)}
    </label>
  );
}

function Images({ images, plan, frame, setFrame }: ImagesProps) {
  return (
    <div class="generated">
      {images.images.map(({ name, png }, i) => (
        <button
          key={name}
          type="button"
          class={i === frame ? "frame now" : "frame"}
          aria-pressed={i === frame}
          onClick={() => setFrame(i)}
        >
          <img src={`data:image/png;base64,${png}`} alt={`Generated image: ${imageLabel(plan, i)}`} />
          <span>{imageLabel(plan, i)}</span>
        </button>
      ))}
    </div>
  );
}
