// What every model must do, walked over the registry at small sizes, and StyleGAN2's published parameter counts.
import { beforeAll, describe, expect, it } from "vitest";
import type { StyleGan2Shape } from "../schema/index.ts";
import { grad, Rng, randn, setThreads, storedOf, type Tensor, TensorScope, tensorStats } from "../tensor/index.ts";
import {
  copyOfGenerator,
  countParameters,
  describeDiscriminator,
  describeGenerator,
  drawLatents,
  MODELS,
  numWsOf,
} from "./index.ts";

// Networks this small spend their time at the barriers between threads where other work shares the cores.
beforeAll(() => setThreads(1));

const shapeOf = (resolutionPx: number, imageChannels: number): StyleGan2Shape => ({
  ...{ kind: "stylegan2", resolutionPx, imageChannels, latentDim: 8, styleDim: 12, mappingLayers: 2 },
  ...{ channelBase: 128, channelMax: 16, minibatchStdGroup: 2 },
});
/** Small enough for hundreds of evaluations in float64. */
const TINY: StyleGan2Shape = { ...shapeOf(16, 2), styleDim: 6, channelBase: 64, channelMax: 5 };
const CASES = [shapeOf(16, 1), shapeOf(16, 5), shapeOf(32, 3), shapeOf(64, 6)];
const difference = (a: Tensor, b: Tensor) => a.sub(b).abs().amax().item();

/** Replaces every parameter by a float64 copy, so that finite differences resolve more than rounding. */
function useFloat64(parameters: Map<string, Tensor>): void {
  for (const [name, tensor] of parameters)
    parameters.set(name, tensor.to({ dtype: "float64" }).detach().setRequiresGrad(true));
}
const draw64 = (seed: number, ...shape: number[]) => randn(shape, { rng: new Rng(seed), dtype: "float64" });

/** Compares the slope of `value` along a random direction of each parameter with central differences. */
function expectSlopes(parameters: Map<string, Tensor>, value: () => Tensor): void {
  const step = 1e-6; // small enough that no leaky ReLU changes side
  const wrong: string[] = [];
  let steepest = 0;
  const gradients = grad(value(), [...parameters.values()], { allowUnused: true });
  for (const [index, [name, parameter]] of [...parameters].entries()) {
    const direction = randn(parameter.shape, { rng: new Rng(11), dtype: "float64" });
    const gradient = gradients[index];
    const got = gradient ? gradient.mul(direction).sum().item() : 0;
    const at = (sign: number) => {
      using _scope = new TensorScope();
      parameters.set(name, parameter.detach().add(direction.mul(sign * step)));
      return value().item();
    };
    const want = (at(1) - at(-1)) / (2 * step);
    parameters.set(name, parameter);
    steepest = Math.max(steepest, Math.abs(want));
    if (!(Math.abs(got - want) < 1e-6 * Math.abs(want) + 1e-8)) wrong.push(`${name}: ${got}, not ${want}`);
  }
  expect(wrong).toEqual([]);
  expect(steepest).toBeGreaterThan(1e-4); // else every slope is within the tolerance and nothing was tested
}

for (const model of MODELS) {
  describe(`${model.id} keeps the contract`, () => {
    for (const shape of CASES) {
      const label = `${shape.resolutionPx} px, ${shape.imageChannels} channels`;
      it(`shapes, and a gradient for every parameter: ${label}`, () => {
        using _scope = new TensorScope();
        const rng = new Rng(1);
        const { generator, discriminator } = model.build(shape, rng);
        for (const side of ["generator", "discriminator"] as const) {
          const built = side === "generator" ? generator : discriminator;
          expect([...built.parameters].map(([name, t]) => ({ name, shape: [...t.shape] }))).toEqual(
            model.describe(shape)[side].map(({ name, shape: s }) => ({ name, shape: [...s] })),
          );
        }
        const w = generator.map(drawLatents(shape, 4, rng));
        expect(w.shape).toEqual([4, shape.styleDim]);
        const mixed = generator.broadcast(w, generator.map(drawLatents(shape, 4, rng)), 2);
        expect(mixed.shape).toEqual([4, numWsOf(shape), shape.styleDim]);
        const image = generator.synthesise(mixed, { rng });
        expect(image.shape).toEqual([4, shape.imageChannels, shape.resolutionPx, shape.resolutionPx]);
        const { score, statistic } = discriminator.score(image);
        expect([score.shape, statistic.shape]).toEqual([[4], [4, 1, 1, 1]]);
        const all = [...generator.parameters, ...discriminator.parameters];
        const gradients = grad(
          score.softplus().mean(),
          all.map(([, t]) => t),
        );
        const dead = gradients.flatMap((gradient, i) => (gradient.square().sum().item() > 0 ? [] : [all[i]![0]]));
        expect(dead).toEqual([]);
      });

      it(`features do not depend on the batch: ${label}`, () => {
        using _scope = new TensorScope();
        const rng = new Rng(2);
        const { discriminator } = model.build(shape, rng);
        const images = randn([4, shape.imageChannels, shape.resolutionPx, shape.resolutionPx], { rng });
        const together = discriminator.features(images, { minibatchStd: 0.3 });
        for (let i = 0; i < 4; i++) {
          const alone = discriminator.features(images.narrow(0, i, 1).contiguous(), { minibatchStd: 0.3 });
          for (const tap of Object.keys(together) as (keyof typeof together)[]) {
            expect(difference(alone[tap], together[tap].narrow(0, i, 1)), tap).toBeLessThan(1e-4);
          }
        }
      });
    }

    it("equal seeds give equal networks and images; saving and loading changes nothing; nothing leaks", () => {
      const shape = CASES[1]!;
      const before = tensorStats().live;
      {
        using _scope = new TensorScope();
        const draw = () => model.build(shape, new Rng(9));
        const [a, b, other] = [draw(), draw(), model.build(shape, new Rng(10))];
        const show = (g: typeof a.generator) =>
          g.synthesise(g.broadcast(g.map(drawLatents(shape, 2, new Rng(3)))), { noise: "const" });
        expect(difference(show(a.generator), show(b.generator))).toBe(0);
        expect(difference(show(a.generator), show(other.generator))).toBeGreaterThan(0);
        other.generator.loadState(new Map([...a.generator.state()].map(([name, t]) => [name, storedOf(t)])));
        expect(difference(show(a.generator), show(other.generator))).toBe(0);
        expect(() => other.generator.loadState(new Map())).toThrow(/internal: the state has no/);
        const copy = copyOfGenerator(a.generator, new Rng(1));
        expect(difference(show(a.generator), show(copy))).toBe(0);
      }
      expect(tensorStats().live).toBe(before);
    });

    it("noise is used as asked, and truncation pulls to the mean style", () => {
      using _scope = new TensorScope();
      const shape = CASES[0]!;
      const { generator } = model.build(shape, new Rng(4));
      for (const [name, parameter] of generator.parameters)
        if (name.endsWith("noiseStrength")) parameter.setRequiresGrad(false).fill_(0.5);
      const w = generator.map(drawLatents(shape, 2, new Rng(1)));
      const show = (noise: "random" | "const" | "none", seed: number) =>
        generator.synthesise(generator.broadcast(w), { noise, rng: new Rng(seed) });
      expect(difference(show("random", 1), show("random", 2))).toBeGreaterThan(0);
      expect(difference(show("random", 1), show("random", 1))).toBe(0);
      expect(difference(show("const", 1), show("none", 1))).toBeGreaterThan(0);
      expect(() => generator.synthesise(generator.broadcast(w))).toThrow(/random noise needs a generator/);
      generator.trackStyle(w);
      const average = generator.buffers.get("mapping.wAvg") as Tensor;
      expect(difference(average, w.mean([0]).mul(0.005))).toBeLessThan(1e-6);
      expect(difference(generator.truncate(w, 0), average.reshape([1, -1]).expand(w.shape))).toBeLessThan(1e-6);
      expect(difference(generator.truncate(w, 1), w)).toBe(0);
    });
  });
}

describe("StyleGAN2's published parameter counts (docs/methods.md §2.6)", () => {
  const ROWS = [
    [64, 0.5, 5, 22_510_882, 23_407_873],
    [128, 0.5, 5, 23_216_809, 23_882_625],
    [128, 1, 5, 28_021_033, 28_389_633],
    [256, 0.5, 5, 23_459_184, 24_001_217],
    [256, 0.5, 6, 23_461_687, 24_001_281],
    [256, 1, 5, 28_726_960, 28_864_385],
    [512, 0.5, 5, 23_552_727, 24_030_817],
    [512, 1, 5, 28_969_335, 28_982_977],
    [1024, 1, 5, 29_062_878, 29_012_577],
  ] as const;
  for (const [resolutionPx, fmaps, imageChannels, generator, discriminator] of ROWS) {
    it(`${resolutionPx} px, fmaps ${fmaps}, ${imageChannels} channels`, () => {
      const shape: StyleGan2Shape = {
        ...{ kind: "stylegan2", resolutionPx, imageChannels, latentDim: 512, styleDim: 512, mappingLayers: 3 },
        ...{ channelBase: 32768 * fmaps, channelMax: 512, minibatchStdGroup: 4 },
      };
      expect(countParameters(describeGenerator(shape))).toBe(generator);
      expect(countParameters(describeDiscriminator(shape))).toBe(discriminator);
    });
  }
});

describe("the generator", () => {
  it("has gradients that agree with finite differences, for every parameter, and a second order in its styles", () => {
    using _scope = new TensorScope();
    const { generator } = MODELS[0]!.build(TINY, new Rng(8));
    useFloat64(generator.parameters);
    for (const [name, tensor] of generator.buffers) generator.buffers.set(name, tensor.to({ dtype: "float64" }));
    const [z, cotangent] = [draw64(2, 2, 8), draw64(3, 2, 2, 16, 16).div(16)];
    const shown = (w: Tensor) => generator.synthesise(generator.broadcast(w), { noise: "const" }).mul(cotangent).sum();
    expectSlopes(generator.parameters, () => shown(generator.map(z)));
    // The length of the path that an image moves per unit of style, as path-length regularisation needs it.
    expectSlopes(generator.parameters, () => {
      const w = generator.map(z);
      return grad(shown(w), [w], { createGraph: true })[0]!.square().sum([1]).sqrt().mean();
    });
  });
});

describe("the discriminator", () => {
  it("has gradients of score and R1 penalty that agree with finite differences, for every parameter", () => {
    using _scope = new TensorScope();
    const { discriminator } = MODELS[0]!.build(TINY, new Rng(6));
    useFloat64(discriminator.parameters);
    const image = draw64(7, 2, 2, 16, 16).setRequiresGrad(true);
    const penalty = () =>
      grad(discriminator.score(image).score.sum(), [image], { createGraph: true })[0]!.square().sum([1, 2, 3]).mean();
    expectSlopes(discriminator.parameters, () => discriminator.score(image).score.square().sum());
    expectSlopes(discriminator.parameters, penalty);
  });

  it("refuses a resolution that is no power of two from 16 on", () => {
    expect(() => MODELS[0]!.build(shapeOf(48, 3), new Rng(1))).toThrow(
      /resolution of 48 px[\s\S]*power of two[\s\S]*fix: choose 16/,
    );
    expect(() => MODELS[0]!.build(shapeOf(8, 3), new Rng(1))).toThrow(/resolution of 8 px/);
  });
});
