// What is asked of profiles, on a drawn screen of any size: every task, every transform that learns, and the map.
import { SeededRandom } from "gan-dl/core";
import { fitPipeline, map2d, type ProfileTable, parseStep, profileTable } from "gan-dl/profiles";
import { findTask, runTask } from "gan-dl/tasks";

/** Images and features of a drawn screen. */
export interface TableSize {
  readonly rows: number;
  readonly features: number;
}

const HEALTHY = { condition: ["Mock"] };
const DISEASED = { condition: ["Active"], treatment: [null] };
const UNTREATED = { treatment: [null] };
const TREATED = { treated: ["yes"] };

const task =
  (id: string, params: Record<string, unknown>) =>
  (table: ProfileTable): unknown =>
    runTask(findTask(id), table, params, { seed: 1, encoder: "drawn" });
const step =
  (text: string) =>
  (table: ProfileTable): unknown =>
    fitPipeline(table, [parseStep(text)]);

/** Each is a row of the bench. */
export const TASK_JOBS: Readonly<Record<string, (table: ProfileTable) => unknown>> = {
  condition: task("condition", { negative: UNTREATED, positive: TREATED }),
  "cell-type": task("cell-type", {}),
  perturbation: task("perturbation", { rows: TREATED }),
  hits: task("hits", { healthy: HEALTHY, diseased: DISEASED, treated: TREATED }),
  "dose-response": task("dose-response", { healthy: HEALTHY, diseased: DISEASED, treated: TREATED }),
  retrieval: task("retrieval", { controls: UNTREATED }),
  "batch-effects": task("batch-effects", {}),
  "plate-identity": task("plate-identity", { rows: HEALTHY }),
  standardise: step("standardise:by=plate_id"),
  sphere: step("sphere"),
  tvn: step("tvn:by=plate_id"),
  harmony: step("harmony:by=experiment"),
  umap: (table) => map2d(table, { kind: "umap" }),
};

const PLATES = 56;
/** Wells in a row of a 1536-well plate's inner part. */
const COLUMNS = 46;
const DOSES = 7;
/** Normals that features are read from, from a random place on: drawing each anew would take longer than the tasks. */
const POOL = 1 << 20;

/**
 * A screen of 56 plates in four experiments and two cell types, four images a well: one well in thirty-four healthy, one in nine
 * untreated, the rest compounds at seven doses, one well each on every one of four plates. Equal sizes give equal screens.
 */
export function drawnScreen({ rows, features: nFeatures }: TableSize): ProfileTable {
  const random = new SeededRandom(1);
  const perPlate = Math.ceil(rows / PLATES);
  const wells = Math.ceil(perPlate / 4);
  const [healthy, untreated] = [Math.ceil(wells / 34), Math.ceil(wells / 9)];
  const compounds = Math.ceil((wells - untreated) / DOSES);
  const columns = new Map<string, (string | number | null)[]>();
  const pool = Float32Array.from({ length: POOL }, () => random.normal());
  const features = new Float32Array(rows * nFeatures);
  let at = 0;
  for (let i = 0; i < rows; i++) {
    const plate = Math.floor(i / perPlate);
    const well = Math.floor((i % perPlate) / 4);
    const isTreated = well >= untreated;
    const own = well - untreated;
    const row = {
      ...{ plate_id: `p${plate}`, well_id: `p${plate}_w${well}`, experiment: `e${plate % 4}` },
      ...{ cell_type: plate % 2 === 0 ? "HRCE" : "VERO", condition: well < healthy ? "Mock" : "Active" },
      ...{ treated: isTreated ? "yes" : "no", row: Math.floor(well / COLUMNS), column: well % COLUMNS },
      treatment: isTreated ? `C${(plate >> 2) * compounds + Math.floor(own / DOSES)}` : null,
      dose_um: isTreated ? 10 ** ((own % DOSES) / 2 - 2) : null,
    };
    for (const [name, value] of Object.entries(row)) {
      const column = columns.get(name);
      if (column) column.push(value);
      else columns.set(name, [value]);
    }
    if (i % 64 === 0) at = random.integer(POOL / 2);
    const severity = well < healthy ? 0 : 1;
    for (let j = 0; j < nFeatures; j++) {
      const shift = j < 4 ? 1.5 * severity : j === 5 ? plate * 0.1 : j === 6 ? plate % 2 : 0;
      features[i * nFeatures + j] = (pool[(at + i * 31 + j * 17) & (POOL - 1)] as number) + shift;
    }
  }
  const featureNames = Array.from({ length: nFeatures }, (_, j) => `feature_${j}`);
  return profileTable({ features, featureNames, metadata: columns });
}
