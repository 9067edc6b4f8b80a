// Both networks, whole, against the definition written out plainly: every image convolved with weights of its own, zero-stuffing
// and filter as `upfirdn2d`, gains where the papers put them and nothing folded. Order, wiring and gains are what this holds.
import { beforeAll, describe, expect, it } from "vitest";
import { biasActivation, RESAMPLE_FILTER, upfirdn2d } from "../nn/index.ts";
import type { StyleGan2Shape, Tap } from "../schema/index.ts";
import {
  cat,
  conv2d,
  convTranspose2d,
  fromArray,
  full,
  Rng,
  randn,
  setThreads,
  type Tensor,
  TensorScope,
} from "../tensor/index.ts";
import { drawLatents, numWsOf } from "./index.ts";
import { Discriminator } from "./stylegan2-discriminator.ts";
import { Generator } from "./stylegan2-generator.ts";

const SHAPE: StyleGan2Shape = {
  ...{ kind: "stylegan2", resolutionPx: 32, imageChannels: 3, latentDim: 7, styleDim: 6, mappingLayers: 3 },
  ...{ channelBase: 128, channelMax: 10, minibatchStdGroup: 2 },
};
// Tensors this small spend their time at the barriers between threads where other work shares the cores.
beforeAll(() => setThreads(1));

/** Float64 parameters, with biases and noise strengths away from the zeros they start at. */
function disturbed(parameters: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const rng = new Rng(21);
  return new Map(
    [...parameters].map(([name, value]) => {
      const noise = randn(value.shape, { rng, dtype: "float64" }).mul(name.includes("mapping") ? 10 : 0.3);
      return [name, value.to({ dtype: "float64" }).detach().add(noise)];
    }),
  );
}
function replace(target: Map<string, Tensor>, values: ReadonlyMap<string, Tensor>): void {
  for (const [name, value] of values) target.set(name, value);
}
const product = (sides: readonly number[]) => sides.reduce((a, b) => a * b, 1);
const filter = (gain: number) =>
  fromArray(Float64Array.from(RESAMPLE_FILTER.flatMap((a) => RESAMPLE_FILTER.map((b) => a * b * gain))), [4, 4]);
const eachImage = (x: Tensor, f: (one: Tensor, i: number) => Tensor) =>
  cat(
    Array.from({ length: x.shape[0] ?? 0 }, (_, i) => f(x.narrow(0, i, 1), i)),
    0,
  );

/** Reads parameters as they are used: stored × lrMul / √fan-in. */
class Plain {
  readonly #of: ReadonlyMap<string, Tensor>;
  constructor(of: ReadonlyMap<string, Tensor>) {
    this.#of = of;
  }
  raw(name: string): Tensor {
    return this.#of.get(name) as Tensor;
  }
  weight(name: string, lrMul = 1): Tensor {
    const stored = this.raw(name);
    return stored.mul(lrMul / Math.sqrt(product(stored.shape.slice(1))));
  }
  linear(x: Tensor, name: string, lrMul = 1): Tensor {
    return x.matmul(this.weight(`${name}.weight`, lrMul).transpose(0, 1)).add(this.raw(`${name}.bias`).mul(lrMul));
  }
}

function plainImage(p: Plain, noiseOf: (name: string) => Tensor, z: Tensor): Tensor {
  let w = z.div(z.square().mean([1], true).add(1e-8).sqrt());
  const zeros = w.narrow(1, 0, 1).mul(0);
  for (const i of [0, 1, 2]) {
    w = p.linear(w, `mapping.${i}`, 0.01);
    w = biasActivation(w, zeros.narrow(0, 0, 1).reshape([1]).expand([SHAPE.styleDim]));
  }
  const convolve = (x: Tensor, name: string, up: boolean) => {
    const style = p.linear(w, `${name}.affine`);
    const y = eachImage(x, (one, i) => {
      const own = p.weight(`${name}.weight`).mul(style.narrow(0, i, 1).reshape([1, -1, 1, 1]));
      const unit = own.div(own.square().sum([1, 2, 3], true).add(1e-8).sqrt());
      if (!up) return conv2d(one, unit, { padding: 1 });
      const stuffed = convTranspose2d(one, unit.transpose(0, 1).contiguous(), { stride: 2 });
      return upfirdn2d(stuffed, filter(4), { padding: [1, 1, 1, 1] });
    });
    const noisy = y.add(noiseOf(name).mul(p.raw(`${name}.noiseStrength`)));
    return biasActivation(noisy, p.raw(`${name}.bias`));
  };
  const toImage = (x: Tensor, name: string) => {
    const style = p.linear(w, `${name}.affine`);
    const image = eachImage(x, (one, i) =>
      conv2d(one, p.weight(`${name}.weight`).mul(style.narrow(0, i, 1).reshape([1, -1, 1, 1]))),
    );
    return image.add(p.raw(`${name}.bias`).reshape([1, -1, 1, 1]));
  };
  let x = cat([p.raw("synthesis.const").unsqueeze(0), p.raw("synthesis.const").unsqueeze(0)], 0);
  x = convolve(x, "synthesis.4.conv1", false);
  let image = toImage(x, "synthesis.4.toImage");
  for (const r of [8, 16, 32]) {
    x = convolve(convolve(x, `synthesis.${r}.conv0`, true), `synthesis.${r}.conv1`, false);
    image = upfirdn2d(image, filter(4), { up: [2, 2], padding: [2, 1, 2, 1] }).add(
      toImage(x, `synthesis.${r}.toImage`),
    );
  }
  return image;
}

/** Every tap; the minibatch statistic is a constant, or that of four images in groups of two: 0 with 2, and 1 with 3. */
function plainTaps(p: Plain, image: Tensor, statistic: number | null): Record<Tap, Tensor> {
  const convolve = (x: Tensor, name: string, padding: number, stride = 1) =>
    biasActivation(conv2d(x, p.weight(`${name}.weight`), { padding, stride }), p.raw(`${name}.bias`));
  let x = convolve(image, "blocks.32.fromImage", 0);
  const means: Tensor[] = [];
  const spreads: Tensor[] = [];
  for (const r of [32, 16, 8]) {
    const name = `blocks.${r}`;
    const blurred = upfirdn2d(x, filter(1), { padding: [1, 1, 1, 1] });
    const skip = conv2d(blurred, p.weight(`${name}.skip.weight`), { stride: 2 });
    const inner = upfirdn2d(convolve(x, `${name}.conv0`, 1), filter(1), { padding: [2, 2, 2, 2] });
    x = convolve(inner, `${name}.conv1`, 0, 2).add(skip).div(Math.SQRT2);
    const mean = x.mean([2, 3], true);
    means.push(mean.reshape([4, -1]));
    spreads.push(x.sub(mean).square().mean([2, 3]).sqrt());
  }
  const spread = (i: number) => {
    const half = x
      .narrow(0, i % 2, 1)
      .sub(x.narrow(0, (i % 2) + 2, 1))
      .div(2);
    return half.square().add(1e-8).sqrt().mean().reshape([1, 1, 1, 1]).expand([1, 1, 4, 4]);
  };
  const statistics = eachImage(x, (one, i) =>
    statistic === null ? spread(i) : one.narrow(1, 0, 1).mul(0).add(statistic),
  );
  const conv = convolve(cat([x, statistics], 1), "epilogue.conv", 1);
  const zero = p.raw("epilogue.fc.bias").mul(0);
  const flat = conv.reshape([4, -1]);
  const fc = biasActivation(p.linear(flat, "epilogue.fc"), zero);
  return {
    fc512: fc,
    conv4_flat: flat,
    conv4_gap: conv.mean([2, 3]),
    blocks_gap: cat(means, 1),
    blocks_gap_std: cat([...means, ...spreads], 1),
    logit: p.linear(fc, "epilogue.out"),
  };
}

const worst = (a: Tensor, b: Tensor) => a.sub(b).abs().amax().item() / b.abs().amax().item();

describe("StyleGAN2, whole, is its definition written out plainly", () => {
  it("generator: z to image, every layer with its own style and noise", () => {
    using _scope = new TensorScope();
    const generator = new Generator(SHAPE, new Rng(1));
    replace(generator.parameters, disturbed(generator.parameters));
    replace(generator.buffers, disturbed(generator.buffers));
    const z = drawLatents(SHAPE, 2, new Rng(2)).to({ dtype: "float64" });
    const fast = generator.synthesise(generator.broadcast(generator.map(z)), { noise: "const" });
    const noise = (name: string) => generator.buffers.get(`${name}.noise`) as Tensor;
    expect(worst(fast, plainImage(new Plain(generator.parameters), noise, z))).toBeLessThan(1e-10);
  });

  it("generator: style i reaches the layers that StyleGAN2 gives it, the image layers reading the next block's first", () => {
    using _scope = new TensorScope();
    const generator = new Generator(SHAPE, new Rng(1));
    const layers: string[][] = [];
    const ws = randn([1, numWsOf(SHAPE), SHAPE.styleDim], { rng: new Rng(3) });
    const show = () => generator.synthesise(ws, { noise: "none" });
    for (let i = 0; i < numWsOf(SHAPE); i++) {
      // Layers that read style i, and no others, are unmoved when it is zero and their affine weights change.
      const readers = [...generator.parameters.keys()].filter((name) => {
        if (!name.endsWith("affine.weight")) return false;
        const whole = ws.clone();
        ws.narrow(1, i, 1).zero_();
        const before = show();
        const weight = generator.parameters.get(name) as Tensor;
        generator.parameters.set(name, weight.detach().mul(-1));
        const unmoved = show().sub(before).abs().amax().item() === 0;
        generator.parameters.set(name, weight);
        ws.copy_(whole);
        return unmoved;
      });
      layers.push(readers.map((name) => name.replace(/^synthesis\.|\.affine\.weight$/g, "")));
    }
    expect(layers).toEqual([
      ["4.conv1"],
      ["4.toImage", "8.conv0"],
      ["8.conv1"],
      ["8.toImage", "16.conv0"],
      ["16.conv1"],
      ["16.toImage", "32.conv0"],
      ["32.conv1"],
      ["32.toImage"],
    ]);
  });

  it("generator: a second style takes over from the layer asked for", () => {
    using _scope = new TensorScope();
    const generator = new Generator(SHAPE, new Rng(1));
    const [first, second] = [1, 2].map((value) => full([2, SHAPE.styleDim], value)) as [Tensor, Tensor];
    const layersOf = (ws: Tensor) => [...ws.select(0, 1).select(1, 0).toFloat32Array()];
    expect(layersOf(generator.broadcast(first))).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect(layersOf(generator.broadcast(first, second, 3))).toEqual([1, 1, 1, 2, 2, 2, 2, 2]);
    expect(layersOf(generator.broadcast(first, second, 8))).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it("discriminator: image to score with the statistic of its group, and to every tap with a constant one", () => {
    using _scope = new TensorScope();
    const discriminator = new Discriminator(SHAPE, new Rng(4));
    replace(discriminator.parameters, disturbed(discriminator.parameters));
    const plain = new Plain(discriminator.parameters);
    const image = randn([4, 3, 32, 32], { rng: new Rng(5), dtype: "float64" });
    const { score, statistic } = discriminator.score(image);
    expect(worst(score, plainTaps(plain, image, null).logit.reshape([-1]))).toBeLessThan(1e-10);
    expect(statistic.narrow(0, 0, 1).item()).not.toBeCloseTo(statistic.narrow(0, 1, 1).item(), 5);
    const want = plainTaps(plain, image, 0.7);
    const got = discriminator.features(image, { minibatchStd: 0.7 });
    for (const tap of Object.keys(want) as Tap[]) expect(worst(got[tap], want[tap]), tap).toBeLessThan(1e-10);
    const maps = discriminator.featureMaps(image);
    expect(maps.map(({ shape }) => shape[2])).toEqual([16, 8, 4]);
    const pooled = cat(
      maps.map((map) => map.mean([2, 3])),
      1,
    );
    expect(worst(pooled, want.blocks_gap)).toBeLessThan(1e-10); // before they are pooled
  });
});
