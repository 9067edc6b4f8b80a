// Every row of the bench, in the order in which they run.
import type { BenchRow } from "./row.ts";
import { embedding } from "./rows/embedding.ts";
import { handcrafted } from "./rows/handcrafted.ts";
import { importing } from "./rows/importing.ts";
import { loading } from "./rows/loading.ts";
import { machineRates } from "./rows/machine-rates.ts";
import { nativeCall } from "./rows/native-call.ts";
import { primitives } from "./rows/primitives.ts";
import { tasks } from "./rows/tasks.ts";
import { training } from "./rows/training.ts";

/** Adding a row is a file in `rows/` and a line here. */
export const ROWS: readonly BenchRow[] = [
  ...machineRates,
  nativeCall,
  ...primitives,
  ...training,
  ...loading,
  ...embedding,
  importing,
  ...handcrafted,
  ...tasks,
];

/** The rows called `name`, or below it: `train/small` names all of that size. */
export function rowsNamed(rows: readonly BenchRow[], name: string): BenchRow[] {
  return rows.filter((row) => row.name === name || row.name.startsWith(`${name}/`));
}
