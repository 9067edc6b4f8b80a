// Questions asked of profiles. A new task is one file and one line here.

export { BatchEffectsParams, batchEffectsTask } from "./batch-effects.ts";
export { CellTypeParams, cellTypeTask } from "./cell-type.ts";
export {
  type Asked,
  type CompareOptions,
  type Comparison,
  type ComparisonRow,
  compareEmbeddings,
  type NamedProfiles,
} from "./compare.ts";
export { compareToTruth, type PlantedCompound, type TruthRuns } from "./compare-to-truth.ts";
export { ConditionParams, conditionTask } from "./condition.ts";
export { type ConditionAxis, type ConditionAxisOptions, conditionAxis } from "./condition-axis.ts";
export { defineTask, runTask, type Task, type TaskContext } from "./define-task.ts";
export { DoseResponseParams, doseResponseTask } from "./dose-response.ts";
export { type Evidence, type Figure, type Resampling, scoreOf } from "./figure.ts";
export { type FittedCurve, fitCurves } from "./fit-curves.ts";
export { HitsParams, hitsTask } from "./hits.ts";
export { PerturbationParams, perturbationTask } from "./perturbation.ts";
export { type AxisScores, perturbationAxis } from "./perturbation-axis.ts";
export { PlateIdentityParams, plateIdentityTask } from "./plate-identity.ts";
export type { TaskProgress } from "./progress.ts";
export { findTask, tasks } from "./registry.ts";
export { RetrievalParams, retrievalTask } from "./retrieval.ts";
export { Selector } from "./selection.ts";
