// The controller against docs/methods.md's rule, and the augmenter that holds it.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { AdaConfig, AugmentState } from "../../schema/index.ts";
import { Rng, randn, setThreads, TensorScope } from "../../tensor/index.ts";
import { AdaptiveP } from "./adaptive-p.ts";
import { Augmenter } from "./augmenter.ts";

beforeAll(() => setThreads(1));

const config = (changes: object = {}): AdaConfig => AdaConfig.parse({ kind: "ada", ...changes });
const observe = (steering: AdaptiveP, signMean: number, times: number, images = 32) => {
  for (let i = 0; i < times; i++) steering.observe(signMean, images);
};

describe("the adaptive probability", () => {
  it("rises by batch · 4 / 500,000 every fourth step while the mean sign is above 0.6, and falls as fast below", () => {
    const steering = new AdaptiveP(config());
    const rise = (32 * 4) / 500_000;
    observe(steering, 0.61, 3);
    expect(steering.p).toBe(0);
    observe(steering, 0.61, 1);
    expect(steering.p).toBe(rise);
    observe(steering, 1, 8);
    expect(steering.p).toBeCloseTo(3 * rise, 15);
    observe(steering, 0.59, 4);
    expect(steering.p).toBeCloseTo(2 * rise, 15);
    observe(steering, -1, 4);
    expect(steering.p).toBeCloseTo(rise, 15);
  });
  it("stands still exactly at the target", () => {
    const steering = new AdaptiveP(config({ target: 0.5, initialP: 0.3 }));
    observe(steering, 0.5, 4);
    expect(steering.p).toBe(0.3);
  });
  it("goes by the mean over the interval, weighted by images", () => {
    const rising = new AdaptiveP(config({ interval: 2 }));
    rising.observe(1, 30);
    rising.observe(0, 10); // mean 0.75
    expect(rising.p).toBe(40 / 500_000);
    const falling = new AdaptiveP(config({ interval: 2, initialP: 0.5 }));
    falling.observe(1, 10);
    falling.observe(0, 30); // mean 0.25
    expect(falling.p).toBeCloseTo(0.5 - 40 / 500_000, 15);
  });
  it("reaches 1 after kimg thousand images, where it may", () => {
    const steering = new AdaptiveP(config({ kimg: 2, interval: 1, maxP: 1 }));
    observe(steering, 1, 40, 50);
    expect(steering.p).toBeCloseTo(1, 12);
  });
  it("never leaves 0 … maxP", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: 1, max: 400 })), {
          maxLength: 60,
        }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seen, maxP) => {
          const steering = new AdaptiveP(config({ kimg: 0.5, interval: 1, maxP, initialP: maxP / 2 }));
          for (const [signMean, images] of seen) {
            steering.observe(signMean, images);
            expect(steering.p).toBeGreaterThanOrEqual(0);
            expect(steering.p).toBeLessThanOrEqual(maxP);
          }
        },
      ),
    );
    const top = new AdaptiveP(config({ kimg: 0.1, interval: 1, maxP: 0.8 }));
    observe(top, 1, 10);
    expect(top.p).toBe(0.8);
    observe(top, -1, 10);
    expect(top.p).toBe(0);
  });
  it("takes no notice of scores that are not finite", () => {
    const steering = new AdaptiveP(config({ initialP: 0.5 }));
    observe(steering, Number.NaN, 4);
    expect(steering.p).toBe(0.5);
    observe(steering, Number.NaN, 3);
    observe(steering, 1, 1);
    expect(steering.p).toBeCloseTo(0.5 + 32 / 500_000, 15);
  });
  it("is held where it is fixed, at 1 for augmenting always", () => {
    for (const fixed of [0, 0.3, 1]) {
      const steering = new AdaptiveP(config({ fixed }));
      observe(steering, 1, 100);
      expect(steering.p).toBe(fixed);
    }
  });
  it("goes on from a saved state in the middle of an interval as if nothing had been", () => {
    const unbroken = new AdaptiveP(config());
    const broken = new AdaptiveP(config());
    observe(unbroken, 0.9, 6);
    observe(broken, 0.9, 6);
    const resumed = new AdaptiveP(config());
    resumed.restore(JSON.parse(JSON.stringify(broken.state())));
    for (const signMean of [0.1, 0.2, 0.9, 0.9, 0.9]) {
      unbroken.observe(signMean, 32);
      resumed.observe(signMean, 32);
      expect(resumed.state()).toEqual(unbroken.state());
    }
  });
});

describe("the augmenter", () => {
  const x = () => randn([4, 5, 16, 16], { rng: new Rng(1) });
  it("augments with the probability that the scores steer it to", () => {
    using _scope = new TensorScope();
    const augmenter = new Augmenter(config({ kimg: 0.1, interval: 1 }), 1);
    const images = x();
    expect(augmenter.augment(images)).toBe(images); // p starts at 0
    augmenter.observe(1, 50);
    expect(augmenter.p).toBe(0.5);
    expect(augmenter.augment(images).sub(images).abs().amax().item()).toBeGreaterThan(0.01);
  });
  it("saved, written as JSON, checked and restored, equals the unbroken one bit for bit", () => {
    using _scope = new TensorScope();
    const settings = config({ initialP: 0.6, interval: 2, ops: { noise: { on: true } } });
    const unbroken = new Augmenter(settings, 3);
    unbroken.augment(x());
    unbroken.observe(0.9, 4);
    const stored: unknown = JSON.parse(JSON.stringify(unbroken.state()));
    const resumed = new Augmenter(settings, 3);
    resumed.restore(AugmentState.parse(stored));
    for (let step = 0; step < 3; step++) {
      expect(resumed.augment(x()).sub(unbroken.augment(x())).abs().amax().item()).toBe(0);
      for (const augmenter of [resumed, unbroken]) augmenter.observe(0.9, 4);
      expect(resumed.state()).toEqual(unbroken.state());
    }
  });
  it("draws by the run's seed", () => {
    using _scope = new TensorScope();
    const draw = (seed: number) => new Augmenter(config({ fixed: 1 }), seed).augment(x());
    expect(draw(1).sub(draw(1)).abs().amax().item()).toBe(0);
    expect(draw(1).sub(draw(2)).abs().amax().item()).toBeGreaterThan(0.1);
  });
});
