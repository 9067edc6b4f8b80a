// Whether the kernels give right numbers where they are about to be used: on this processor or GPU, by this build of this LibTorch, at
// the channel counts of the networks that will run. Nobody can test all of those beforehand.
import { grad, Rng, randn, setDeviceSwitches, type Tensor, TensorScope } from "../tensor/index.ts";
import { activate, convolve, scaleChannels } from "./fused.ts";
import { LEAKY_SLOPE } from "./layers.ts";
import { convDown2, convUp2, pointwiseDown2, upsample2 } from "./resample.ts";

/** What a run may be off by, of the size of the values. Rounding gives 1e-6 in float32, 1e-3 with TF32, 0.03 in bfloat16. */
export const KERNEL_ERROR_LIMITS = { float32: 1e-4, tf32: 2e-2, bfloat16: 0.1 } as const;

/** How far one step of a layer is from float64: the worst of its value, its first and its second derivatives. */
export interface KernelError {
  /** As people call it: `3×3 convolution`, `activation`, … */
  readonly kernel: string;
  /** Channels in and out. */
  readonly channels: Channels;
  /** ‖difference‖ / ‖value‖; infinite where a number is not finite. */
  readonly error: number;
}

/** Of the input and of the output. */
export type Channels = readonly [into: number, out: number];

export interface KernelErrorOptions {
  /** What the kernels are held to float64 at. @default 8 to 8, 8 to 16 and 5 to 3: packs of 16 bytes, minimal filtering, and neither */
  readonly channels?: readonly Channels[];
  /** Measures LibTorch's operators in place of our kernels. @default false */
  readonly libtorch?: boolean;
}

const CHANNELS: readonly Channels[] = [
  [8, 8],
  [8, 16],
  [5, 3],
];
/** Divisible by the tiles of minimal filtering. */
const SIDE = 12;
/** Above, a smaller map keeps the check below a second. */
const WIDE = 128;
const SIDE_OF_WIDE = 8;

type Dtype = "float64" | "float32" | "bfloat16";
export type Operands = Readonly<Record<"x" | "weight" | "point" | "style" | "bias" | "strength" | "noise", Tensor>>;

/** Each step that kernels of ours do, under the name that an error tells. All but the activation keep their input's channels apart from theirs. */
const STEPS: Readonly<Record<string, (operands: Operands) => Tensor>> = {
  "3×3 convolution": ({ x, weight }) => convolve(x, weight),
  "1×1 convolution": ({ x, point }) => convolve(x, point),
  "convolution that doubles": ({ x, weight }) => convUp2(x, weight),
  "convolution that halves": ({ x, weight }) => convDown2(x, weight),
  "filter that doubles": ({ x }) => upsample2(x),
  "filter that halves": ({ x, point }) => pointwiseDown2(x, point),
  "scaling of channels": ({ x, style }) => scaleChannels(x, style),
  activation: ({ x, style, bias, strength, noise }) =>
    activate(x, { bias, slope: LEAKY_SLOPE, demodulation: style, noise: { map: noise.detach(), strength } }),
};

/**
 * How far every kernel, and its first and second derivatives, is on `device` from LibTorch's operators on the CPU in float64. Takes tenths of
 * a second; draws from a generator of its own.
 * @returns one entry a step and pair of channels.
 * @throws GanDlError `tensor-op-failed` when a kernel does not start.
 * @example
 * ```ts
 * import { KERNEL_ERROR_LIMITS, kernelErrors } from "gan-dl/nn";
 * const errors = kernelErrors("cpu", "float32", { channels: [[8, 16]] });
 * console.assert(errors.every(({ error }) => error < KERNEL_ERROR_LIMITS.float32));
 * ```
 */
export function kernelErrors(
  device: string,
  dtype: "float32" | "bfloat16",
  { channels = CHANNELS, libtorch = false }: KernelErrorOptions = {},
): KernelError[] {
  return channels.flatMap((pair) => {
    using _scope = new TensorScope();
    const side = Math.max(...pair) > WIDE ? SIDE_OF_WIDE : SIDE;
    const operands = drawOperands({ channels: pair, batch: 2, height: side, width: side }, new Rng(61));
    const errors = stepErrors(operands, { device, dtype, libtorch });
    return Object.entries(errors).map(([kernel, error]) => ({ kernel, channels: pair, error }));
  });
}

/** The error of each step on these operands; for {@link kernelErrors} and the tests of this room. */
export function stepErrors(
  operands: Operands,
  { device, dtype, libtorch }: { device: string; dtype: Dtype; libtorch: boolean },
): Record<string, number> {
  const errors = Object.entries(STEPS).map(([kernel, step]) => {
    using _scope = new TensorScope();
    const x = dtype === "bfloat16" ? operands.x.to({ dtype }) : operands.x; // the same numbers on both sides: a leaky ReLU has a kink
    const exact = { ...operands, x };
    const want = withKernels(false, () => derivatives(step, exact, { device: "cpu", dtype: "float64" }));
    const got = withKernels(!libtorch, () => derivatives(step, exact, { device, dtype }));
    return [kernel, Math.max(...got.map((order, i) => distance(order, want[i] as Tensor[])))] as const;
  });
  return Object.fromEntries(errors);
}

/** The entry that is furthest off, or null of none. */
export const worstKernel = (errors: readonly KernelError[]): KernelError | null =>
  errors.reduce<KernelError | null>((worst, one) => (worst === null || one.error > worst.error ? one : worst), null);

function withKernels<T>(on: boolean, work: () => T): T {
  const before = setDeviceSwitches({ cpuKernels: on, cardKernels: on });
  try {
    return work();
  } finally {
    setDeviceSwitches(before);
  }
}

/** Sides of the map that the steps are asked for. */
export interface OperandSides {
  readonly channels: Channels;
  readonly batch: number;
  /** Even, as every map that is halved is. */
  readonly height: number;
  readonly width: number;
}

/** Standard normal operands of every step; the scope owns them. */
export function drawOperands({ channels: [into, out], batch, height, width }: OperandSides, rng: Rng): Operands {
  const drawn = (...shape: number[]) => randn(shape, { rng });
  return {
    x: drawn(batch, into, height, width),
    weight: drawn(out, into, 3, 3),
    point: drawn(out, into, 1, 1),
    style: drawn(batch, into),
    bias: drawn(into),
    strength: drawn(),
    noise: drawn(batch, 1, height, width),
  };
}

/** By order: the value, its gradients, the gradients of the sum of their squares; the map in `dtype`, what it meets in float32 at the least. */
function derivatives(
  step: (operands: Operands) => Tensor,
  drawn: Operands,
  { device, dtype }: { device: string; dtype: Dtype },
): Tensor[][] {
  const wide = dtype === "bfloat16" ? "float32" : dtype;
  const leaves = Object.entries(drawn).map(
    ([name, value]) => [name, value.to({ dtype: name === "x" ? dtype : wide, device }).detach()] as const,
  );
  const learned = leaves.filter(([name]) => name !== "noise").map(([, leaf]) => leaf.setRequiresGrad(true));
  const y = step(Object.fromEntries(leaves) as Operands);
  const first = grad(y.square().mean(), learned, { createGraph: true, allowUnused: true }).filter((g) => g !== null);
  const bent = first.map((gradient) => gradient.to({ dtype: wide }).square().sum()); // sums in bfloat16 would round at every term
  const second = grad(
    bent.reduce((a, b) => a.add(b)),
    learned,
    { allowUnused: true },
  ).filter((g) => g !== null);
  return [[y], first, second];
}

/** A sum that nearly cancels is told in hundredths of the largest of its order, or rounding alone would look like an error. */
const SMALL = 0.01;

/** The largest difference of results of one order of derivatives, each in parts of its size. */
function distance(got: readonly Tensor[], want: readonly Tensor[]): number {
  const sizes = want.map((tensor) => tensor.detach().norm().item());
  const least = Math.max(SMALL * Math.max(...sizes), 1e-30);
  const errors = got.map((tensor, i) => {
    const here = tensor.detach().to({ dtype: "float64", device: "cpu" });
    return (
      here
        .sub((want[i] as Tensor).detach())
        .norm()
        .item() / Math.max(sizes[i] as number, least)
    );
  });
  return errors.every(Number.isFinite) ? Math.max(...errors) : Number.POSITIVE_INFINITY;
}
