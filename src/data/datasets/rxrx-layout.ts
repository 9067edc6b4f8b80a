// Where the RxRx data sets keep a site's images: images/{experiment}/Plate{plate}/{well}_s{site}_w{channel}.png
import type { SourceRow } from "./define-dataset.ts";

/** Paths of one site's `nChannels` files. */
export function rxrxImages(row: SourceRow, nChannels: number): string[] {
  const folder = `images/${row.text("experiment")}/Plate${row.text("plate")}`;
  const stem = `${folder}/${row.text("well")}_s${row.text("site")}`;
  return Array.from({ length: nChannels }, (_, i) => `${stem}_w${i + 1}.png`);
}
