// Two by two pixels of one red stain, with a map and what was planted.
import type { DatasetManifest } from "../../schema/index.ts";
import type { RegionPicture } from "./region-picture.ts";

const statistics = { min: 0, max: 100, mean: 50, sd: 10, p0_5: 0, p99_5: 100 };

export const displayable: RegionPicture = {
  manifest: {
    ...{ heightPx: 2, widthPx: 2 },
    channels: [{ name: "DNA", stain: "Hoechst", colour: "#ff0000", statistics }],
  } as unknown as DatasetManifest,
  image: { data: Uint8Array.of(100, 0, 50, 100), shape: [1, 1, 2, 2] },
  map: Float32Array.of(0, 0.5, 0.5, 1),
  range: [0, 1],
  cells: Uint8Array.of(0, 1, 1, 2),
};
