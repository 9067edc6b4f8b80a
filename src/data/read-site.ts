// One site's files to one block of pixels of the data set's form.
import { isGanDlError } from "../core/errors.ts";
import { fittedSize } from "./area-downsample.ts";
import { decodeImage } from "./decode.ts";
import { badResize, firstLine, unreadableImage } from "./errors.ts";
import type { DecodeOptions } from "./formats/image-format.ts";
import type { ImageSource } from "./image-source.ts";
import type { PlaneMeasure } from "./measure-plane.ts";
import { type PlacePlanes, placePlanes, type SourceForm } from "./place-planes.ts";
import type { ImportPlan } from "./plan-import.ts";
import type { PlannedSite } from "./planned-site.ts";
import type { ImageShape, Pixels } from "./shards.ts";

/** The form of the first file of `planned`. @throws GanDlError `unreadable-image`, `unsupported-image`. */
export async function probeForm(source: ImageSource, plan: ImportPlan, planned: PlannedSite): Promise<SourceForm> {
  const file = planned.files[0]!;
  const label = labelOf(file, planned, plan);
  const image = await decodeImage(await readBytes(source, file, label), label, decodeOptions(plan));
  return { heightPx: image.height, widthPx: image.width, bitDepth: image.bitDepth, reference: file };
}

/** The size and type that images of `form` are decoded to. @throws GanDlError `bad-resize`. */
export function decodedShape(form: SourceForm, nChannels: number, resizePx: number | undefined): ImageShape {
  const { heightPx, widthPx, bitDepth } = form;
  const dtype = bitDepth === 8 ? "uint8" : "uint16";
  if (resizePx === undefined) return { dtype, channels: nChannels, heightPx, widthPx };
  if (!Number.isInteger(resizePx) || resizePx < 1 || resizePx > Math.max(heightPx, widthPx))
    throw badResize(resizePx, heightPx, widthPx);
  const fitted = fittedSize(heightPx, widthPx, resizePx);
  return { dtype, channels: nChannels, heightPx: fitted.height, widthPx: fitted.width };
}

/**
 * Reads the files of one site into `out`, one `[c,h,w]` block of `shape`, shrunk where `shape` is smaller than `form`.
 * @param place who decodes: this thread, unless told. @returns the measures of each channel at its own size, before it is shrunk.
 * @throws GanDlError `unreadable-image`, `unsupported-image`, `image-mismatch`; each names the file and its row.
 */
export async function readSite(
  source: ImageSource,
  plan: ImportPlan,
  planned: PlannedSite,
  form: SourceForm,
  shape: ImageShape,
  out: Pixels,
  place: PlacePlanes = placePlanes,
): Promise<PlaneMeasure[]> {
  const measures: PlaneMeasure[] = [];
  const { heightPx, widthPx } = shape;
  const plane = heightPx * widthPx;
  const channels = planned.holdsAllChannels ? plan.channelIndices : [0];
  const nPlanes = planned.holdsAllChannels ? plan.dataset.channels.length : 1;
  const readOne = async (file: string, i: number) => {
    const label = labelOf(file, planned, plan);
    const bytes = await readBytes(source, file, label);
    const wanted = { label, decode: decodeOptions(plan), form, nPlanes, channels, heightPx, widthPx };
    const found = await place(bytes, wanted, out.subarray(i * plane, (i + channels.length) * plane));
    for (const [k, measure] of found.entries()) measures[i + k] = measure;
  };
  // All are awaited, also when one fails: `out` is used again for another site.
  const ends = await Promise.allSettled(planned.files.map(readOne));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return measures;
}

const labelOf = (file: string, planned: PlannedSite, plan: ImportPlan) =>
  `${file} (row ${planned.row} of ${plan.metadata.file})`;

const decodeOptions = ({ z }: ImportPlan): DecodeOptions => (z === undefined ? {} : { z });

async function readBytes(source: ImageSource, file: string, label: string): Promise<Uint8Array> {
  try {
    return await source.read(file);
  } catch (error) {
    // Faults of one file become faults of an image, naming its row; all others (of servers, of stacks) say enough.
    if (isGanDlError(error, "missing-file", "bad-zip", "unsafe-path", "bad-table"))
      throw unreadableImage(label, firstLine(error), error);
    throw error;
  }
}
