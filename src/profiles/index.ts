// Profiles (metadata and feature matrix) and their verbs.
export { type AggregateOptions, aggregate, rowsByValue } from "./aggregate.ts";
export { fromColumns } from "./from-columns.ts";
export {
  column,
  type MetadataValue,
  type ProfileTable,
  profileTable,
  rowsWhere,
  type Selector,
  selectRows,
  textColumn,
} from "./profile-table.ts";
export { applyStandardise, fitStandardise, type GroupScale, type Standardisation } from "./standardise.ts";
