// The same small operation on every parameter. On the CPU own kernels take all of them in one pass (native/kernels/parameters.cpp). On a card each costs the host some microseconds to tell and the card next to nothing to
// do, so that LibTorch's operators on lists tell a few hundred of them in a handful. Elsewhere they are loops.
import { noGrad } from "./autograd.ts";
import { worksBlocked, worksByElement } from "./device-switches.ts";
import { stack } from "./ops.ts";
import { TensorScope } from "./scope.ts";
import { callOp, type OpArgument, type Tensor } from "./tensor.ts";

/** Who goes over a list of tensors: our kernels, LibTorch's operators on lists, or a loop. */
export type ListForm = "kernel" | "lists" | "loop";
/** The form for tensors like this one. */
export const listFormOf = (tensor: Tensor | undefined): ListForm => {
  if (tensor === undefined) return "loop";
  const isWide = tensor.dtype === "float32" || tensor.dtype === "float64";
  if (isWide && worksBlocked(tensor.device)) return "kernel";
  return tensor.device.startsWith("cuda") || worksByElement(tensor.device) ? "lists" : "loop";
};

/** Calls an operator that changes each tensor of its first list. */
export function changeEach(name: string, overload: string, tensors: readonly Tensor[], ...args: OpArgument[]): void {
  callOp(`aten::_foreach_${name}_`, overload, [tensors, ...args]);
}

/**
 * Moves each of `averages` towards its partner in `ends`: a ← a + weight · (end − a). Shapes of partners are equal; all on one device.
 * @param form @default what suits their device
 */
export function lerpEach(
  averages: readonly Tensor[],
  ends: readonly Tensor[],
  weight: number,
  form = listFormOf(averages[0]),
): void {
  noGrad(() => {
    if (form === "kernel") callOp("gandl::lerp_each", "", [averages, ends, weight]);
    else if (form === "loop") for (const [i, average] of averages.entries()) average.lerp_(ends[i] as Tensor, weight);
    else {
      // LibTorch 1 has no list operator that interpolates.
      changeEach("mul", "Scalar", averages, 1 - weight);
      changeEach("add", "List", averages, ends, weight);
    }
  });
}

/**
 * One number a tensor that is finite exactly where the tensor's sum is, or its sum of magnitudes: read before a pass over everything.
 * Waits for the device.
 * @param form @default what suits their device
 */
export function finiteWhereTerms(tensors: readonly Tensor[], form = listFormOf(tensors[0])): Float32Array {
  using _scope = new TensorScope();
  return noGrad(() => {
    if (form === "kernel") return (callOp("gandl::sum_each", "", [tensors]) as Tensor).toFloat32Array();
    const sums =
      form === "lists"
        ? (callOp("aten::_foreach_norm", "Scalar", [tensors, 1]) as Tensor[])
        : tensors.map((tensor) => tensor.sum());
    return stack(sums).toFloat32Array();
  });
}
