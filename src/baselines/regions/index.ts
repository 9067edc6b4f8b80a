// Where in an image the infection is: maps, the images to map, and how well maps find what was planted.
export { type DeemdRegionOptions, openDeemdRegions } from "./deemd-regions.ts";
export type { RegionMapper } from "./define-regions.ts";
export { type FeatureRegionOptions, openFeatureRegions } from "./feature-regions.ts";
export { sitesToMap } from "./sites-to-map.ts";
