// What can be asked of a generator.
import type { PageState, RunEntry } from "../page-props.ts";
import { type DrawPlan, walkKindOf } from "./draw-plan.ts";

interface Props {
  readonly state: PageState;
  readonly runs: readonly RunEntry[];
  readonly run: RunEntry;
  readonly plan: DrawPlan;
  /** Of the data set that the run was trained on. */
  readonly conditions: readonly string[];
}

export function DrawControls({ state, runs, run, plan, conditions }: Props) {
  // Another set of images begins at its first.
  const set = (key: string) => (value: string) => state.set({ [key]: value, frame: null });
  const number = (label: string, key: string, value: number, max: number) => (
    <label>
      {label}{" "}
      <input type="number" min="0" max={max} value={value} onChange={(event) => set(key)(event.currentTarget.value)} />
    </label>
  );
  const classes = run.classes.map((name): [string, string] => [name, name]);
  const ends = plan.kind === "conditions" ? conditions.map((name): [string, string] => [name, name]) : classes;
  const leads = plan.kind === "classes" || plan.kind === "conditions";
  return (
    <div class="controls bar">
      <Choice label="Run" value={run.id} options={runs.map(({ id, name }) => [id, name])} set={set("run")} />
      <Choice
        label="Checkpoint"
        value={plan.checkpoint}
        options={[["latest", "latest"], ...run.checkpoints.map((k): [string, string] => [String(k), `${k} kimg`])]}
        set={set("checkpoint")}
      />
      <Choice
        label="Show"
        value={plan.kind}
        options={[
          ["seeds", "images by seed"],
          ["walk", "a walk between two seeds"],
          [walkKindOf(run.classes), "a walk between two conditions"],
        ]}
        set={set("kind")}
      />
      {number(plan.kind === "walk" ? "From seed" : leads ? "Seed" : "First seed", "seed", plan.seed, 2 ** 32 - 1)}
      {plan.kind === "seeds" && number("Images", "n", plan.n, 64)}
      {plan.kind === "walk" && number("To seed", "to", plan.to, 2 ** 32 - 1)}
      {plan.kind !== "seeds" && number("Steps", "steps", plan.steps, 64)}
      {leads && <Choice label="From" value={plan.fromClass} options={ends} set={set("from-class")} />}
      {leads && <Choice label="To" value={plan.toClass} options={ends} set={set("to-class")} />}
      {!leads && classes.length > 0 && (
        <Choice
          label="Condition"
          value={plan.className}
          options={[["", "each image its own"], ...classes]}
          set={set("class")}
        />
      )}
      <label>
        Truncation{" "}
        <input
          type="range"
          min="0"
          max="1"
          step="0.05"
          value={plan.truncation}
          onChange={(event) => set("truncation")(event.currentTarget.value)}
        />{" "}
        {plan.truncation.toFixed(2)}
      </label>
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly set: (value: string) => void;
}

function Choice({ label, value, options, set }: ChoiceProps) {
  return (
    <label>
      {label}{" "}
      <select value={value} onChange={(event) => set(event.currentTarget.value)}>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
