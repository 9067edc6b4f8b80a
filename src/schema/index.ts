// One definition, with a version, for everything on disk or on the wire.
export { AdaConfig, AugmentConfig, AugmentOps, AugmentState } from "./augment.ts";
export { Channel, ChannelStatistics, DatasetManifest, IntensityMapping, Role, Site } from "./dataset.ts";
export { EmbeddingHeader, InputKind, MissingStain, Tap, TileLayout, Views } from "./embedding.ts";
export { parseWith } from "./parse.ts";
export { PathLength, QualityRecord, SetScores } from "./quality.ts";
export { ComparedFigure, FigureRef, PlateMap, ReportDocument, StageTiming, Summary, TruthCheck } from "./report.ts";
export { BestCheckpoint, CheckpointHeader, Provenance, type StyleGan2Shape, TrainEvent } from "./run.ts";
export { Confusion, Curve, Score, Table, TaskResult, TaskRun } from "./task-result.ts";
export { ResolvedTrainConfig, TrainConfig, type TrainConfigInput } from "./train-config.ts";
