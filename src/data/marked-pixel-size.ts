// The pixel size of a drawn screen: not the preset's to know, but written in the screen's own truth.json.
import type { DatasetDefinition } from "./datasets/define-dataset.ts";
import type { ImageSource } from "./image-source.ts";
import type { Metadata } from "./metadata.ts";

/** `dataset` with the pixel size that its marker file tells, where the preset has none; unchanged where none is told. */
export async function withMarkedPixelSize(
  dataset: DatasetDefinition,
  source: ImageSource,
  metadata: Metadata,
): Promise<DatasetDefinition> {
  const { markerFile, pixelSizeUm } = dataset;
  if (markerFile === undefined || pixelSizeUm !== null) return dataset;
  const path = metadata.folder + markerFile;
  if (!(await source.has(path))) return dataset;
  const told = pixelSizeIn(await source.read(path));
  return told === null ? dataset : { ...dataset, pixelSizeUm: told };
}

function pixelSizeIn(json: Uint8Array): number | null {
  try {
    const { options } = JSON.parse(new TextDecoder().decode(json)) as { options?: { pixelSizeUm?: unknown } };
    const size = options?.pixelSizeUm;
    return typeof size === "number" && size > 0 ? size : null;
  } catch {
    return null; // a marker that is no JSON still marks
  }
}
