// The rates of the machine, by themselves.
import { copySample, productSample, referenceBytes, referenceFlop } from "../machine.ts";
import type { BenchRow } from "../row.ts";

export const machineRates: readonly BenchRow[] = [
  {
    ...{ name: "machine/product", title: "float32 product of two 1024² matrices", rounds: 15 },
    prepare: () => {
      const ours = productSample();
      return {
        unit: "GFLOP/s",
        ours,
        isMachineRate: true,
        cost: { flop: referenceFlop },
        dispose: () => ours.dispose(),
      };
    },
  },
  {
    ...{ name: "machine/copy", title: "copy of 64 MiB to other memory, bytes read and written", rounds: 15 },
    prepare: () => {
      const ours = copySample();
      return {
        unit: "GB/s",
        ours,
        isMachineRate: true,
        cost: { bytes: referenceBytes },
        dispose: () => ours.dispose(),
      };
    },
  },
];
