// Gradients of any order.
import { asyncInScope } from "./errors.ts";
import { type NativeHandle, native, rethrowing } from "./native.ts";
import { Tensor } from "./tensor.ts";

/**
 * Runs `work` without recording for gradients; the mode is restored also when it throws.
 * @throws GanDlError `scope-order` when the work returns a promise: it would go on in the other mode.
 */
export function noGrad<T>(work: () => T): T {
  const addon = native();
  const before = addon.gradEnabled();
  addon.setGradEnabled(false);
  try {
    const result = work();
    if (result instanceof Promise) throw asyncInScope("noGrad");
    return result;
  } finally {
    addon.setGradEnabled(before);
  }
}

/** Whether operations are recorded for gradients now. */
export const gradEnabled = (): boolean => native().gradEnabled();

export interface GradOptions {
  /** What each output's gradient is weighted by; needed for outputs with more than one element. */
  readonly gradOutputs?: readonly Tensor[];
  /** Records the gradient itself, so that it can be differentiated again. @default false */
  readonly createGraph?: boolean;
  /** Keeps the graph for another pass. @default the value of createGraph */
  readonly retainGraph?: boolean;
  /** Gives null for inputs that no output depends on, instead of an error. @default false */
  readonly allowUnused?: boolean;
}

/**
 * The gradients of the sum of `outputs` by each of `inputs`, in their order; the caller (or scope) owns them.
 * @throws GanDlError `tensor-op-failed` when an output does not depend on an input and `allowUnused` is off.
 * @example
 * ```ts
 * import { fromArray, grad } from "gan-dl/tensor";
 * const x = fromArray(new Float32Array([3]), [1]).setRequiresGrad(true);
 * const [slope] = grad(x.pow(3), [x], { createGraph: true }); // 3x² = 27
 * const [bend] = grad(slope!, [x]); // 6x = 18
 * console.assert(slope!.item() === 27 && bend!.item() === 18);
 * ```
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions & { allowUnused: true },
): (Tensor | null)[];
export function grad(outputs: Tensor | readonly Tensor[], inputs: readonly Tensor[], options?: GradOptions): Tensor[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  const { gradOutputs, createGraph = false, retainGraph = createGraph, allowUnused = false } = options;
  const handles = (tensors: readonly Tensor[]): NativeHandle[] => tensors.map((tensor) => tensor.handle);
  const roots = outputs instanceof Tensor ? [outputs] : outputs;
  const gradients = rethrowing((addon) =>
    addon.grad(
      handles(roots),
      handles(inputs),
      gradOutputs ? handles(gradOutputs) : null,
      createGraph,
      retainGraph,
      allowUnused,
    ),
  );
  return gradients.map((handle) => (handle === null ? null : new Tensor(handle)));
}
