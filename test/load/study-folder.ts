// What a study leaves in a folder, for readers to ask for: a data set, an embedding of many cells, answers, a run, an encoder's page.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { intensityProfiles } from "../../src/baselines/index.ts";
import { type Dataset, importDataset, openDataset, writeParquet, writeSyntheticScreen } from "../../src/data/index.ts";
import type { EmbeddingHeader } from "../../src/schema/index.ts";
import { doseResponseTask, hitsTask, runTask } from "../../src/tasks/index.ts";

const COMPOUNDS = [
  { name: "Synthestat A", effect: "rescue", ec50Um: 0.08, hill: 1.3, maxRescue: 0.95 },
  { name: "Synthinert D", effect: "inert" },
] as const;

/** How large the folder's things are. */
export interface StudySize {
  readonly sidePx: number;
  readonly cellsPerImage: number;
}

/** Writes the study into `root`, which is there, by way of `work`. */
export async function writeStudyFolder(root: string, work: string, { sidePx, cellsPerImage }: StudySize) {
  const controlWells = { mock: 6, uvInactivated: 0, activeUntreated: 6 };
  const layout = { experiments: ["SYN-1"], platesPerExperiment: 2, sitesPerWell: 1, sidePx, controlWells };
  for await (const _ of writeSyntheticScreen(join(work, "screen"), { ...layout, compounds: [...COMPOUNDS] }));
  for await (const _ of importDataset({ source: join(work, "screen"), out: join(root, "dataset") }));
  using dataset = await openDataset(join(root, "dataset"));
  const table = await intensityProfiles(dataset);
  const params = {
    healthy: { condition: ["Mock"] },
    diseased: { role: ["positive_control"] },
    treated: { role: ["treated"] },
  };
  const context = { seed: 1, encoder: "intensity" };
  const runs = [runTask(hitsTask, table, params, context), runTask(doseResponseTask, table, params, context)];
  writeFileSync(join(root, "results.json"), JSON.stringify(runs));
  await writeCells(dataset, join(root, "cells"), cellsPerImage);
  writeEncoderPage(join(root, "page"));
}

const FEATURES = 32;
const TEXTS = ["site_id", "well_id", "plate_id", "well", "role", "condition", "treatment"] as const;

/** A row a cell, its features a rule of its number: what is asked of it is the same every time. */
async function writeCells({ sites, manifest }: Dataset, path: string, cellsPerImage: number): Promise<void> {
  const nRows = sites.length * cellsPerImage;
  const columns = [
    { name: "image_index", type: "int" as const },
    ...TEXTS.map((name) => ({ name, type: "text" as const })),
    { name: "dose_um", type: "double" as const },
  ];
  const values = columns.map(({ name }) =>
    Array.from({ length: nRows }, (_, i) => sites[i % sites.length]![name as "well_id"] ?? null),
  );
  const matrix = Float32Array.from({ length: nRows * FEATURES }, (_, i) => Math.sin(i * 0.37 + (i % FEATURES)));
  const matrixColumns = Array.from({ length: FEATURES }, (_, j) => `feature_${j}`);
  await writeParquet(`${path}.parquet`, { columns, matrixColumns }, { nRows, columns: values, matrix });
  const header: EmbeddingHeader = {
    ...{ kind: "gandl-embedding", schemaVersion: 1, encoder: "a rule", checkpoint: null, tap: null },
    ...{ runtime: "none", minibatchStd: null, input: "stored", tiling: null, resizeFactor: 1, channelMap: [] },
    ...{ datasetId: manifest.id, datasetFingerprint: manifest.fingerprint, nRows, nFeatures: FEATURES },
  };
  writeFileSync(`${path}.json`, JSON.stringify(header));
}

/** The server hands the files out as they are; nobody runs this encoder. */
function writeEncoderPage(folder: string): void {
  mkdirSync(folder);
  for (const [name, size] of [
    ["model.onnx", 2 ** 22],
    ["reference.json", 2 ** 12],
    ["reference.bin", 2 ** 20],
  ] as const)
    writeFileSync(
      join(folder, name),
      Uint8Array.from({ length: size }, (_, i) => 32 + ((7 * i) % 90)),
    );
}
