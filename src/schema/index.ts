// One definition, with a version, for everything on disk or on the wire.
export { AdaConfig, AugmentConfig, AugmentOps, AugmentState } from "./augment.ts";
export { CompoundImages } from "./compound-images.ts";
export { Channel, ChannelStatistics, DatasetManifest, IntensityMapping, Role, Site } from "./dataset.ts";
export { DrawnImages, DrawRequest } from "./draw.ts";
export { BaselineRecord, EmbeddingHeader, InputKind, MissingStain, Tap, TileLayout, Views } from "./embedding.ts";
export { EncoderPage } from "./encoder-page.ts";
export {
  ApiFault,
  Catalogue,
  CatalogueEntry,
  ColumnAnswer,
  ColumnInfo,
  DatasetAnswer,
  EmbeddingAnswer,
  EmbeddingRow,
  MapAnswer,
  NeighboursAnswer,
  PlateAnswer,
  PlateInfo,
  SelectionRequest,
  WellAnswer,
  WellValue,
} from "./explorer.ts";
export { parseWith } from "./parse.ts";
export type { PrecisionConfig } from "./precision.ts";
export { PathLength, QualityRecord, SetScores } from "./quality.ts";
export { ComparedFigure, FigureRef, PlateMap, ReportDocument, StageTiming, Summary, TruthCheck } from "./report.ts";
export {
  BestCheckpoint,
  CheckpointHeader,
  KernelRecord,
  Provenance,
  STOP_REQUEST_FILE,
  type StyleGan2Shape,
  TrainEvent,
} from "./run.ts";
export { Confusion, Curve, Score, Table, TaskResult, TaskRun } from "./task-result.ts";
export { ResolvedTrainConfig, TrainConfig, type TrainConfigInput } from "./train-config.ts";
