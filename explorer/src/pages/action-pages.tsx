// Training, Screen and Generate in the explorer's frame: what they are given comes from the address and the server.
import type { JSX } from "preact";
import { askJson, useAnswer, useLast } from "../api.ts";
import type { ExplorerApi } from "../explorer-api.ts";
import { GeneratePage as Generate } from "../generate/generate-page.tsx";
import type { FrameProps, PageState, RunEntry } from "../page-props.ts";
import { Loaded } from "../parts/states.tsx";
import { change, route } from "../router.ts";
import { ScreenPage as Screen } from "../screen/screen-page.tsx";
import { TrainingPage as Training } from "../training/training-page.tsx";
import "../styles/action-pages.css";

let session: Promise<{ token: string }> | null = null;

const api: ExplorerApi = {
  url: (path) => `api${path}`,
  get: (path) => askJson(`api${path}`),
  act: async (path, body) => {
    session ??= askJson<{ token: string }>("api/session");
    const { token } = await session;
    const headers = { "Content-Type": "application/json", "X-Gandl-Action": token };
    return askJson(`api${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  },
};

/** What was typed or slid is no step to go back to; what was chosen is. */
const SLIDING = ["search", "sample", "truncation", "frame", "selected"];

const state: PageState = {
  get: (key) => route.value.params[key] ?? null,
  set: (changes) =>
    change(Object.fromEntries(Object.entries(changes).map(([key, value]) => [key, value ?? undefined])), {
      isStep: !Object.keys(changes).every((key) => SLIDING.includes(key)),
    }),
};

/** These pages begin with what can be chosen; their name is for those who do not see the navigation. */
const Named = ({ name, children }: { readonly name: string; readonly children: JSX.Element }) => (
  <>
    <h1 class="unseen">{name}</h1>
    {children}
  </>
);

interface WithRunsProps extends FrameProps {
  readonly children: (runs: readonly RunEntry[]) => JSX.Element;
}

/** Asked again when a run has come or gone. */
function WithRuns({ catalogue, children }: WithRunsProps) {
  const ids = catalogue.entries.filter(({ kind }) => kind === "run").map(({ id }) => id);
  const runs = useAnswer(`runs ${ids}`, (signal) => askJson<readonly RunEntry[]>("api/runs", { signal }));
  return (
    <Loaded of={useLast(runs)} what="the runs">
      {children}
    </Loaded>
  );
}

export const TrainingPage = ({ catalogue }: FrameProps) => (
  <Named name="Training">
    <WithRuns catalogue={catalogue}>{(runs) => <Training api={api} state={state} runs={runs} />}</WithRuns>
  </Named>
);
export const GeneratePage = ({ catalogue }: FrameProps) => (
  <Named name="Generate">
    <WithRuns catalogue={catalogue}>{(runs) => <Generate api={api} state={state} runs={runs} />}</WithRuns>
  </Named>
);
export const ScreenPage = () => (
  <Named name="Screen">
    <Screen api={api} state={state} />
  </Named>
);
