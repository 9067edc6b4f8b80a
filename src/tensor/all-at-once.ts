// The same small operation on every parameter. On a card each costs the host some microseconds to tell and the card next to nothing to
// do, so that LibTorch's operators on lists tell a few hundred of them in a handful. On the CPU they are loops, and so are these.
import { noGrad } from "./autograd.ts";
import { worksByElement } from "./device-switches.ts";
import { stack } from "./ops.ts";
import { TensorScope } from "./scope.ts";
import { callOp, type OpArgument, type Tensor } from "./tensor.ts";

/** Whether tensors on `device` are better told together: on cards, and where the CPU does what a card does. */
export const gainsByLists = (device: string): boolean =>
  device.startsWith("cuda") || (device === "cpu" && worksByElement(device));

/** Calls an operator that changes each tensor of its first list. */
export function changeEach(name: string, overload: string, tensors: readonly Tensor[], ...args: OpArgument[]): void {
  callOp(`aten::_foreach_${name}_`, overload, [tensors, ...args]);
}

/**
 * Moves each of `averages` towards its partner in `ends`: a ← a + weight · (end − a). Shapes of partners are equal; all on one device.
 * @param byLists told to LibTorch list by list. @default on a card
 */
export function lerpEach(
  averages: readonly Tensor[],
  ends: readonly Tensor[],
  weight: number,
  byLists = gainsByLists(averages[0]?.device ?? "cpu"),
): void {
  noGrad(() => {
    if (!byLists) for (const [i, average] of averages.entries()) average.lerp_(ends[i] as Tensor, weight);
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
 * @param byLists told to LibTorch in one list. @default on a card
 */
export function finiteWhereTerms(
  tensors: readonly Tensor[],
  byLists = gainsByLists(tensors[0]?.device ?? "cpu"),
): Float32Array {
  using _scope = new TensorScope();
  return noGrad(() => {
    const sums = byLists
      ? (callOp("aten::_foreach_norm", "Scalar", [tensors, 1]) as Tensor[])
      : tensors.map((tensor) => tensor.sum());
    return stack(sums).toFloat32Array();
  });
}
