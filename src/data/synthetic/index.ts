// A drug screen that is drawn, not measured: RxRx19a's layout and names, with every effect planted and written down.
export { syntheticCellMaps } from "./cell-maps.ts";
export { doseEffect } from "./dose-effect.ts";
export { METADATA_COLUMNS, type MetadataRow } from "./metadata-rows.ts";
export {
  resolveSyntheticOptions,
  SyntheticCompound,
  SyntheticOptions,
  type SyntheticOptionsInput,
} from "./options.ts";
export { type PlannedSite, type SyntheticSite, syntheticSites } from "./synthetic-sites.ts";
export { Nuisance, PlateTruth, SiteTruth, SYNTHETIC_CHANNELS, SyntheticTruth, WellTruth } from "./truth.ts";
export { type SyntheticProgress, writeSyntheticScreen } from "./write-synthetic-screen.ts";
