// Training: each phase by itself, and whole iterations with the lazy penalties in their places.
import { Rng, randn, setDeviceSwitches, type Tensor } from "gan-dl/tensor";
import { Gan, switchesOf } from "gan-dl/train";
import { iterationFlop, PHASES, type Phase, phaseFlop } from "../arithmetic.ts";
import type { RowPeer } from "../peer-variants.ts";
import { phasesOf } from "../phases.ts";
import type { Bar, BenchContext, BenchRow, Prepared } from "../row.ts";
import { CARD_SIZE, configOf, LAZY, PERIOD_STEPS, TRAINING_SIZES, type TrainingSize } from "../training-sizes.ts";

/** What must hold for whole iterations (docs/performance.md). */
const BARS: Readonly<Record<string, readonly Bar[]>> = {
  small: [{ of: "peerRatio", atLeast: 2 }],
  large: [
    { of: "peerRatio", atLeast: 1.5 },
    { of: "shareOfPeak", atLeast: 0.8 },
  ],
};
/** On a card in mixed precision, which the peer makes of float16 (docs/performance.md). */
const CARD_BARS: readonly Bar[] = [{ of: "peerRatio", atLeast: 1.25 }];

const describeSize = ({ resolutionPx, imageChannels, channelBase, channelMax, batchSize }: TrainingSize): string =>
  `${resolutionPx} px, ${imageChannels} channels, base ${channelBase}, max ${channelMax}, batch ${batchSize}`;

/** One phase of a training step, in milliseconds for the batch. */
export function phaseRow(size: TrainingSize, phase: Phase): BenchRow {
  return {
    name: `train/${size.name}/${phase}`,
    title: `the ${phase} phase: ${describeSize(size)}`,
    rounds: 7,
    prepare: async ({ peer }: BenchContext): Promise<Prepared> => {
      const theirs = await peer?.forRow({ size, work: phase, unit: "ms", amount: 1 });
      const gan = new Gan(configOf(size), size.imageChannels);
      const real = imagesLike(size);
      const run = phasesOf(gan)[phase];
      const images = phase === "path-length" ? size.batchSize / LAZY.pathLengthBatchDivisor : size.batchSize;
      return {
        unit: "ms",
        ours: { name: "ours", amount: 1, run: () => run(real) },
        ...peerOf(theirs, 1),
        cost: { flop: images * phaseFlop(gan.shape)[phase] },
        dispose: () => {
          gan.dispose();
          real.dispose();
        },
      };
    },
  };
}

/** Sixteen steps of `Gan.trainStep`: every step the generator and the discriminator, path length every fourth, R1 once. */
export function iterationRow(size: TrainingSize, { needsCard = false } = {}): BenchRow {
  return {
    ...(needsCard && { needsCard }),
    name: `train/${size.name}/iteration`,
    title: `${PERIOD_STEPS} whole training steps with lazy regularisation: ${describeSize(size)}`,
    rounds: 5,
    isWholeTraining: true, // a step ends by reading its losses
    prepare: async ({ peer, device, precision }: BenchContext): Promise<Prepared> => {
      const amount = PERIOD_STEPS * size.batchSize;
      const theirs = await peer?.forRow({ size, work: "period", unit: "img/s", amount });
      const config = configOf(size, { device, precision });
      const gan = new Gan(config, size.imageChannels);
      const before = setDeviceSwitches(switchesOf(config)); // as `gandl train` does
      const batch = storedBatch(size);
      const steps = (count: number) => {
        gan.step = 0; // a period starts with all four phases
        for (let i = 0; i < count; i++) gan.trainStep(batch);
      };
      return {
        unit: "img/s",
        ours: { name: "ours", amount, run: () => steps(PERIOD_STEPS), warmUp: () => steps(1) },
        ...peerOf(theirs, amount),
        ...(needsCard && precision === "bfloat16" && { bars: CARD_BARS }),
        // The rate of products that a share is of, and the other bars, are the CPU's in float32.
        ...(device === "cpu" &&
          precision === "float32" && { cost: { flop: iterationFlop(gan.shape, LAZY) }, bars: BARS[size.name] ?? [] }),
        dispose: () => {
          setDeviceSwitches(before);
          gan.dispose();
        },
      };
    },
  };
}

/** The side of the checkout, where there is one. */
function peerOf(theirs: RowPeer | undefined, amount: number): Pick<Prepared, "peer" | "note"> {
  if (!theirs) return {};
  const { variant, note } = theirs;
  return { peer: { ...theirs, name: variant, amount }, ...(note !== null && { note: () => note }) };
}

function imagesLike({ batchSize, imageChannels, resolutionPx }: TrainingSize): Tensor {
  const images = randn([batchSize, imageChannels, resolutionPx, resolutionPx], { rng: new Rng(1) });
  const inOrder = images.contiguous({ memoryFormat: "channels_last" });
  images.dispose();
  return inOrder;
}

/** A batch of grey levels that no sampler had to draw: loading has a row of its own. */
export function storedBatch({ batchSize, imageChannels, resolutionPx }: TrainingSize) {
  const shape = [batchSize, imageChannels, resolutionPx, resolutionPx] as const;
  const data = Uint8Array.from(
    { length: shape.reduce((product, side) => product * side, 1) },
    (_, i) => (i * 37) % 251,
  );
  return { data, shape };
}

export const training: readonly BenchRow[] = [
  ...TRAINING_SIZES.flatMap((size) => [...PHASES.map((phase) => phaseRow(size, phase)), iterationRow(size)]),
  iterationRow(CARD_SIZE, { needsCard: true }),
];
