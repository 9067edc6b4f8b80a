// What is drawn for a batch, in plain numbers: all geometry of an image as one map, all colour of a channel as gain and offset.
import type { SeededRandom } from "../../core/index.ts";
import type { AugmentOps } from "../../schema/index.ts";
import { type Affine, compose, IDENTITY, quarterTurn, rotation, scaling, translation } from "./affine.ts";
import { badProbability } from "./errors.ts";

/** The geometry of one image. */
export interface GeometryDraw {
  /** From output to source pixels: the inverse of what happens to the picture. */
  readonly source: Affine;
  /** Whether `source` takes pixels to pixels, so that nothing is interpolated. */
  readonly exact: boolean;
}

/** Everything drawn for a batch; null where no image drew it. */
export interface AugmentDraw {
  /** `[n]`. */
  readonly geometry: readonly GeometryDraw[];
  /** Pixel → gain · pixel + offset, both `[n·c]`. */
  readonly colour: { readonly gain: Float64Array; readonly offset: Float64Array } | null;
  /** Standard deviation of each image's noise `[n]`, 0 for none, and the seed of the noise. */
  readonly noise: { readonly sigma: Float64Array; readonly seed: number } | null;
  /** Centre of each image's square as a share of the side `[n]`, NaN for none. */
  readonly cutout: { readonly x: Float64Array; readonly y: Float64Array } | null;
}

/** What images the draws are for. */
export interface DrawnFor {
  /** Number of images. */
  readonly n: number;
  /** Number of channels. */
  readonly c: number;
  readonly sidePx: number;
}

/**
 * Draws what happens to each image of a batch: each operation that is on with probability `p`, independently.
 *
 * A drawn flip still leaves half of the images alone, and a drawn quarter turn a quarter of them: every orientation is equally
 * likely at p = 1.
 * @param random moved on; equal generators give equal draws. Nothing is drawn from it at p = 0.
 * @throws GanDlError `bad-probability`.
 * @example
 * ```ts
 * import { SeededRandom } from "gan-dl/core";
 * import { AugmentOps } from "gan-dl/schema";
 * import { drawAugment } from "gan-dl/train";
 * const ops = AugmentOps.parse({ rotation: { on: false } });
 * const draw = drawAugment(ops, 0.5, { n: 8, c: 5, sidePx: 64 }, new SeededRandom(1));
 * console.assert(draw.geometry.length === 8 && draw.colour?.gain.length === 8 * 5);
 * ```
 */
export function drawAugment(ops: AugmentOps, p: number, { n, c, sidePx }: DrawnFor, random: SeededRandom): AugmentDraw {
  if (!(p >= 0 && p <= 1)) throw badProbability(p);
  return {
    geometry: Array.from({ length: n }, () => drawGeometry(ops, p, sidePx, random)),
    colour: drawColour(ops, p, n, c, random),
    noise: drawNoise(ops, p, n, random),
    cutout: drawCutout(ops, p, n, random),
  };
}

const happens = (p: number, random: SeededRandom): boolean => p > 0 && random.uniform() < p;
const plusMinus = (limit: number, random: SeededRandom): number => (2 * random.uniform() - 1) * limit;

/** The picture is flipped, turned, shifted, scaled, rotated, stretched, rotated, shifted; the source map undoes that in turn. */
function drawGeometry(ops: AugmentOps, p: number, sidePx: number, random: SeededRandom): GeometryDraw {
  const symmetry = drawSymmetry(ops, p, sidePx, random);
  const { scale, rotation: turn, stretch, fractionalShift } = ops;
  const undo: Affine[] = [];
  const pRotation = 1 - Math.sqrt(1 - p); // so that at least one of the two happens with probability p
  const maybeRotate = () => {
    if (turn.on && happens(pRotation, random))
      undo.push(rotation(plusMinus((turn.maxDegrees * Math.PI) / 180, random)));
  };
  if (scale.on && happens(p, random)) {
    const factor = 2 ** (random.normal() * scale.sigmaLog2);
    undo.push(scaling(1 / factor, 1 / factor));
  }
  maybeRotate();
  if (stretch.on && happens(p, random)) {
    const factor = 2 ** (random.normal() * stretch.sigmaLog2);
    undo.push(scaling(1 / factor, factor));
  }
  maybeRotate();
  if (fractionalShift.on && happens(p, random)) {
    const sigmaPx = fractionalShift.sigmaShare * sidePx;
    undo.push(translation(-random.normal() * sigmaPx, -random.normal() * sigmaPx));
  }
  return { source: undo.reduce(compose, symmetry), exact: undo.length === 0 };
}

/** Flips, quarter turns and whole-pixel shifts, undone. */
function drawSymmetry(ops: AugmentOps, p: number, sidePx: number, random: SeededRandom): Affine {
  let source: Affine = IDENTITY;
  if (ops.flipX && happens(p, random) && random.integer(2) === 1) source = compose(source, scaling(-1, 1));
  if (ops.flipY && happens(p, random) && random.integer(2) === 1) source = compose(source, scaling(1, -1));
  if (ops.quarterTurns && happens(p, random)) source = compose(source, quarterTurn(random.integer(4)));
  const { on, maxShare } = ops.integerShift;
  if (on && happens(p, random)) {
    const limitPx = maxShare * sidePx;
    const [x, y] = [Math.round(plusMinus(limitPx, random)), Math.round(plusMinus(limitPx, random))];
    source = compose(source, translation(-x, -y));
  }
  return source;
}

function drawColour({ brightness, contrast }: AugmentOps, p: number, n: number, c: number, random: SeededRandom) {
  const gain = new Float64Array(n * c).fill(1);
  const offset = new Float64Array(n * c);
  let any = false;
  for (let image = 0; image < n; image++) {
    if (brightness.on && happens(p, random)) {
      for (let channel = 0; channel < c; channel++) offset[image * c + channel] = random.normal() * brightness.sigma;
      any = true;
    }
    if (contrast.on && happens(p, random)) {
      for (let at = image * c; at < (image + 1) * c; at++) {
        const factor = 2 ** (random.normal() * contrast.sigmaLog2);
        gain[at] = factor;
        offset[at] = factor * (offset[at]! - contrast.pivot) + contrast.pivot;
      }
      any = true;
    }
  }
  return any ? { gain, offset } : null;
}

function drawNoise({ noise }: AugmentOps, p: number, n: number, random: SeededRandom) {
  if (!noise.on) return null;
  const sigma = new Float64Array(n);
  for (let image = 0; image < n; image++)
    if (happens(p, random)) sigma[image] = Math.abs(random.normal()) * noise.sigma;
  return sigma.some((value) => value > 0) ? { sigma, seed: random.integer(2 ** 31) } : null;
}

function drawCutout({ cutout }: AugmentOps, p: number, n: number, random: SeededRandom) {
  if (!cutout.on) return null;
  const x = new Float64Array(n).fill(Number.NaN);
  const y = new Float64Array(n).fill(Number.NaN);
  let any = false;
  for (let image = 0; image < n; image++) {
    if (!happens(p, random)) continue;
    x[image] = random.uniform();
    y[image] = random.uniform();
    any = true;
  }
  return any ? { x, y } : null;
}
