// Named parameters: listed first, drawn afterwards, so that counting and planning need no LibTorch.
import {
  full,
  noGrad,
  type Rng,
  randn,
  type StoredTensor,
  type Tensor,
  tensorFromStored,
  zeros,
} from "../tensor/index.ts";

/** One parameter before it exists. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** Standard normal times `scale`, or a constant. */
  readonly start:
    | { readonly kind: "normal"; readonly scale: number }
    | { readonly kind: "constant"; readonly value: number };
}

export const normal = (name: string, shape: readonly number[], scale = 1): ParameterSpec => ({
  name,
  shape,
  start: { kind: "normal", scale },
});
export const constant = (name: string, shape: readonly number[], value = 0): ParameterSpec => ({
  name,
  shape,
  start: { kind: "constant", value },
});

/** Number of values in all parameters together. */
export const countParameters = (specs: readonly ParameterSpec[]): number =>
  specs.reduce((total, { shape }) => total + shape.reduce((product, side) => product * side, 1), 0);

/** Draws every parameter in order; leaves that need gradients, owned by the caller. Equal generators give equal bits. */
export function drawParameters(specs: readonly ParameterSpec[], rng: Rng): Map<string, Tensor> {
  const drawn = new Map<string, Tensor>();
  for (const { name, shape, start } of specs) {
    const at = { device: rng.device };
    const value =
      start.kind === "normal"
        ? randn(shape, { rng })
        : start.value === 0
          ? zeros(shape, at)
          : full(shape, start.value, at);
    if (start.kind === "normal" && start.scale !== 1) value.mul_(start.scale);
    drawn.set(name, value.setRequiresGrad(true));
  }
  return drawn;
}

/** Overwrites tensors with stored or live ones of the same names and shapes. */
export function loadTensors(
  target: ReadonlyMap<string, Tensor>,
  source: ReadonlyMap<string, Tensor | StoredTensor>,
): void {
  for (const [name, tensor] of target) {
    const saved = source.get(name);
    if (!saved) throw new Error(`internal: the state has no '${name}'`);
    if (saved.shape.join() !== tensor.shape.join())
      throw new Error(`internal: '${name}' has shape [${saved.shape}] in the state, [${tensor.shape}] in the network`);
    const live = "data" in saved ? tensorFromStored(saved) : saved;
    noGrad(() => tensor.copy_(live));
    if (live !== saved) live.dispose();
  }
}

/** The parameter called `name`; asking for one that does not exist is a fault of ours. */
export function parameterOf(parameters: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const found = parameters.get(name);
  if (!found) throw new Error(`internal: there is no parameter '${name}'`);
  return found;
}
