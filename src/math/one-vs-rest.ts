// More than two classes: one linear SVM a class against all others, the highest score wins.
import { addOuterProducts } from "./dense-symmetric.ts";
import { oneClassOnly } from "./errors.ts";
import {
  decisionValues,
  fitRowsPath,
  type LabelledRows,
  type LinearSvm,
  type LinearSvmOptions,
  svmRows,
} from "./linear-svm.ts";
import type { SvmRows } from "./svm-problem.ts";

/** One classifier a class, in class order. */
export interface OneVsRest {
  readonly classifiers: readonly LinearSvm[];
  /** Whether every one of them converged. */
  readonly converged: boolean;
}

/**
 * Trains one classifier a class.
 * @param classes class number of each row, 0 … `nClasses − 1`; every class needs a row.
 * @throws GanDlError `one-class-only`, `not-finite`.
 * @example
 * ```ts
 * import { fitOneVsRest, predictClasses } from "gan-dl/math";
 * const features = Float64Array.of(0, 0, 5, 0, 0, 5); // three rows of two features
 * const model = fitOneVsRest({ features, nRows: 3, nFeatures: 2 }, [0, 1, 2], 3, { c: 10 });
 * console.assert(predictClasses(model, features).join() === "0,1,2");
 * ```
 */
export function fitOneVsRest(
  rows: Omit<LabelledRows, "positive">,
  classes: ArrayLike<number>,
  nClasses: number,
  options: LinearSvmOptions = {},
): OneVsRest {
  return fitOneVsRestPath(rows, classes, nClasses, [options.c ?? 0.01], options)[0]!;
}

/** One model for each C on the same rows, as {@link fitOneVsRest} trains them; what they share is computed once. */
export function fitOneVsRestPath(
  rows: Omit<LabelledRows, "positive">,
  classes: ArrayLike<number>,
  nClasses: number,
  cs: readonly number[],
  options: Omit<LinearSvmOptions, "c"> = {},
): OneVsRest[] {
  if (nClasses < 2) throw oneClassOnly(["class 0"].slice(0, nClasses));
  const shared = sharedRows(svmRows(rows, options.bias));
  // Of two classes, turning them over turns every score over: one problem, not two.
  const trained = Array.from({ length: nClasses === 2 ? 1 : nClasses }, (_, own) =>
    fitRowsPath(
      shared,
      Array.from(classes, (c) => c === own),
      cs,
      options,
    ),
  );
  return cs.map((_, k) => {
    const own = trained.map((path) => path[k]!);
    const classifiers = nClasses === 2 ? [own[0]!, turned(own[0]!)] : own;
    return { classifiers, converged: classifiers.every((c) => c.converged) };
  });
}

/** The rows with their products, which all classes begin from and one makes. */
function sharedRows(rows: SvmRows): SvmRows {
  let products: Float64Array | null = null;
  const make = () => {
    products = new Float64Array(rows.p * rows.p);
    addOuterProducts(
      products,
      rows.x,
      rows.p,
      Array.from({ length: rows.n }, (_, i) => i),
      new Float64Array(rows.n).fill(1),
    );
    return products;
  };
  return { ...rows, products: () => products ?? make() };
}

const turned = (svm: LinearSvm): LinearSvm => ({ ...svm, weights: svm.weights.map((w) => -w), bias: -svm.bias });

/** The class with the highest score for each row-major row `[n,f]`; the first of equals. */
export function predictClasses(
  model: { readonly classifiers: readonly Pick<LinearSvm, "weights" | "bias">[]; readonly converged?: boolean },
  features: Float32Array | Float64Array,
): Int32Array {
  const scores = model.classifiers.map((classifier) => decisionValues(classifier, features));
  return Int32Array.from(scores[0] ?? [], (_, i) => {
    let best = 0;
    for (let c = 1; c < scores.length; c++) if (scores[c]![i]! > scores[best]![i]!) best = c;
    return best;
  });
}
