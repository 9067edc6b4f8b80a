// The bytes of one image file to planes of a site: decoded, measured, and put where the data set wants them.
import { areaDownsample } from "./area-downsample.ts";
import { decodeImage } from "./decode.ts";
import { imageMismatch, wrongChannelCount } from "./errors.ts";
import type { DecodedImage, DecodeOptions } from "./formats/image-format.ts";
import { measurePlane, type PlaneMeasure } from "./measure-plane.ts";
import type { Pixels } from "./shards.ts";

/** The form that every file of a data set must have, taken from the first one that could be read. */
export interface SourceForm {
  readonly heightPx: number;
  readonly widthPx: number;
  readonly bitDepth: 8 | 16;
  /** The file it was taken from. */
  readonly reference: string;
}

/** What a file must be, and what of it is wanted: plain data, so that it can be told to another thread. */
export interface PlanesWanted {
  /** Names the file and its row in errors. */
  readonly label: string;
  readonly decode: DecodeOptions;
  readonly form: SourceForm;
  /** Planes that the file must hold. */
  readonly nPlanes: number;
  /** Which of them are wanted, in the order wanted. */
  readonly channels: readonly number[];
  /** Size of a plane as it is stored, not larger than `form`. */
  readonly heightPx: number;
  readonly widthPx: number;
}

/** {@link placePlanes}, here or in another thread, which takes `bytes` over. */
export type PlacePlanes = (bytes: Uint8Array, wanted: PlanesWanted, out: Pixels) => Promise<readonly PlaneMeasure[]>;

/**
 * Decodes `bytes` and puts the planes wanted into `out` `[k,h,w]`, shrunk where they are stored smaller than they are.
 * @returns the measures of each plane at its own size, before it is shrunk.
 * @throws GanDlError `unreadable-image`, `unsupported-image`, `image-mismatch`.
 */
export async function placePlanes(bytes: Uint8Array, wanted: PlanesWanted, out: Pixels): Promise<PlaneMeasure[]> {
  const { form, heightPx, widthPx } = wanted;
  const image = await decodeImage(bytes, wanted.label, wanted.decode);
  checkForm(image, wanted);
  const [from, to] = [form.heightPx * form.widthPx, heightPx * widthPx];
  return wanted.channels.map((channel, k) => {
    const plane = image.data.subarray(channel * from, (channel + 1) * from);
    const place = out.subarray(k * to, (k + 1) * to);
    if (plane.length === place.length) place.set(plane);
    else areaDownsample(plane, form.heightPx, form.widthPx, place, heightPx, widthPx);
    return measurePlane(plane, form.heightPx, form.widthPx);
  });
}

const describe = (form: { heightPx: number; widthPx: number; bitDepth: number }) =>
  `${form.heightPx} × ${form.widthPx} px of ${form.bitDepth} bits`;

function checkForm(image: DecodedImage, { form, label, nPlanes }: PlanesWanted): void {
  const got = { heightPx: image.height, widthPx: image.width, bitDepth: image.bitDepth };
  if (describe(got) !== describe(form)) throw imageMismatch(label, describe(got), describe(form), form.reference);
  if (image.channels !== nPlanes) throw wrongChannelCount(label, image.channels, nPlanes);
}
