#!/usr/bin/env node
// The table of compared systems in docs/results.md: draws a screen with planted truth, runs every registered system and GAN-DL on it at a
// small size, asks each the same questions and holds the answers against what was planted; the same for real crops where they are given.
// Every step leaves its result in --out and is not done again, so that a run that was stopped goes on. Node built-ins and this package only.
//   node scripts/results-synthetic.mjs [--out build/compared] [--side 128] [--plates 2] [--kimg 20] [--only handcrafted,gan-dl] [--default-sizes]
//     [--bbbc021 ../shared/data/bbbc021-crops.zip] [--seed 1] [--into docs/results.md]
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { baselines } from "gan-dl/baselines";
import { doseEffect, readFeatureTable, readTable, writeSyntheticScreen } from "gan-dl/data";
import { rankCorrelation } from "gan-dl/math";
import { dropMissing, selectRows } from "gan-dl/profiles";
import { conditionTask, doseResponseTask, hitsTask, plateIdentityTask, runTask } from "gan-dl/tasks";

const { values: args } = parseArgs({
  options: {
    out: { type: "string", default: "build/compared" },
    side: { type: "string", default: "128" },
    plates: { type: "string", default: "2" },
    kimg: { type: "string", default: "20" },
    only: { type: "string" },
    "default-sizes": { type: "boolean", default: false },
    bbbc021: { type: "string" },
    seed: { type: "string", default: "1" },
    into: { type: "string" },
  },
});
const SEED = Number(args.seed);
const TAPS = ["fc512", "blocks_gap"];
const gandl = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const at = (...parts) => join(args.out, ...parts);
const json = (file) => JSON.parse(readFileSync(file, "utf8"));
mkdirSync(args.out, { recursive: true });

function writeWhole(file, text) {
  writeFileSync(`${file}.partial`, text);
  renameSync(`${file}.partial`, file);
}

/** Does `work` unless its result is there. */
async function once(file, work) {
  if (!existsSync(at(file))) writeWhole(at(file), JSON.stringify(await work(), null, 2));
  return json(at(file));
}

/** What is kept in --out belongs to one choice of these. */
async function checkSettings() {
  const { side, plates, kimg, seed, "default-sizes": defaultSizes } = args;
  const own = { side, plates, kimg, seed, defaultSizes };
  const kept = await once("settings.json", () => own);
  const other = Object.keys(own).filter((key) => kept[key] !== own[key]);
  if (other.length > 0) throw new Error(`${args.out} was begun with another ${other.join(", ")}: choose another --out`);
}

/** Runs a command of gandl. What a system refuses (exit code 2) is its answer; anything else ends the script. */
function run(...command) {
  const started = performance.now();
  console.error(`gandl ${command.join(" ")}`);
  const { status, stderr } = spawnSync(process.execPath, [gandl, ...command], { encoding: "utf8" });
  if (status !== 0 && status !== 2) throw new Error(`gandl ${command[0]} ended with ${status}:\n${stderr}`);
  const refused = status === 2 ? (/error: (.*)/.exec(stderr)?.[1] ?? "refused") : null;
  return { seconds: (performance.now() - started) / 1000, refused };
}

function must(...command) {
  const { seconds, refused } = run(...command);
  if (refused) throw new Error(refused);
  return seconds;
}

/** Twelve compounds, so that a ranking can be told from luck: seven that rescue, more and less, two too weak for their doses, and others. */
const DOSES = [0.01, 0.03, 0.1, 0.3, 1, 3];
const COMPOUNDS = [
  ...[
    [0.03, 0.95],
    [0.1, 0.9],
    [0.3, 0.95],
    [0.1, 0.6],
    [0.5, 0.75],
    [0.2, 0.4],
    [12, 0.9],
    [30, 0.8],
  ].map(([ec50Um, maxRescue], i) => ({ name: `Rescue ${i + 1}`, effect: "rescue", ec50Um, hill: 1.4, maxRescue })),
  ...[1, 2, 3].map((i) => ({ name: `Inert ${i}`, effect: "inert" })),
  { name: "Toxic 1", effect: "toxic", ec50Um: 0.3, hill: 1.5, maxToxicity: 0.9 },
].map((compound) => ({ ...compound, dosesUm: DOSES }));
/** The share of the disease that a compound takes away at its best dose. */
const PLANTED = Object.fromEntries(
  COMPOUNDS.map((compound) => [
    compound.name,
    Math.max(...DOSES.map((dose) => 1 - doseEffect(compound, dose, 1).severity)),
  ]),
);
const MOCK = { condition: ["Mock"] };
const INFECTED = { condition: ["Active SARS-CoV-2"], treatment: [null] };
const DMSO = { treatment: [null], role: ["negative_control"] };

async function drawScreen() {
  const data = at("screen-data");
  const size = { sidePx: Number(args.side), platesPerExperiment: Number(args.plates), seed: SEED };
  await once(`screen-${args.side}-${args.plates}-${SEED}.json`, async () => {
    const options = { ...size, compounds: COMPOUNDS, replicates: 1 };
    for await (const event of writeSyntheticScreen(at("screen"), options))
      if (event.kind === "site" && event.nDone % 100 === 0) console.error(`drawn ${event.nDone} / ${event.nTotal}`);
    must("import", at("screen"), "--out", data, "--overwrite");
    return { data, ...size };
  });
  return data;
}

/** Runs one system over a data set; its seconds, or why it cannot. */
function runSystem(baseline, data, prefix) {
  const out = at(`${prefix}-${baseline.id}`);
  return once(`${prefix}-${baseline.id}-run.json`, async () => {
    const set = Object.entries(args["default-sizes"] ? {} : (baseline.small ?? {})).flatMap(([key, value]) => [
      "--set",
      `${key}=${JSON.stringify(value)}`,
    ]);
    const { refused } = run("baseline", baseline.id, "--data", data, "--out", out, "--seed", args.seed, ...set);
    if (refused) return { refused };
    const file = [`${out}.json`, `${out}-scores.json`].find(existsSync);
    const record = file.endsWith("-scores.json") ? json(file) : json(file).baseline;
    const resumed = (record.provenance.resumedAtImage ?? 0) > 0;
    return { seconds: record.seconds, resumed, weights: record.provenance.weights ?? null };
  });
}

/** Trains GAN-DL as the preset `tiny` does, then embeds; a training that was stopped goes on. */
function runGanDl(data, prefix, input) {
  const folder = at(`${prefix}-gan-dl-run`);
  return once(`${prefix}-gan-dl-run.json`, async () => {
    const started = existsSync(join(folder, "config.resolved.json"));
    const { heightPx, widthPx } = json(join(data, "dataset.json"));
    const resolutionPx = 2 ** Math.min(6, Math.floor(Math.log2(Math.min(heightPx, widthPx)))); // 64 as the preset, if the images hold it
    const own = {
      "schedule.durationKimg": args.kimg,
      "data.input": input,
      "data.resolutionPx": resolutionPx,
      seed: SEED,
    };
    const set = Object.entries(own).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
    const seconds = must(
      "train",
      "--out",
      folder,
      ...(started ? ["--resume"] : ["--data", data, "--preset", "tiny", ...set]),
    );
    const out = at(`${prefix}-gan-dl-{tap}`);
    const embedding = must("embed", "--run", folder, "--data", data, "--out", out, "--tap", TAPS.join(","));
    return { seconds: seconds + embedding, resumed: started, weights: `${args.kimg} kimg on these images` };
  });
}

async function tableOf(stem) {
  if (!existsSync(`${stem}.parquet`)) return null;
  const isFeature = (name) => /^(feature_\d+|Image_.+)$/.test(name);
  return heldOut(dropMissing(await readFeatureTable(`${stem}.parquet`, { isFeature })).table);
}

/** Of a system that learned from labels, the plates that it did not learn from; of any other, all rows. */
function heldOut(table) {
  const learned = table.metadata.get("learned_from");
  if (!learned) return table;
  const plates = table.metadata.get("plate_id");
  const seen = new Set(plates.filter((_, row) => learned[row]));
  const rows = plates.flatMap((plate, row) => (seen.has(plate) ? [] : [row]));
  return selectRows(table, rows);
}

/** A task's run, or null where the profiles cannot answer: an axis that no plate confirms is a result too. */
function asked(task, table, params) {
  try {
    return runTask(task, table, params, { seed: SEED, encoder: "" });
  } catch (error) {
    if (error.name !== "GanDlError") throw error;
    console.error(`${task.id}: ${error.message}`);
    return { results: [] };
  }
}

const scoreOf = ({ results }, metric) =>
  results.find((one) => one.kind === "score" && one.metric === metric && one.part === null)?.value ?? null;

/** Every question to one embedding of the synthetic screen. */
function askScreen(table) {
  const condition = asked(conditionTask, table, { negative: MOCK, positive: INFECTED, nResamples: 10 });
  const axis = { healthy: MOCK, diseased: INFECTED, treated: { role: ["treated"] } };
  const { results } = asked(doseResponseTask, table, axis);
  const hits = asked(hitsTask, table, { ...axis, known: PLANTED, nPermutations: 999, nResamples: 10 });
  const found = new Map(results.filter(({ kind }) => kind === "curve").map(({ name, ec50Um }) => [name, ec50Um]));
  const inRange = COMPOUNDS.filter(({ effect, ec50Um }) => effect === "rescue" && ec50Um <= Math.max(...DOSES));
  const factors = inRange.flatMap(({ name, ec50Um }) =>
    found.get(name) ? [Math.abs(Math.log10(found.get(name) / ec50Um))] : [],
  );
  return {
    nFeatures: table.nFeatures,
    auc: {
      byImage: scoreOf(condition, "AUC, random images held out"),
      byWell: scoreOf(condition, "AUC, random wells held out"),
      plates: scoreOf(condition, "AUC"),
      experiments: scoreOf(condition, "AUC, experiments held out"),
    },
    ec50: {
      nFound: factors.length,
      nPlanted: inRange.length,
      nFalse: COMPOUNDS.filter((one) => !inRange.includes(one) && found.get(one.name)).length,
      medianFactor: factors.length === 0 ? null : 10 ** factors.sort((a, b) => a - b)[factors.length >> 1],
    },
    spearman: scoreOf(hits, "Spearman with known scores"),
  };
}

/** A system's own ranking of treatments against what was planted. */
async function ownRanking(stem) {
  if (!existsSync(`${stem}-scores.csv`)) return null;
  const { columns, nRows } = await readTable(`${stem}-scores.csv`);
  const rows = Array.from({ length: nRows }, (_, i) => [
    columns.get("treatment")[i],
    columns.get("dose_um")[i],
    columns.get("score")[i],
  ]);
  const overall = rows.filter(([name, dose, score]) => dose === null && score !== null && name in PLANTED);
  if (overall.length < 4) return null;
  return rankCorrelation(
    overall.map(([, , score]) => Number(score)),
    overall.map(([name]) => PLANTED[name]),
  );
}

/** Real crops: drug or vehicle and dose or dose on plates not learned from, and the plate of a vehicle cell. */
function askCrops(table) {
  const unit = ["well_id", "source_site"]; // one well a class and plate: the field is the finest unit there is
  const aucs = (negative, positive) => {
    const { results } = asked(conditionTask, table, { negative, positive, unit, nResamples: 10, splits: [] });
    return results.filter(({ metric, part }) => metric === "AUC" && part !== null).map(({ value }) => value);
  };
  const { results } = asked(plateIdentityTask, table, { rows: DMSO, unit });
  return {
    nFeatures: table.nFeatures,
    drug: aucs(DMSO, { role: ["treated"] }),
    dose: aucs({ dose_um: [15] }, { dose_um: [50] }),
    plate: results.find(({ kind, part }) => kind === "score" && part === null)?.value ?? null,
  };
}

const figure = (value, digits = 3) => (value === null || value === undefined ? "–" : value.toFixed(digits));
const line = (cells) => `| ${cells.join(" | ")} |`;

/** Every system on one data set, each asked by `ask`; one line a table of features. */
async function compared(data, prefix, { ask, cells, nCells, input }) {
  const chosen = args.only?.split(",");
  const wanted = (id) => !chosen || chosen.includes(id);
  const lines = [];
  const refusals = [];
  const add = async (name, labels, stem, { seconds, weights, resumed }) => {
    const table = await tableOf(stem);
    const answers = await once(`${stem.slice(args.out.length + 1)}-answers.json`, async () => ({
      ...(table ? ask(table) : { nFeatures: null }),
      own: await ownRanking(stem),
    }));
    const told = weights && /scratch/.test(weights) ? `${name} (from scratch)` : name;
    const took = `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)}${resumed ? " (its last part)" : ""}`;
    lines.push(
      line([
        told,
        labels ?? "no",
        answers.nFeatures ?? "–",
        ...(table ? cells(answers) : Array(nCells).fill("–")),
        took,
      ]),
    );
  };
  for (const baseline of baselines.filter(({ id, small }) => small !== null && wanted(id))) {
    const outcome = await runSystem(baseline, data, prefix);
    if (outcome.refused) refusals.push(`\`${baseline.id}\`: ${outcome.refused}`);
    else await add(`\`${baseline.id}\``, baseline.needsLabels, at(`${prefix}-${baseline.id}`), outcome);
  }
  if (wanted("gan-dl")) {
    const outcome = await runGanDl(data, prefix, input);
    for (const tap of TAPS) await add(`**GAN-DL**, \`${tap}\``, null, at(`${prefix}-gan-dl-${tap}`), outcome);
  }
  return { lines, refusals };
}

await checkSettings();
const parts = [];
const write = (title, head, { lines, refusals }) => {
  const table = [line(head), line(head.map(() => "---")), ...lines].join("\n");
  const missing = refusals.length > 0 ? `\n\nNot here: ${refusals.join("; ")}.` : "";
  const labels = lines.some((one) => !/ \| no \| /.test(one))
    ? "\n\nA system that learns from labels may have seen those of the plates held out here (docs/baselines.md tells); its AUC then says less than the others'."
    : "";
  parts.push(`### ${title}\n\n${table}${missing}${labels}`);
};

const screen = await compared(await drawScreen(), "screen", {
  ask: askScreen,
  nCells: 6,
  input: "stored",
  cells: ({ auc, ec50, spearman, own }) => [
    ...[auc.byImage, auc.byWell, auc.plates, auc.experiments].map((value) => figure(value)),
    `${ec50.medianFactor === null ? "–" : `× ${ec50.medianFactor.toFixed(2)}`} (${ec50.nFound} of ${ec50.nPlanted}; ${ec50.nFalse} false)`,
    own === null ? figure(spearman, 2) : `${figure(spearman, 2)} (its own: ${figure(own, 2)})`,
  ],
});
const common = ["system", "learns from labels?", "dimensions"];
write(
  "A drawn screen with planted truth",
  [
    ...common,
    ...[
      "AUC, images held out",
      "wells",
      "plates",
      "experiments",
      "EC50 off by (found of planted)",
      "ranking (Spearman)",
      "seconds",
    ],
  ],
  screen,
);

if (args.bbbc021) {
  const data = at("crops-data");
  await once("crops.json", async () => ({ seconds: must("import", args.bbbc021, "--out", data, "--overwrite") }));
  const crops = await compared(data, "crops", {
    ask: askCrops,
    nCells: 3,
    input: "standardised",
    cells: ({ drug, dose, plate }) => [
      ...[drug, dose].map((aucs) => aucs.map((value) => figure(value)).join(" / ")),
      figure(plate),
    ],
  });
  write(
    "Real crops (BBBC021)",
    [...common, "DMSO or drug (27801 / 27821)", "15 or 50 µM", "plate of a DMSO cell (chance 0.2)", "seconds"],
    crops,
  );
}

// As a reader would write it: where the files lay here is nobody's business.
const shown = Object.entries(args).flatMap(([key, value]) => {
  if (key === "out" || key === "into" || value === false) return [];
  return value === true ? [`--${key}`] : [`--${key} ${key === "bbbc021" ? basename(value) : value}`];
});
const own = ["node scripts/results-synthetic.mjs", ...shown];
const text = `## Compared systems\n\n\`\`\`sh\n${own.join(" ")}\n\`\`\`\n\n${parts.join("\n\n")}\n`;
writeWhole(at("table.md"), text);
console.log(text);
if (args.into) {
  const [start, end] = ["<!-- compared systems -->", "<!-- /compared systems -->"];
  const before = readFileSync(args.into, "utf8");
  const [a, b] = [before.indexOf(start), before.indexOf(end)];
  const section = `${start}\n${text}${end}`;
  writeWhole(
    args.into,
    a >= 0 && b > a
      ? before.slice(0, a) + section + before.slice(b + end.length)
      : `${before.trimEnd()}\n\n${section}\n`,
  );
}
