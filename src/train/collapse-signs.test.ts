import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collapseSigns, type SignFigures } from "./collapse-signs.ts";

const HEALTHY: SignFigures = {
  kimg: 100,
  dLoss: 0.9,
  realScore: 0.8,
  fakeScore: -0.7,
  realSign: 0.5,
  fakeSign: -0.4,
  augmentP: 0.2,
  diversity: 0.9,
  gradientNorm: 2,
  nonFiniteSteps: 0,
};
const ticks = (changes: Partial<SignFigures>, n = 12): SignFigures[] =>
  Array.from({ length: n }, () => ({ ...HEALTHY, ...changes }));
const signs = (history: readonly SignFigures[], logistic = true) =>
  collapseSigns(history, { logistic }).map(({ sign }) => sign);

describe("collapseSigns", () => {
  it("is silent on a healthy run, an empty one and one that measures little", () => {
    expect(signs(ticks({}))).toEqual([]);
    expect(signs([])).toEqual([]);
    const { kimg, dLoss, realScore, fakeScore } = HEALTHY;
    expect(signs(Array(12).fill({ kimg, dLoss, realScore, fakeScore }))).toEqual([]);
    expect(signs(ticks({ augmentP: null, diversity: null, gradientNorm: null, realSign: null }))).toEqual([]);
  });

  it("sees a logit gap of 10, not one of 9.9, and only where logits have a scale", () => {
    expect(signs(ticks({ realScore: 5, fakeScore: -5 }))).toEqual(["discriminator-wins"]);
    expect(signs(ticks({ realScore: 5, fakeScore: -4.9 }))).toEqual([]);
    expect(signs(ticks({ realScore: 500, fakeScore: -5 }), false)).toEqual([]);
    expect(collapseSigns(ticks({ realScore: 6, fakeScore: -5 }))[0]).toEqual({
      sign: "discriminator-wins",
      text: "logits of real and generated images lie 11.0 apart: the discriminator wins",
      advice: "raise loss.r1Gamma, or lower optimiser.learningRate",
    });
  });

  it("does not mind single ticks, nor what was long ago", () => {
    const bad = ticks({ realScore: 50, fakeScore: -50 }, 3);
    expect(signs([...ticks({}), ...bad])).toEqual([]);
    expect(signs([...bad, ...ticks({})])).toEqual([]);
    expect(signs(bad.slice(0, 2))).toEqual([]);
  });

  it("sees a discriminator that says one half to everything, but not at the start", () => {
    const blind = { realScore: 0.01, fakeScore: 0, dLoss: 1.386 };
    expect(signs(ticks(blind))).toEqual(["discriminator-blind"]);
    expect(signs(ticks({ ...blind, kimg: 9 }))).toEqual([]);
    expect(signs(ticks({ ...blind, dLoss: 1.3 }))).toEqual([]);
    expect(signs(ticks({ ...blind, fakeScore: -0.2 }))).toEqual([]);
    expect(signs(ticks(blind), false)).toEqual([]);
    expect(collapseSigns(ticks(blind))[0]?.text).toContain("cannot tell real from generated images (loss 1.39)");
  });

  it("sees overfitting once augmentation cannot help any more, with advice that fits", () => {
    const sure = { realSign: 0.95, fakeSign: -0.95 };
    expect(signs(ticks(sure))).toEqual([]); // p = 0.2 is still on its way up
    expect(collapseSigns(ticks({ ...sure, augmentP: null }))).toEqual([
      {
        sign: "overfitting",
        text: "98 % of real images are called real: the discriminator may know them by heart",
        advice: 'set augment.kind to "adaptive", or import more images',
      },
    ]);
    expect(signs(ticks({ ...sure, augmentP: 0.9 }))).toEqual(["augmentation-saturated", "overfitting"]);
    expect(signs(ticks({ realSign: 0.95, fakeSign: -0.5, augmentP: null }))).toEqual([]);
  });

  it("sees augmentation from p = 0.8 on", () => {
    expect(signs(ticks({ augmentP: 0.8 }))).toEqual(["augmentation-saturated"]);
    expect(signs(ticks({ augmentP: 0.79 }))).toEqual([]);
  });

  it("sees images growing alike: too few kinds late, or half of what there was at any time", () => {
    expect(signs(ticks({ diversity: 0.3 }))).toEqual(["low-diversity"]);
    expect(signs(ticks({ diversity: 0.3, kimg: 10 }))).toEqual([]);
    const falling = [...ticks({ kimg: 5 }, 6), ...ticks({ kimg: 6, diversity: 0.4 }, 8)];
    expect(collapseSigns(falling)[0]?.text).toBe(
      "generated images differ 0.40 times as much as real ones, from 0.90: they grow alike",
    );
    expect(signs(ticks({ diversity: 0.4 }))).toEqual([]); // low from the start, but not falling
    const settling = [...ticks({ kimg: 1, diversity: 6.99 }, 6), ...ticks({ kimg: 50, diversity: 0.97 }, 8)];
    expect(signs(settling)).toEqual([]); // from wild noise to the variety of real images
    expect(signs([...settling, ...ticks({ kimg: 60, diversity: 0.45 }, 8)])).toEqual(["low-diversity"]);
  });

  it("sees a jump of gradients and steps that are not finite", () => {
    expect(signs([...ticks({}), { ...HEALTHY, gradientNorm: 41 }])).toEqual(["gradient-jump"]);
    expect(signs([...ticks({}), { ...HEALTHY, gradientNorm: 39 }])).toEqual([]);
    expect(collapseSigns([...ticks({}), { ...HEALTHY, nonFiniteSteps: 1 }])[0]?.text).toBe(
      "1 recent step had gradients that are not finite",
    );
    expect(signs([{ ...HEALTHY, nonFiniteSteps: 3 }, ...ticks({})])).toEqual([]);
  });

  it("never throws or speaks of NaN, whatever the figures", () => {
    const figure = fc.oneof(fc.double(), fc.constant(null), fc.constant(Number.NaN));
    const tick = fc.record({
      ...{ kimg: fc.double(), dLoss: fc.double(), realScore: fc.double(), fakeScore: fc.double() },
      ...{ realSign: figure, fakeSign: figure, augmentP: figure, diversity: figure, gradientNorm: figure },
    });
    fc.assert(
      fc.property(fc.array(tick, { maxLength: 12 }), fc.boolean(), (history, logistic) => {
        for (const { text } of collapseSigns(history, { logistic })) expect(text).not.toContain("NaN");
      }),
    );
  });
});
