// What native/kernels does on a CPU, as cards do it: by our kernels told element by element, and by LibTorch's own operators. On a CUDA
// device where there is one, and on the CPU, so that both are held to the CPU's kernels on every machine. float32, without TF32.
import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  grad,
  loopOnCpu,
  Rng,
  randn,
  setDeviceSwitches,
  setThreads,
  systemInfo,
  type Tensor,
  TensorScope,
} from "../tensor/index.ts";
import {
  activate,
  convDown2,
  convolve,
  convUp2,
  modulatedConv,
  pointwiseDown2,
  scaleChannels,
  styledConv,
  upsample2,
} from "./index.ts";

const kernels = vi.hoisted(() => ({ off: false }));
vi.mock("./map-dtype.ts", async (original) => {
  const actual = await original<typeof import("./map-dtype.ts")>();
  return { ...actual, kernelsFor: (map: Tensor) => (kernels.off ? null : actual.kernelsFor(map)) };
});
beforeAll(() => {
  setThreads(1);
  setDeviceSwitches({ tf32Products: false, tf32Convolutions: false });
});

const rng = new Rng(23);
const draw = (...shape: number[]) => randn(shape, { rng });
const worst = (got: Tensor, want: Tensor) =>
  got.to({ device: "cpu" }).sub(want).abs().amax().item() / Math.max(1e-3, want.abs().amax().item());

type Layer = (operands: readonly Tensor[]) => Tensor;
const [x, weight, point, style] = [draw(2, 4, 8, 8), draw(6, 4, 3, 3), draw(6, 4, 1, 1), draw(2, 4)];
const [bias, strength, noise] = [draw(6), draw(), draw(2, 1, 16, 16)];
const LAYERS: Readonly<Record<string, readonly [Layer, readonly Tensor[]]>> = {
  "a 3×3 convolution": [([a, w]) => convolve(a!, w!), [x, weight]],
  "a 1×1 convolution": [([a, w]) => convolve(a!, w!), [x, point]],
  "a convolution that doubles": [([a, w]) => convUp2(a!, w!), [x, weight]],
  "a convolution that halves": [([a, w]) => convDown2(a!, w!), [x, weight]],
  "a 1×1 convolution that halves": [([a, w]) => pointwiseDown2(a!, w!), [x, point]],
  doubling: [([a]) => upsample2(a!), [x]],
  "channels scaled": [([a, s]) => scaleChannels(a!, s!), [x, style]],
  "an activation": [([a, b]) => activate(a!, { bias: b!, slope: 0.2 }), [draw(2, 6, 8, 8), bias]],
  "a modulated convolution": [([a, w, s]) => modulatedConv(a!, w!, s!, { resample: "down" }), [x, weight, style]],
  "a layer with its noise": [
    ([a, w, s, b, t, map]) =>
      styledConv(a!, w!, s!, { up: true, bias: b!, noise: { map: map!.detach(), strength: t! } }),
    [x, weight, style, bias, strength, noise],
  ],
};

/** The value, its gradients, and the gradients of the sum of their squares. */
function derivatives(layer: Layer, operands: readonly Tensor[], device: string): (Tensor | null)[] {
  const leaves = operands.map((operand) => operand.to({ device }).detach().setRequiresGrad(true));
  const y = layer(leaves);
  const first = grad(y.square().sum(), leaves, { createGraph: true, allowUnused: true });
  const bent = first.flatMap((gradient) => (gradient === null ? [] : gradient.square().sum()));
  return [
    y,
    ...first,
    ...grad(
      bent.reduce((a, b) => a.add(b)),
      leaves,
      { allowUnused: true },
    ),
  ];
}

const hasCard = systemInfo().cudaDevices > 0;
/** The device, whether our kernels work there, and whether it is there. */
const WAYS = {
  "by LibTorch's operators on the CPU:": ["cpu", false, true],
  "by element on the CPU:": ["cpu", true, true],
  "on a CUDA device: by LibTorch's operators:": ["cuda:0", false, hasCard],
  "on a CUDA device: by our kernels:": ["cuda:0", true, hasCard && systemInfo().cardKernels],
} as const;

for (const [way, [device, own, isThere]] of Object.entries(WAYS))
  describe.skipIf(!isThere)(way, () => {
    for (const [name, [layer, operands]] of Object.entries(LAYERS))
      it(`${name} is that of the CPU's kernels, to the second derivative`, () => {
        using _scope = new TensorScope();
        const want = derivatives(layer, operands, "cpu");
        kernels.off = !own;
        loopOnCpu(own && device === "cpu");
        try {
          const got = derivatives(layer, operands, device);
          // Sums of up to a few hundred products of float32, in another order.
          for (const [i, wanted] of want.entries())
            if (wanted !== null) expect(worst(got[i]!, wanted), `result ${i}`).toBeLessThan(1e-4);
        } finally {
          kernels.off = false;
          loopOnCpu(false);
        }
      });
  });
