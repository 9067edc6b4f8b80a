// A period of training on a CUDA device beside the same on the CPU, by our kernels and by LibTorch's operators. Where there is no card,
// what a card runs is run on the CPU: all of it but the card itself is tested on every machine.
import { beforeAll, describe, expect, it, vi } from "vitest";
import { loopOnCpu, type Rng, setDeviceSwitches, systemInfo, type Tensor } from "../tensor/index.ts";
import { Gan } from "./gan.ts";
import type { StepStats } from "./step-stats.ts";
import { discBatch, temporaryFolder, tinyConfig } from "./train.fixture.ts";

const kernels = vi.hoisted(() => ({ off: false }));
vi.mock("../nn/map-dtype.ts", async (original) => {
  const actual = await original<typeof import("../nn/map-dtype.ts")>();
  return { ...actual, kernelsFor: (map: Tensor) => (kernels.off ? null : actual.kernelsFor(map)) };
});
/** Draws on the CPU, for every device the same numbers: generators of two devices give different ones for one seed. */
vi.mock("../tensor/create.ts", async (original) => {
  const actual = await original<typeof import("../tensor/create.ts")>();
  const { Rng } = await import("../tensor/rng.ts");
  const twins = new WeakMap<Rng, Rng>();
  const alike =
    (draw: typeof actual.randn) =>
    (shape: readonly number[], { rng, device = rng.device, ...at }: Parameters<typeof actual.randn>[1]) => {
      if (!twins.has(rng)) twins.set(rng, new Rng(7));
      return draw(shape, { ...at, device: "cpu", rng: twins.get(rng) as Rng }).to({ device });
    };
  return { ...actual, randn: alike(actual.randn), rand: alike(actual.rand) };
});
temporaryFolder(); // one thread
beforeAll(() => void setDeviceSwitches({ tf32Products: false, tf32Convolutions: false }));

/** All phases, each several times: path length every fourth step, R1 every second. */
const PERIOD = 8;
type Changes = Parameters<typeof tinyConfig>[2];

function period(device: string, changes: Changes): readonly StepStats[] {
  const gan = new Gan(tinyConfig("none", PERIOD, { pathLength: { weight: 2 }, ...changes, device }), 2);
  try {
    gan.measureStatistic(discBatch(0));
    return Array.from({ length: PERIOD }, (_, i) => gan.trainStep(discBatch(i)));
  } finally {
    gan.dispose();
  }
}

/** The scores by their difference: what is added to both is drawn from rounding alone where a loss does not see it. */
const figuresOf = ({ dLoss, gLoss, realScore, fakeScore, r1, pathLength }: StepStats) =>
  [dLoss, gLoss, realScore - fakeScore, r1, pathLength] as const;

const hasCard = systemInfo().cudaDevices > 0;
/** The device, whether our kernels work there, and whether it is there. */
const WAYS = {
  "by LibTorch's operators on the CPU:": ["cpu", false, true],
  "by element on the CPU:": ["cpu", true, true],
  "on a CUDA device: by LibTorch's operators:": ["cuda:0", false, hasCard],
  "on a CUDA device: by our kernels:": ["cuda:0", true, hasCard && systemInfo().cardKernels],
} as const;
const CASES = {
  "logistic loss in float32": [{}, 1e-3],
  "relativistic loss in float32": [{ loss: { kind: "relativistic" } }, 1e-3],
  "adaptive augmentation in float32": [{ augment: { kind: "ada", initialP: 0.8 } }, 1e-3],
  // Roundings to 8 bits in two orders of arithmetic: as far apart as bfloat16 is from float32.
  "logistic loss in bfloat16": [{ precision: { kind: "bfloat16" } }, 0.05],
} as const;

for (const [way, [device, own, isThere]] of Object.entries(WAYS))
  describe.skipIf(!isThere)(way, () => {
    for (const [name, [changes, tolerance]] of Object.entries(CASES))
      it(`a period of training with ${name} goes as on the CPU`, () => {
        const want = period("cpu", changes as Changes);
        kernels.off = !own;
        loopOnCpu(own && device === "cpu");
        try {
          const got = period(device, changes as Changes);
          for (const [step, wanted] of want.entries())
            for (const [i, figure] of figuresOf(wanted).entries()) {
              const found = figuresOf(got[step]!)[i]!;
              if (figure === null) expect(found).toBeNull();
              else expect(Math.abs(found! - figure), `figure ${i} of step ${step}`).toBeLessThan(tolerance);
            }
          expect(got.flatMap(({ nonFinite }) => nonFinite)).toEqual([]);
        } finally {
          kernels.off = false;
          loopOnCpu(false);
        }
      });
  });
