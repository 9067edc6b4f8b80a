// Questions asked of profiles. A new task is one file and one line here.

export { compareToTruth, type PlantedCompound, type TruthRuns } from "./compare-to-truth.ts";
export { ConditionParams, conditionTask } from "./condition.ts";
export { defineTask, runTask, type Task, type TaskContext } from "./define-task.ts";
export { DoseResponseParams, doseResponseTask } from "./dose-response.ts";
export { type AxisScores, perturbationAxis } from "./perturbation-axis.ts";
export { PlateIdentityParams, plateIdentityTask } from "./plate-identity.ts";
export { findTask, tasks } from "./registry.ts";
export { Selector } from "./selection.ts";
