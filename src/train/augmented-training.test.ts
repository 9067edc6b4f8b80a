// Adaptive augmentation inside the training step.
import { beforeAll, describe, expect, it } from "vitest";
import { setThreads } from "../tensor/index.ts";
import { Gan } from "./gan.ts";
import { tinyConfig } from "./train.fixture.ts";

beforeAll(() => setThreads(1));

type Augment = NonNullable<Parameters<typeof tinyConfig>[2]>["augment"];

/** Four bright squares at places of their own. */
const batch = (seed: number) => {
  const data = new Uint8Array(4 * 2 * 256).map((_, i) => {
    const [image, p] = [Math.floor(i / 512), i % 256];
    const [x, y] = [(image * 3 + seed) % 9, (image * 5 + seed) % 9];
    return (p % 16) - x >= 0 && (p % 16) - x < 6 && Math.floor(p / 16) - y >= 0 && Math.floor(p / 16) - y < 6
      ? 200
      : 20;
  });
  return { data, shape: [4, 2, 16, 16] as const };
};

function trainedWith(augment: Augment, nSteps = 4, changes: Parameters<typeof tinyConfig>[2] = {}) {
  const gan = new Gan(tinyConfig("none", nSteps, { ...changes, ...(augment ? { augment } : {}) }), 2);
  const stats = Array.from({ length: nSteps }, (_, i) => gan.trainStep(batch(i)));
  const weights = [...gan.discriminator.parameters.values()].flatMap((tensor) => [...tensor.toFloat32Array()]);
  const p = gan.augmenter?.p ?? null;
  gan.dispose();
  return { stats, weights, p };
}

describe("adaptive augmentation in training", () => {
  it("at p = 0 changes nothing, bit for bit", () => {
    expect(trainedWith({ kind: "ada", fixed: 0 }).weights).toEqual(trainedWith({ kind: "none" }).weights);
  });

  it("at p = 1 changes what the discriminator learns, the same for the same seed, and stays finite through R1 and path length", () => {
    const changes = { pathLength: { weight: 2, everySteps: 2 } };
    const [first, again] = [1, 2].map(() => trainedWith({ kind: "ada", fixed: 1 }, 4, changes));
    expect(first!.weights).toEqual(again!.weights);
    expect(first!.weights).not.toEqual(trainedWith({ kind: "none" }, 4, changes).weights);
    expect(first!.weights.every(Number.isFinite)).toBe(true);
    expect(first!.stats.flatMap(({ nonFinite }) => nonFinite)).toEqual([]);
    expect(first!.stats[0]?.r1).toBeGreaterThan(0);
  });

  it("raises p while real images are recognised more often than its target, and lowers it else", () => {
    const ada = { kind: "ada", interval: 1, kimg: 0.1, maxP: 1 } as const;
    expect(trainedWith({ ...ada, target: -0.99 }).p).toBeCloseTo((4 * 4) / 100, 9);
    expect(trainedWith({ ...ada, target: 0.999, initialP: 0.5 }, 3).p).toBeLessThan(0.5);
  });
});
