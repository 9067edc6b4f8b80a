// A backbone as the training sees it.
import type { Backbone } from "../../models/index.ts";
import type { Trainable } from "./train-classifier.ts";

/** All of a network is trained, its classifier by cross-entropy. */
export const trainable = (network: Backbone): Trainable => ({
  trained: network.parameters,
  state: () => network.state(),
  loadState: (state) => network.loadState(state),
  logits(images) {
    const { logits } = network.run(images, { train: true });
    if (logits === null) throw new Error("internal: a network without a classifier cannot be trained");
    return logits;
  },
});

/** `feature_0` … as tables of profiles name their features. */
export const featureNames = (n: number): string[] => Array.from({ length: n }, (_, i) => `feature_${i}`);
