#!/usr/bin/env node
// The table of docs/results.md on real crops: what a run's encoder, the same network untrained, and plain intensities can tell,
// on plates that the classifier never saw. Node built-ins and this package only.
//   node scripts/results-bbbc021.mjs --data DATASET --run RUN [--checkpoint latest] [--out FOLDER] [--only stored,standardised,views] [--taps fc512,conv4_flat]
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { intensityProfiles } from "gan-dl/baselines";
import { openDataset, readFeatureTable } from "gan-dl/data";
import { profileTable } from "gan-dl/profiles";
import { conditionTask, plateIdentityTask, runTask } from "gan-dl/tasks";

const { values: args } = parseArgs({
  options: {
    data: { type: "string" },
    run: { type: "string" },
    checkpoint: { type: "string", default: "latest" },
    out: { type: "string", default: "results" },
    only: { type: "string", default: "stored,standardised,views" },
    taps: { type: "string", default: "fc512,conv4_gap,blocks_gap,blocks_gap_std" }, // conv4_flat, 1,024 wide at this size, takes the SVM minutes
  },
});
if (!args.data || !args.run) throw new Error("give --data (a data set folder) and --run (a run folder)");
const TAPS = args.taps.split(",");
const gandl = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
mkdirSync(args.out, { recursive: true });

/** Embeds all images with one checkpoint, all taps at once, unless it was done before. */
function embed(checkpoint, input, views) {
  const stem = join(args.out, `${checkpoint}-${input}-${views}-{tap}`);
  if (TAPS.every((tap) => existsSync(`${stem.replace("{tap}", tap)}.parquet`))) return stem;
  const options = [
    "--checkpoint",
    checkpoint,
    "--input",
    input,
    "--tiles",
    "centre",
    "--views",
    views,
    "--tap",
    TAPS.join(","),
  ];
  const command = [gandl, "embed", "--run", args.run, "--data", args.data, "--out", stem, ...options];
  const { status } = spawnSync(process.execPath, command, { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error(`gandl embed ended with ${status}`);
  return stem;
}

const DMSO = { treatment: [null], role: ["negative_control"] };
const unit = ["well_id", "source_site"]; // one well a class and plate: the field is the finest unit there is

/** AUC on each plate held out. */
function aucs(table, negative, positive) {
  const params = { negative, positive, negativeName: "negative", positiveName: "positive", unit, nResamples: 10 };
  const { results } = runTask(conditionTask, table, params, { seed: 1, encoder: "" });
  const scores = results.filter(({ kind, metric, part }) => kind === "score" && metric === "AUC" && part !== null);
  return scores.map(({ value }) => value.toFixed(3)).join(" / ");
}

function row(name, table) {
  const plates = runTask(plateIdentityTask, table, { rows: DMSO, unit }, { seed: 1, encoder: "" });
  const plate = plates.results.find(({ kind, part }) => kind === "score" && part === null).value.toFixed(3);
  const drug = aucs(table, DMSO, { role: ["treated"] });
  const dose = aucs(table, { dose_um: [15] }, { dose_um: [50] });
  console.log(`| ${name} | ${table.nFeatures} | ${drug} | ${dose} | ${plate} |`);
}

console.log(
  "| features | dimensions | DMSO or drug (27801 / 27821) | 15 or 50 µM | plate of a DMSO cell (chance 0.2) |",
);
console.log("| --- | --- | --- | --- | --- |");
const SETTINGS = [
  ["stored", "stored", "upright"],
  ["standardised", "standardised", "upright"],
  ["views", "standardised", "dihedral"],
];
for (const [, input, views] of SETTINGS.filter(([name]) => args.only.split(",").includes(name))) {
  const images = `${input === "stored" ? "as imported" : "standardised per image"}${views === "dihedral" ? ", eight views" : ""}`;
  if (input === "stored") {
    const dataset = await openDataset(args.data);
    row(`intensity statistics, ${images}`, await intensityProfiles(dataset));
    dataset.close();
  }
  for (const checkpoint of ["first", args.checkpoint]) {
    const stem = embed(checkpoint, input, views);
    for (const tap of TAPS) {
      const table = profileTable(await readFeatureTable(`${stem.replace("{tap}", tap)}.parquet`));
      row(`${checkpoint === "first" ? "untrained" : "trained"}, \`${tap}\`, ${images}`, table);
    }
  }
}
