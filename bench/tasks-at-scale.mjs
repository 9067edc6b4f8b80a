// Every task on a screen of 300,000 images × 512 features: seconds and peak memory, each in a process of its own.
// `node bench/tasks-at-scale.mjs [job]` on the built code; needs none of the native parts.
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { SeededRandom } from "../dist/core/index.js";
import { fitPipeline, map2d, parseStep, profileTable } from "../dist/profiles/index.js";
import { findTask, runTask } from "../dist/tasks/index.js";

const FEATURES = Number(process.env.GANDL_BENCH_FEATURES ?? 512);
const ROWS = Number(process.env.GANDL_BENCH_ROWS ?? 300_000);
const HEALTHY = { condition: ["Mock"] };
const DISEASED = { condition: ["Active"], treatment: [null] };
const UNTREATED = { treatment: [null] };

const JOBS = {
  condition: (table) => run("condition", table, { negative: { treatment: [null] }, positive: { treated: ["yes"] } }),
  "cell-type": (table) => run("cell-type", table, {}),
  perturbation: (table) => run("perturbation", table, { rows: { treated: ["yes"] } }),
  hits: (table) => run("hits", table, { healthy: HEALTHY, diseased: DISEASED, treated: { treated: ["yes"] } }),
  "dose-response": (table) =>
    run("dose-response", table, { healthy: HEALTHY, diseased: DISEASED, treated: { treated: ["yes"] } }),
  retrieval: (table) => run("retrieval", table, { controls: UNTREATED }),
  "batch-effects": (table) => run("batch-effects", table, {}),
  "plate-identity": (table) => run("plate-identity", table, { rows: HEALTHY }),
  standardise: (table) => fitPipeline(table, [parseStep("standardise:by=plate_id")]),
  sphere: (table) => fitPipeline(table, [parseStep("sphere")]),
  tvn: (table) => fitPipeline(table, [parseStep("tvn:by=plate_id")]),
  harmony: (table) => fitPipeline(table, [parseStep("harmony:by=experiment")]),
  umap: (table) => map2d(table, { kind: "umap" }),
};

function run(id, table, params) {
  return runTask(findTask(id), table, params, { seed: 1, encoder: "drawn" });
}

/** 56 plates in four experiments and two cell types; a tenth of the wells untreated, 40 healthy wells a plate, four images a well. */
function screen() {
  const random = new SeededRandom(1);
  const names = [
    "plate_id",
    "well_id",
    "experiment",
    "cell_type",
    "condition",
    "treatment",
    "treated",
    "dose_um",
    "row",
    "column",
  ];
  const metadata = new Map(names.map((name) => [name, new Array(ROWS)]));
  const perPlate = Math.ceil(ROWS / 56);
  // Normals cost; a pool read from a random place on is as good here.
  const pool = Float32Array.from({ length: 1 << 20 }, () => random.normal());
  const features = new Float32Array(ROWS * FEATURES);
  let at = 0;
  for (let i = 0; i < ROWS; i++) {
    const plate = Math.floor(i / perPlate);
    const w = Math.floor((i % perPlate) / 4);
    const healthy = w < 40;
    const untreated = w < 150;
    // Four plates make a set: 170 compounds at seven doses, one well each on every plate.
    const compound = (plate >> 2) * 170 + Math.floor((w - 150) / 7);
    const row = {
      plate_id: `p${plate}`,
      well_id: `p${plate}_w${w}`,
      experiment: `e${plate % 4}`,
      cell_type: plate % 2 === 0 ? "HRCE" : "VERO",
      condition: healthy ? "Mock" : "Active",
      treatment: untreated ? null : `C${compound}`,
      treated: untreated ? "no" : "yes",
      dose_um: untreated ? null : 10 ** (((w - 150) % 7) / 2 - 2),
      row: Math.floor(w / 46),
      column: w % 46,
    };
    for (const name of names) metadata.get(name)[i] = row[name] ?? null;
    if (i % 64 === 0) at = random.integer(1 << 19);
    const severity = healthy ? 0 : 1;
    for (let j = 0; j < FEATURES; j++) {
      const shift = j < 4 ? 1.5 * severity : j === 5 ? plate * 0.1 : j === 6 ? plate % 2 : 0;
      features[i * FEATURES + j] = pool[(at + i * 31 + j * 17) & ((1 << 20) - 1)] + shift;
    }
  }
  return profileTable({ features, featureNames: Array.from({ length: FEATURES }, (_, j) => `feature_${j}`), metadata });
}

const job = process.argv[2];
if (job !== undefined) {
  const table = screen();
  const started = performance.now();
  const before = process.cpuUsage();
  JOBS[job](table);
  const seconds = (performance.now() - started) / 1000;
  console.log(
    JSON.stringify({
      job,
      seconds: Number(seconds.toFixed(1)),
      // What a busy machine does not stretch.
      cpuSeconds: Number((process.cpuUsage(before).user / 1e6).toFixed(1)),
      peakGb: Number((process.resourceUsage().maxRSS / 1e6).toFixed(2)),
    }),
  );
} else {
  console.log(`${ROWS} × ${FEATURES}, Node ${process.version}, ${cpus()[0]?.model} × ${cpus().length}`);
  for (const name of Object.keys(JOBS)) {
    process.stdout.write(execFileSync(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), name]));
  }
}
