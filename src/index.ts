// The library's front door: the verbs of the pipeline. Everything else is under its own path, e.g. `gan-dl/tasks`.
export { GanDlError, isGanDlError } from "./core/index.ts";
export { importDataset, openDataset, readFeatureTable } from "./data/index.ts";
export { embedDataset, openEncoder, openOnnxEncoder, resolveCheckpoint } from "./embed/index.ts";
export { profileTable } from "./profiles/index.ts";
export { renderReport, summaryOf } from "./report/index.ts";
export { runTask, tasks } from "./tasks/index.ts";
export { resolveTrainConfig, train } from "./train/index.ts";
