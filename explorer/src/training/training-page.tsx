// The Training page: curves and pictures of a run, as they come, and a way to stop it.
import { useEffect, useState } from "preact/hooks";
import { Gone, Problem, wordsOf } from "../notice.tsx";
import type { PageProps, RunEntry } from "../page-props.ts";
import { Empty } from "../parts/states.tsx";
import { followRun } from "./follow-run.ts";
import { chartsOf, EMPTY_HISTORY, type History, standing } from "./history.ts";
import { LineChart } from "./line-chart.tsx";
import { SampleViewer } from "./sample-viewer.tsx";
import { standingText } from "./standing-text.ts";

export function TrainingPage({ api, state, runs }: PageProps & { readonly runs: readonly RunEntry[] }) {
  const asked = state.get("run");
  const run = asked === null ? runs[0] : runs.find(({ id }) => id === asked);
  if (!run && runs.length > 0) return <Gone what="run" onOther={() => state.set({ run: null, sample: null })} />;
  if (!run) {
    return (
      <Empty title="There is no training run in the folders that are served.">
        <p>
          Start one with <code>gandl train --data DATASET --out RUN</code>, and serve its folder: it is followed while
          it runs.
        </p>
      </Empty>
    );
  }
  return (
    <div class="training">
      <div class="bar">
        <label>
          Run{" "}
          <select value={run.id} onChange={(event) => state.set({ run: event.currentTarget.value, sample: null })}>
            {runs.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <OneRun key={run.id} api={api} state={state} run={run} />
    </div>
  );
}

function OneRun({ api, state, run }: PageProps & { readonly run: RunEntry }) {
  const [history, setHistory] = useState<History>(EMPTY_HISTORY);
  const [isConnected, setConnected] = useState(true);
  const path = `/runs/${encodeURIComponent(run.id)}`;
  useEffect(
    () => followRun(api.url(`${path}/events`), { onHistory: setHistory, onConnection: setConnected }),
    [api, path],
  );
  const share = history.totalKimg ? Math.min(1, (history.ticks.at(-1)?.kimg ?? 0) / history.totalKimg) : 0;
  return (
    <>
      <div class="standing">
        <span id="standing">{standingText(history, Date.now())}</span>
        <progress value={share} max={1} aria-label="Share of the training that is done" />
        {standing(history, Date.now()) === "running" && <StopButton api={api} path={path} />}
      </div>
      <p class="muted">1 kimg: a thousand real images shown to the discriminator.</p>
      {!isConnected && <p class="muted">The line to the server is down; trying again …</p>}
      {history.nNonFinite > 0 && (
        <p class="warning">{history.nNonFinite} gradients were not finite; what they held was replaced.</p>
      )}
      <div class="charts">
        {chartsOf(history).map((chart) => (
          <LineChart key={chart.title} {...chart} />
        ))}
      </div>
      <SampleViewer api={api} state={state} path={path} samples={history.samples} />
    </>
  );
}

/** Asks twice: a stopped training goes on only by hand. */
function StopButton({ api, path }: Pick<PageProps, "api"> & { readonly path: string }) {
  const [step, setStep] = useState<"idle" | "sure" | "asked">("idle");
  const [problem, setProblem] = useState<string | null>(null);
  const stop = async () => {
    try {
      setProblem(null);
      await api.act(`${path}/stop`, {});
      setStep("asked");
    } catch (error) {
      setStep("idle");
      setProblem(wordsOf(error));
    }
  };
  if (problem) return <Problem text={problem} />;
  if (step === "asked") return <span class="muted">Stopping after this step, with a checkpoint …</span>;
  if (step === "idle") {
    return (
      <button type="button" onClick={() => setStep("sure")}>
        Stop with a checkpoint
      </button>
    );
  }
  return (
    <span class="sure">
      Stop this training?{" "}
      <button type="button" class="danger" onClick={() => void stop()}>
        Stop it
      </button>{" "}
      <button type="button" onClick={() => setStep("idle")}>
        Let it run
      </button>
    </span>
  );
}
