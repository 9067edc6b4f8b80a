// Whether the kernels give right numbers where they are about to be used: a card's cannot be tested on a machine without one.
import { grad, Rng, randn, type Tensor, TensorScope } from "../tensor/index.ts";
import { activate } from "./fused.ts";
import { ACTIVATION_GAIN, LEAKY_SLOPE } from "./layers.ts";
import { styledConv } from "./modulated-conv.ts";
import { convDown2, pointwiseDown2, upsample2 } from "./resample.ts";

/** A kernel that computes something else gives a third and more, TF32 about a hundredth. */
export const KERNEL_ERROR_LIMIT = 0.1;

/** One channel count that fits a pack of 16 bytes and one that does not. */
const CHANNELS = [8, 5] as const;
const SIDE = 12;

/**
 * How far layers made of every kernel, and their first and second derivatives, are on `device` from the same on the CPU in float64:
 * the largest ‖difference‖ / ‖value‖ of any result. About 1e-6 in float32 and 0.03 in bfloat16. Takes milliseconds; draws from a
 * generator of its own.
 * @throws GanDlError `tensor-op-failed` when a kernel does not start.
 * @example
 * ```ts
 * import { KERNEL_ERROR_LIMIT, kernelError } from "gan-dl/nn";
 * console.assert(kernelError("cpu", "float32") < KERNEL_ERROR_LIMIT);
 * ```
 */
export function kernelError(device: string, dtype: "float32" | "bfloat16"): number {
  using _scope = new TensorScope();
  const errors = CHANNELS.map((channels) => {
    const operands = drawOperands(channels);
    const want = derivatives(operands.map((operand) => operand.to({ dtype: "float64" })));
    const given = operands.map((operand, i) => operand.to({ dtype: i === 0 ? dtype : "float32", device }));
    return Math.max(...derivatives(given).map((got, i) => distance(got, want[i] as Tensor)));
  });
  return errors.every(Number.isFinite) ? Math.max(...errors) : Number.POSITIVE_INFINITY;
}

function drawOperands(c: number): Tensor[] {
  const rng = new Rng(61);
  const shapes = [[2, c, SIDE, SIDE], [c, c, 3, 3], [c, c, 1, 1], [2, c], [c], [], [2, 1, 2 * SIDE, 2 * SIDE]];
  return shapes.map((shape) => randn(shape, { rng }));
}

/** A layer that doubles and one that halves, beside their skips. */
function layersOf([x, weight, point, style, bias, strength, noise]: readonly Tensor[]): Tensor {
  if (!x || !weight || !point || !style || !bias || !strength || !noise) throw new Error("internal: too few operands");
  const up = styledConv(x, weight, style, { up: true, bias, noise: { map: noise.detach(), strength } });
  const wide = up.add(upsample2(x));
  const halved = activate(convDown2(wide, weight), { bias: bias.mul(ACTIVATION_GAIN), slope: LEAKY_SLOPE });
  return halved.add(pointwiseDown2(wide, point));
}

/** The value, its gradients, and the gradients of the sum of their squares. */
function derivatives(operands: readonly Tensor[]): Tensor[] {
  const leaves = operands.map((operand) => operand.detach());
  const learned = leaves.slice(0, -1).map((leaf) => leaf.setRequiresGrad(true));
  const y = layersOf(leaves);
  const wide = leaves[1]!.dtype; // sums of squares of a map in bfloat16 would round at every term
  const first = grad(y.square().mean(), learned, { createGraph: true }) as Tensor[];
  const bent = first.map((gradient) => gradient.to({ dtype: wide }).square().sum());
  const sum = bent.reduce((a, b) => a.add(b));
  return [y, ...first, ...(grad(sum, learned) as Tensor[])];
}

const distance = (got: Tensor, want: Tensor): number => {
  const here = got.detach().to({ dtype: "float64", device: "cpu" });
  return here.sub(want.detach()).norm().item() / Math.max(want.detach().norm().item(), 1e-30);
};
