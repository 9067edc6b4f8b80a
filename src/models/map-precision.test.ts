import { beforeAll, describe, expect, it, vi } from "vitest";
import type { PrecisionConfig, StyleGan2Shape } from "../schema/index.ts";
import { Rng, setThreads, type Tensor, TensorScope, zeros } from "../tensor/index.ts";
import { drawLatents } from "./index.ts";
import { bfloat16FromPx } from "./map-precision.ts";
import { Discriminator } from "./stylegan2-discriminator.ts";
import { Generator } from "./stylegan2-generator.ts";

/** Side and dtype of every map that went through an activation, in order: own kernels call it one thing, LibTorch another. */
const activated = vi.hoisted(() => ({ maps: [] as string[] }));
vi.mock("../tensor/tensor.ts", async (original) => {
  const actual = await original<typeof import("../tensor/tensor.ts")>();
  const op: typeof actual.op = (name, overload, ...args) => {
    const [map] = args;
    if (name === "gandl::activate" && map instanceof actual.Tensor) activated.maps.push(`${map.shape[3]} ${map.dtype}`);
    return actual.op(name, overload, ...args);
  };
  const leakyRelu = actual.Tensor.prototype.leakyRelu;
  actual.Tensor.prototype.leakyRelu = function (this: Tensor, slope: number) {
    if (this.shape.length === 4) activated.maps.push(`${this.shape[3]} ${this.dtype}`);
    return leakyRelu.call(this, slope);
  };
  return { ...actual, op };
});

const SHAPE: StyleGan2Shape = {
  ...{ kind: "stylegan2", resolutionPx: 32, imageChannels: 2, latentDim: 6, styleDim: 6, mappingLayers: 1 },
  ...{ channelBase: 64, channelMax: 6, minibatchStdGroup: 2 },
};
beforeAll(() => setThreads(1));
const seen = (work: () => unknown): string[] => {
  activated.maps = [];
  work();
  return activated.maps;
};

describe("the resolution from which on maps have fewer bits", () => {
  const from = (kind: PrecisionConfig["kind"], resolutionPx: number, resolutions: number) =>
    bfloat16FromPx({ resolutionPx }, { kind, resolutions });

  it("leaves as many as asked for above it, and 8 px and less below", () => {
    expect([1, 2, 4].map((n) => from("bfloat16", 256, n))).toEqual([256, 128, 32]);
    expect(from("bfloat16", 1024, 4)).toBe(128);
    expect([3, 4, 50].map((n) => from("bfloat16", 32, n))).toEqual([8, 8, 8]);
    expect(from("float32", 256, 4)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("networks with the two highest of 32 px in bfloat16", () => {
  const precision = { kind: "bfloat16", resolutions: 2 } as const;

  it("generate so at 16 and 32 px, in float32 below; the image is float32", () => {
    using _scope = new TensorScope();
    const rng = new Rng(1);
    const [mixed, full] = [new Generator(SHAPE, rng, precision), new Generator(SHAPE, rng)];
    const ws = mixed.broadcast(mixed.map(drawLatents(SHAPE, 2, rng)));
    let image: Tensor | null = null;
    const maps = seen(() => {
      image = mixed.synthesise(ws, { rng });
    });
    const low = [16, 16, 32, 32].map((side) => `${side} bfloat16`);
    expect(maps).toEqual(["4 float32", "8 float32", "8 float32", ...low]);
    expect((image as Tensor | null)?.dtype).toBe("float32");
    expect(seen(() => full.synthesise(ws, { rng })).every((map) => map.endsWith("float32"))).toBe(true);
  });

  it("score so from 32 px down to what the block of 16 px gives; statistic and score are float32", () => {
    using _scope = new TensorScope();
    const discriminator = new Discriminator(SHAPE, new Rng(1), precision);
    const image = zeros([4, 2, 32, 32]);
    let dtypes: string[] = [];
    const maps = seen(() => {
      const { score, statistic } = discriminator.score(image);
      dtypes = [score.dtype, statistic.dtype];
    });
    const low = [32, 32, 16, 16, 8].map((side) => `${side} bfloat16`);
    expect(maps).toEqual([...low, ...[8, 4, 4].map((side) => `${side} float32`)]);
    expect(dtypes).toEqual(["float32", "float32"]);
    // As an encoder the same network is float32 throughout.
    const features = seen(() => {
      dtypes = Object.values(discriminator.features(image)).map(({ dtype }) => dtype);
    });
    expect(features.every((map) => map.endsWith("float32"))).toBe(true);
    expect(new Set(dtypes)).toEqual(new Set(["float32"]));
  });
});
