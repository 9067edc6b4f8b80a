// How a network that knows photographs is shown stains: each as a grey picture, or all as its channels.
import type { FeatureRows } from "../math/index.ts";
import { badFeatureNetwork } from "./errors.ts";
import { expectForm, type FeatureExtractor, type GreyImages, type ImageForm } from "./feature-extractor.ts";
import { resizeImages } from "./resize-images.ts";

/** How images reach a user's network. */
export interface NetworkInput {
  /** What −1 and 1 become: `[0, 255]` for NVIDIA's Inception, `[0, 1]` for many others. @default [-1, 1] */
  readonly range?: readonly [low: number, high: number];
  /** Side that images are resized to first. @default the network's own where its file says, else the images' */
  readonly sidePx?: number;
  /**
   * `mean` and `concatenate` show each stain as a grey RGB picture and put the rows of features together so; `as-channels` gives
   * a network of as many channels the images as they are. @default "mean"
   */
  readonly stains?: "mean" | "concatenate" | "as-channels";
}

/** A loaded network: images `[n,c,s,s]` to features, row-major; n is told by the caller. */
export interface LoadedNetwork {
  readonly file: string;
  readonly id: string;
  /** A hash of the file. */
  readonly hash: string;
  /** Images that it must be given at once; null for any number. */
  readonly batch: number | null;
  run(data: Float32Array, shape: readonly [n: number, c: number, h: number, w: number]): Promise<Float32Array>;
  dispose(): void;
}

/** An extractor over a loaded network, whose width is found by a black image. @throws GanDlError `bad-feature-network`. */
export async function networkExtractor(
  network: LoadedNetwork,
  form: ImageForm,
  { range = [-1, 1], sidePx = form.resolutionPx, stains = "mean" }: NetworkInput,
): Promise<FeatureExtractor> {
  const show = async (images: GreyImages): Promise<FeatureRows> => {
    const [n, c, side] = images.shape;
    const resized = resizeImages(images.data, side, sidePx);
    const [low, high] = range;
    const levels = resized.map((level) => low + ((level + 1) / 2) * (high - low));
    if (stains === "as-channels") return runAll(network, levels, [n, c, sidePx, sidePx]);
    const each: FeatureRows[] = [];
    for (let k = 0; k < c; k++)
      each.push(await runAll(network, greyToRgb(levels, n, c, sidePx, k), [n, 3, sidePx, sidePx]));
    return stains === "mean" ? average(each) : joined(each);
  };
  const { imageChannels: c, resolutionPx } = form;
  const black = new Float32Array(c * resolutionPx ** 2).fill(-1);
  const { d: dim } = await show({ data: black, shape: [1, c, resolutionPx, resolutionPx] });
  const shown = `stains ${stains}, ${sidePx} px, range ${range.join(" to ")}`;
  return {
    ...{ id: network.id, version: `${network.hash.slice(0, 16)} (${shown})`, dim, form },
    description: `the user's network ${network.id} (${shown}, ${dim} features); its values can be compared only with those of the same file and settings`,
    extract: async (images) => {
      expectForm("the images", images.shape, form);
      return show(images);
    },
    dispose: () => network.dispose(),
  };
}

async function runAll(
  network: LoadedNetwork,
  data: Float32Array,
  shape: readonly [n: number, c: number, h: number, w: number],
): Promise<FeatureRows> {
  const [n, c, h, w] = shape;
  const atOnce = network.batch ?? n;
  const parts: Float32Array[] = [];
  for (let i = 0; i < n; i += atOnce) {
    const rows = Math.min(atOnce, n - i);
    parts.push(await network.run(data.subarray(i * c * h * w, (i + rows) * c * h * w), [rows, c, h, w]));
  }
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  if (total === 0 || total % n !== 0)
    throw badFeatureNetwork(network.file, `it gave ${total} numbers for ${n} images, not one row an image.`);
  const out = new Float32Array(total);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return { data: out, n, d: total / n };
}

/** Stain k of `[n,c,s,s]` as `[n,3,s,s]`. */
function greyToRgb(levels: Float32Array, n: number, c: number, side: number, k: number): Float32Array {
  const plane = side * side;
  const out = new Float32Array(n * 3 * plane);
  for (let i = 0; i < n; i++) {
    const grey = levels.subarray((i * c + k) * plane, (i * c + k + 1) * plane);
    for (let colour = 0; colour < 3; colour++) out.set(grey, (i * 3 + colour) * plane);
  }
  return out;
}

function average(each: readonly FeatureRows[]): FeatureRows {
  const { n, d } = each[0] as FeatureRows;
  const data = new Float32Array(n * d);
  for (const rows of each) for (let i = 0; i < data.length; i++) data[i]! += rows.data[i]! / each.length;
  return { data, n, d };
}

function joined(each: readonly FeatureRows[]): FeatureRows {
  const { n, d } = each[0] as FeatureRows;
  const data = new Float32Array(n * d * each.length);
  each.forEach((rows, k) => {
    for (let i = 0; i < n; i++) data.set(rows.data.subarray(i * d, (i + 1) * d), (i * each.length + k) * d);
  });
  return { data, n, d: d * each.length };
}
