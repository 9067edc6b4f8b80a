// One site's files to one block of pixels of the data set's form.
import { isGanDlError } from "../core/errors.ts";
import { areaDownsample, fittedSize } from "./area-downsample.ts";
import { decodeImage } from "./decode.ts";
import { badResize, firstLine, imageMismatch, unreadableImage, wrongChannelCount } from "./errors.ts";
import type { DecodedImage } from "./formats/image-format.ts";
import type { ImageSource } from "./image-source.ts";
import { measurePlane, type PlaneMeasure } from "./measure-plane.ts";
import type { ImportPlan } from "./plan-import.ts";
import type { PlannedSite } from "./planned-site.ts";
import type { ImageShape, Pixels } from "./shards.ts";

/** The form that every file of a data set must have, taken from the first one that could be read. */
export interface SourceForm {
  readonly heightPx: number;
  readonly widthPx: number;
  readonly bitDepth: 8 | 16;
  /** The file it was taken from. */
  readonly reference: string;
}

const describe = (form: { heightPx: number; widthPx: number; bitDepth: number }) =>
  `${form.heightPx} × ${form.widthPx} px of ${form.bitDepth} bits`;

/** The form of the first file of `planned`. @throws GanDlError `unreadable-image`, `unsupported-image`. */
export async function probeForm(source: ImageSource, plan: ImportPlan, planned: PlannedSite): Promise<SourceForm> {
  const file = planned.files[0]!;
  const image = await readImage(source, plan, file, labelOf(file, planned, plan));
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
 * @returns the measures of each channel at its own size, before it is shrunk.
 * @throws GanDlError `unreadable-image`, `unsupported-image`, `image-mismatch`; each names the file and its row.
 */
export async function readSite(
  source: ImageSource,
  plan: ImportPlan,
  planned: PlannedSite,
  form: SourceForm,
  shape: ImageShape,
  out: Pixels,
): Promise<PlaneMeasure[]> {
  const measures: PlaneMeasure[] = [];
  const plane = shape.heightPx * shape.widthPx;
  const sourcePlane = form.heightPx * form.widthPx;
  const wanted = planned.holdsAllChannels ? plan.channelIndices : [0];
  const nPlanes = planned.holdsAllChannels ? plan.dataset.channels.length : 1;
  const readOne = async (file: string, i: number) => {
    const label = labelOf(file, planned, plan);
    const image = await readImage(source, plan, file, label);
    checkForm(image, nPlanes, form, label);
    for (const [k, channel] of wanted.entries()) {
      const from = image.data.subarray(channel * sourcePlane, (channel + 1) * sourcePlane);
      measures[i + k] = measurePlane(from, form.heightPx, form.widthPx);
      const to = out.subarray((i + k) * plane, (i + k + 1) * plane);
      if (from.length === to.length) to.set(from);
      else areaDownsample(from, form.heightPx, form.widthPx, to, shape.heightPx, shape.widthPx);
    }
  };
  // All are awaited, also when one fails: `out` is used again for another site.
  const ends = await Promise.allSettled(planned.files.map(readOne));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return measures;
}

const labelOf = (file: string, planned: PlannedSite, plan: ImportPlan) =>
  `${file} (row ${planned.row} of ${plan.metadata.file})`;

async function readImage(source: ImageSource, { z }: ImportPlan, file: string, label: string): Promise<DecodedImage> {
  let bytes: Uint8Array;
  try {
    bytes = await source.read(file);
  } catch (error) {
    // Faults of one file become faults of an image, naming its row; all others (of servers, of stacks) say enough.
    if (isGanDlError(error, "missing-file", "bad-zip", "unsafe-path", "bad-table"))
      throw unreadableImage(label, firstLine(error), error);
    throw error;
  }
  return decodeImage(bytes, label, z === undefined ? {} : { z });
}

function checkForm(image: DecodedImage, nPlanes: number, form: SourceForm, label: string): void {
  const got = { heightPx: image.height, widthPx: image.width, bitDepth: image.bitDepth };
  if (describe(got) !== describe(form)) throw imageMismatch(label, describe(got), describe(form), form.reference);
  if (image.channels !== nPlanes) throw wrongChannelCount(label, image.channels, nPlanes);
}
