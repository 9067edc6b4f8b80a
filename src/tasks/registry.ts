// The tasks there are.
import { batchEffectsTask } from "./batch-effects.ts";
import { cellTypeTask } from "./cell-type.ts";
import { conditionTask } from "./condition.ts";
import type { Task } from "./define-task.ts";
import { doseResponseTask } from "./dose-response.ts";
import { unknownTask } from "./errors.ts";
import { hitsTask } from "./hits.ts";
import { perturbationTask } from "./perturbation.ts";
import { plateIdentityTask } from "./plate-identity.ts";
import { retrievalTask } from "./retrieval.ts";

/** Every task, in the order reports show them. */
export const tasks: readonly Task[] = [
  conditionTask,
  cellTypeTask,
  perturbationTask,
  hitsTask,
  doseResponseTask,
  retrievalTask,
  batchEffectsTask,
  plateIdentityTask,
];

/** The task with this id. @throws GanDlError `unknown-task`. */
export function findTask(id: string): Task {
  const task = tasks.find((t) => t.id === id);
  if (!task)
    throw unknownTask(
      id,
      tasks.map((t) => t.id),
    );
  return task;
}
