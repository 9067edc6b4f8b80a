// The direction from healthy to infected in some features, found on labelled windows.
import { fitLinearDiscriminant, standardDeviation } from "../../math/index.ts";

/** Larger values of `weights · features + bias` look more infected; 0 is half way. */
export interface ConditionAxis {
  /** `[f]`. */
  readonly weights: Float64Array;
  readonly bias: number;
}

/** Of the covariance: enough to invert it, too little to leave in what varies for other reasons, such as how many cells a window holds. */
const SHRINKAGE = 0.002;

/**
 * Collects windows and finds the axis: features are centred on their plate, half way between its healthy and infected windows, so that
 * plates differ no more, brought to one spread, and told apart by Fisher's discriminant.
 * @example
 * ```ts
 * import { ConditionAxisFit } from "gan-dl/baselines";
 * const fit = new ConditionAxisFit(1);
 * for (const [value, isInfected] of [[1, false], [2, false], [5, true], [6, true]] as const) fit.add([value], isInfected, "plate");
 * const { weights, bias } = fit.axis();
 * console.assert(weights[0]! > 0 && Math.abs(weights[0]! * 3.5 + bias) < 1e-6);
 * ```
 */
export class ConditionAxisFit {
  readonly #nFeatures: number;
  readonly #rows: Float32Array[] = [];
  readonly #isInfected: boolean[] = [];
  readonly #plates: string[] = [];

  constructor(nFeatures: number) {
    this.#nFeatures = nFeatures;
  }

  /** @param features `[f]`, copied. */
  add(features: ArrayLike<number>, isInfected: boolean, plate: string): void {
    this.#rows.push(Float32Array.from(features));
    this.#isInfected.push(isInfected);
    this.#plates.push(plate);
  }

  /** @throws GanDlError `one-class-only` unless both classes were added. */
  axis(): ConditionAxis {
    const f = this.#nFeatures;
    const n = this.#rows.length;
    const { centred, middle } = this.#centred();
    const scale = Float64Array.from({ length: f }, (_, j) => {
      const spread = standardDeviation(Float64Array.from({ length: n }, (_, i) => centred[i * f + j]!));
      return spread > 0 ? 1 / spread : 0; // a feature that never varies says nothing
    });
    for (let i = 0; i < centred.length; i++) centred[i]! *= scale[i % f]!;
    const classes = Uint8Array.from(this.#isInfected, Number);
    const nClasses = new Set(classes).size;
    const { classifiers } = fitLinearDiscriminant(
      { features: centred, nRows: n, nFeatures: f },
      classes,
      nClasses,
      SHRINKAGE,
    );
    const [healthy, infected] = classifiers;
    if (!healthy || !infected) throw new Error("internal: a discriminant without two classes");
    const weights = infected.weights.map((w, j) => (w - healthy.weights[j]!) * scale[j]!);
    const offset = weights.reduce((sum, w, j) => sum + w * middle[j]!, 0);
    return { weights, bias: infected.bias - healthy.bias - offset };
  }

  /** Rows minus their plate's middle, and the mean of the middles, where an image of an unknown plate is taken to lie. */
  #centred(): { centred: Float32Array; middle: Float64Array } {
    const f = this.#nFeatures;
    const plates = [...new Set(this.#plates)];
    const middles = new Map(plates.map((plate) => [plate, this.#middleOf(plate)]));
    const centred = new Float32Array(this.#rows.length * f);
    this.#rows.forEach((row, i) => {
      const own = middles.get(this.#plates[i]!)!;
      for (let j = 0; j < f; j++) centred[i * f + j] = row[j]! - own[j]!;
    });
    const middle = new Float64Array(f);
    for (const own of middles.values()) for (let j = 0; j < f; j++) middle[j]! += own[j]! / plates.length;
    return { centred, middle };
  }

  /** Half way between a plate's healthy and infected means; the mean there is where it has one class alone. */
  #middleOf(plate: string): Float64Array {
    const means = [false, true].flatMap((isInfected) => {
      const rows = this.#rows.filter((_, i) => this.#plates[i] === plate && this.#isInfected[i] === isInfected);
      return rows.length === 0 ? [] : [meanOf(rows, this.#nFeatures)];
    });
    return meanOf(means, this.#nFeatures);
  }
}

function meanOf(rows: readonly ArrayLike<number>[], f: number): Float64Array {
  const mean = new Float64Array(f);
  for (const row of rows) for (let j = 0; j < f; j++) mean[j]! += row[j]! / rows.length;
  return mean;
}
