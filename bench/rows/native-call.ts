// What crossing from TypeScript to LibTorch and back costs.
import { ones } from "gan-dl/tensor";
import type { BenchRow } from "../row.ts";

const CALLS = 1000;

export const nativeCall: BenchRow = {
  ...{ name: "native-call", title: "add and dispose of a tensor of one element, from TypeScript", rounds: 15 },
  prepare: () => {
    const one = ones([1]);
    return {
      unit: "µs",
      bars: [{ of: "median", atMost: 1.5 }],
      ours: {
        ...{ name: "add, dispose", amount: CALLS },
        run: () => {
          for (let i = 0; i < CALLS; i++) one.add(1).dispose();
        },
      },
      dispose: () => one.dispose(),
    };
  },
};
