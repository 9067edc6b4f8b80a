// The losses that `loss.kind` chooses from. Adding one: its file, its numbers in src/schema/train-config.ts, one line here.
import type { ResolvedTrainConfig } from "../../schema/index.ts";
import type { Objective, ObjectiveDefinition } from "./define-objective.ts";
import { logistic } from "./logistic.ts";
import { relativistic } from "./relativistic.ts";
import { wganGp } from "./wgan-gp.ts";

export type { Objective, Penalty } from "./define-objective.ts";

export const OBJECTIVES = [logistic, wganGp, relativistic] as const;

/** The loss that a configuration asks for. */
export function objectiveOf(loss: ResolvedTrainConfig["loss"]): Objective {
  const definition = OBJECTIVES.find(({ kind }) => kind === loss.kind) as ObjectiveDefinition | undefined;
  if (definition === undefined) throw new Error(`internal: there is no loss '${loss.kind}'`);
  return definition.build(loss);
}
