// From files of microscope images to a data set folder, and from a data set folder to pixels. No tensors here.
export { areaDownsample, fittedSize } from "./area-downsample.ts";
export { BatchSampler, type BatchSamplerOptions, type BatchSamplerState } from "./batch-sampler.ts";
export { ChannelHistogram } from "./channel-histogram.ts";
export {
  type ChannelDefinition,
  type DatasetDefinition,
  defineDataset,
  type SiteParts,
  SourceRow,
  type SourceSite,
  siteOf,
} from "./datasets/define-dataset.ts";
export { datasets } from "./datasets/index.ts";
export {
  SITE_FIELDS,
  type SiteField,
  type TableChannel,
  type TableDatasetOptions,
  tableDataset,
} from "./datasets/table.ts";
export { decodeImage } from "./decode.ts";
export { copyTurned, DIHEDRAL_COUNT } from "./dihedral.ts";
export { endThread, type ThreadEnding, threadEnding, uninterrupted } from "./end-thread.ts";
export type { DecodedImage, DecodeOptions, ImageFormat, ZChoice } from "./formats/image-format.ts";
export { imageFormats } from "./formats/index.ts";
export { applyGains, estimateFlatField, type FlatField, gainsOf, reducedSize } from "./illumination.ts";
export { ImageResizer, resizedLength } from "./image-resizer.ts";
export type { ImageSource } from "./image-source.ts";
export { type ImportPreview, importDataset, previewImport } from "./import-dataset.ts";
export type { ImportEstimate, ImportEvent, ImportOptions } from "./import-options.ts";
export { INTENSITY_KINDS, type IntensityKind, type IntensityOptions, type LevelRange } from "./intensity.ts";
export { layouts } from "./layouts/index.ts";
export type { Layout, LayoutOptions, OpenedLayout } from "./layouts/layout.ts";
export { mapOrdered } from "./map-ordered.ts";
export { measurePlane, type PlaneMeasure } from "./measure-plane.ts";
export { NPY_HEADER_BYTES, type NpyHeader, npyHeader, type PixelType, parseNpyHeader } from "./npy.ts";
export { floatNpy } from "./npy-float.ts";
export { Dataset, type ImageBatch, openDataset } from "./open-dataset.ts";
export { openImageSource } from "./open-image-source.ts";
export { ParquetWriter, writeParquet } from "./parquet-writer.ts";
export { type ImportPlan, type PlanOptions, planImport } from "./plan-import.ts";
export type { SkippedSite } from "./planned-site.ts";
export { QUALITY_FAULTS, QUALITY_LIMITS, type QualityFault } from "./quality-flags.ts";
export type { ColumnType, ParquetRows, ParquetSchema } from "./row-scan.ts";
export type { ImageShape, Pixels, ShardEntry } from "./shards.ts";
export { type SiteBatch, siteBatches } from "./site-batches.ts";
export { STANDARDISED_INPUT_SD, standardiseImage } from "./standardise-image.ts";
export {
  doseEffect,
  METADATA_COLUMNS,
  type MetadataRow,
  PlateTruth,
  resolveSyntheticOptions,
  SiteTruth,
  SYNTHETIC_CHANNELS,
  SyntheticCompound,
  SyntheticOptions,
  type SyntheticOptionsInput,
  type SyntheticProgress,
  type SyntheticSite,
  SyntheticTruth,
  syntheticCellMaps,
  syntheticSites,
  WellTruth,
  writeSyntheticScreen,
} from "./synthetic/index.ts";
export { TableDesk } from "./table-desk.ts";
export { type Cell, type FeatureTable, readFeatureTable, readTable, type Table } from "./table-files.ts";
export { tileOrigins } from "./tile-origins.ts";
export { type Tiles, tiles } from "./tiles.ts";
export { parseWellName, type WellPosition } from "./well-name.ts";
