// Against torchvision's published sizes and PyTorch's own modules (test/golden/backbones.py).
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  fromArray,
  grad,
  noGrad,
  Rng,
  randn,
  type StoredTensor,
  setThreads,
  storedOf,
  type Tensor,
  TensorScope,
  tensorStats,
  writeSafetensors,
} from "../../tensor/index.ts";
import { countParameters } from "../parameters.ts";
import { Backbone, describeBackbone, loadBackboneWeights } from "./backbone.ts";
import { BACKBONE_NAMES, type BackboneName } from "./registry.ts";

interface Golden {
  readonly parameters: number;
  readonly state: string;
  readonly eval?: number[];
  readonly train: number[];
  readonly gradientNorms: Record<string, number>;
  readonly runningSums: Record<string, number>;
}
const golden = JSON.parse(
  readFileSync(new URL("../../../test/golden/backbones.json", import.meta.url), "utf8"),
) as Record<BackboneName, Golden>;

beforeAll(() => setThreads(1));

/** The same values as in backbones.py. */
function formula(name: string, shape: readonly number[]): Float64Array {
  const shift = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 97;
  const gain = Math.sqrt(4 / shape.slice(1).reduce((product, side) => product * side, 1));
  const value = (wave: number) => {
    if (name.endsWith("running_var")) return 1 + 0.5 * wave ** 2;
    return shape.length > 1 ? wave * gain : (name.endsWith("weight") ? 1 : 0) + 0.1 * wave;
  };
  const size = shape.reduce((product, side) => product * side, 1);
  return Float64Array.from({ length: size }, (_, i) => value(Math.sin(i * 12.9898 + shift)));
}

/** The network with those weights in float64. */
function planted(name: BackboneName): Backbone {
  const network = new Backbone({ name, imageChannels: 2, nClasses: 3 }, new Rng(0));
  const plant = (tensors: Map<string, Tensor>, trained: boolean) => {
    for (const [key, { shape, dtype }] of tensors)
      if (dtype !== "int64") tensors.set(key, fromArray(formula(key, shape), shape).setRequiresGrad(trained));
  };
  plant(network.parameters, true);
  plant(network.buffers, false);
  return network;
}

const near = (got: ArrayLike<number>, want: readonly number[], digits = 1e-6) =>
  want.forEach((value, i) => {
    expect(Math.abs(got[i]! - value) / Math.max(1, Math.abs(value)), `${i}: ${got[i]} for ${value}`).toBeLessThan(
      digits,
    );
  });

describe("the networks", () => {
  for (const [name, count] of [
    ["resnet-34", 21_797_672],
    ["resnet-50", 25_557_032],
    ["densenet-121", 7_978_856],
    ["densenet-161", 28_681_000],
  ] as const)
    it(`${name} has ${count} parameters for three channels and a thousand classes`, () =>
      expect(countParameters(describeBackbone({ name, imageChannels: 3, nClasses: 1000 }).parameters)).toBe(count));

  for (const name of BACKBONE_NAMES)
    it(`${name} has every name and shape of PyTorch's state dict`, () => {
      const { parameters, buffers } = describeBackbone({ name, imageChannels: 3, nClasses: 1000 });
      const lines = [...parameters, ...buffers].map((spec) => `${spec.name} [${spec.shape.join(", ")}]`).sort();
      expect(createHash("sha256").update(lines.join("\n")).digest("hex")).toBe(golden[name].state);
      expect(countParameters(parameters)).toBe(golden[name].parameters);
    });

  for (const name of BACKBONE_NAMES.filter((key) => golden[key].eval))
    it(`${name} gives PyTorch's logits, gradients and running statistics`, () => {
      using _scope = new TensorScope();
      const want = golden[name];
      const network = planted(name);
      const pixels = Float64Array.from({ length: 2 * 2 * 64 * 64 }, (_, i) => Math.sin(i * 0.37));
      const image = fromArray(pixels, [2, 2, 64, 64]);
      near(noGrad(() => network.run(image).logits?.toArray()) as Float64Array, want.eval as number[]);
      const { logits } = network.run(image, { train: true });
      near(logits?.toArray() as Float64Array, want.train, 1e-4); // eight values a statistic in the last stage
      const weights = fromArray(
        Float64Array.from({ length: 6 }, (_, i) => Math.sin(i)),
        [2, 3],
      );
      const names = Object.keys(want.gradientNorms);
      const inputs = names.map((key) => network.parameters.get(key) as Tensor);
      const gradients = grad((logits as Tensor).mul(weights).sum(), inputs);
      near(
        gradients.map((gradient) => gradient.norm().item()),
        names.map((key) => want.gradientNorms[key]!),
        1e-4,
      );
      for (const [key, sum] of Object.entries(want.runningSums))
        near([network.buffers.get(key)?.sum().item() ?? Number.NaN], [sum]);
      expect([...network.buffers].every(([key, count]) => !key.endsWith("tracked") || count.item() === 1)).toBe(true);
    });
});

describe("Backbone", () => {
  const shape = { name: "resnet-small", imageChannels: 5, nClasses: 2 } as const;

  it("gives an image the same numbers whatever its batch, and starts from equal bits", () => {
    using _scope = new TensorScope();
    const [a, b] = [new Backbone(shape, new Rng(3)), new Backbone(shape, new Rng(3))];
    const images = randn([3, 5, 32, 48], { rng: new Rng(1) });
    const together = noGrad(() => a.run(images).pooled);
    const alone = noGrad(() => b.run(images.narrow(0, 1, 1)).pooled);
    expect(together.narrow(0, 1, 1).sub(alone).abs().amax().item()).toBeLessThan(1e-5);
  });

  it("learns: a step down the gradient lowers the loss, by what the slope says", () => {
    using _scope = new TensorScope();
    for (const name of ["resnet-small", "densenet-small"] as const) {
      const network = planted(name);
      const image = randn([3, 2, 64, 64], { rng: new Rng(2), dtype: "float64" });
      const loss = () => network.run(image, { train: true }).logits?.square().sum() as Tensor;
      const inputs = [...network.parameters.values()];
      const gradients = grad(loss(), inputs);
      const slope = gradients.reduce((sum, gradient) => sum + gradient.square().sum().item(), 0);
      const step = 1e-6 / Math.sqrt(slope);
      const shifted = (by: number) => {
        for (const [i, input] of inputs.entries()) noGrad(() => input.add_((gradients[i] as Tensor).mul(by)));
        return noGrad(loss).item();
      };
      const [up, down] = [shifted(step), shifted(-2 * step)];
      expect((up - down) / (2 * step) / slope, name).toBeCloseTo(1, 4);
    }
  });

  it("returns what was saved, statistics included, and frees all of it", () => {
    const before = tensorStats().live;
    const from = new Backbone(shape, new Rng(1));
    const image = randn([4, 5, 32, 32], { rng: new Rng(1) });
    {
      using _scope = new TensorScope();
      noGrad(() => from.run(image, { train: true }));
    }
    const saved = new Map([...from.state()].map(([name, tensor]) => [name, storedOf(tensor)]));
    const to = new Backbone(shape, new Rng(2));
    to.loadState(saved);
    {
      using _scope = new TensorScope();
      const difference = noGrad(() => from.run(image).pooled.sub(to.run(image).pooled).abs().amax().item());
      expect(difference).toBe(0);
    }
    for (const one of [from, to, image]) one.dispose();
    expect(tensorStats().live).toBe(before);
  });

  it("has no classifier where it has no classes, and refuses patches that five halvings would leave nothing of", () => {
    using _scope = new TensorScope();
    const network = new Backbone({ ...shape, nClasses: 0 }, new Rng(1));
    const tiny = randn([1, 5, 31, 64], { rng: new Rng(1) });
    expect(network.run(randn([1, 5, 32, 32], { rng: new Rng(1) })).logits).toBeNull();
    expect(() => network.run(tiny)).toThrow(
      /cannot take images of 31 × 64 px.*\n.*halves.*\n\s+fix: give patches of 32/,
    );
  });
});

describe("loadBackboneWeights", () => {
  const file = join(mkdtempSync(join(tmpdir(), "weights-")), "w.safetensors");
  const published = (name: BackboneName, nClasses = 1000): Map<string, StoredTensor> => {
    const { parameters, buffers } = describeBackbone({ name, imageChannels: 3, nClasses });
    return new Map(
      [...parameters, ...buffers].map(({ name: key, shape }) => [
        key,
        { dtype: "float32", shape, data: Float32Array.from(formula(key, shape)) },
      ]),
    );
  };
  const network = (name: BackboneName) => new Backbone({ name, imageChannels: 5, nClasses: 2 }, new Rng(1));

  it("takes everything but a stem of other channels and a classifier of other classes, and says so", async () => {
    using _scope = new TensorScope();
    await writeSafetensors(file, published("resnet-small"));
    const one = network("resnet-small");
    expect(await loadBackboneWeights(one, file)).toEqual(["conv1.weight", "fc.weight", "fc.bias"]);
    const mean = one.buffers.get("layer1.0.bn1.running_mean") as Tensor;
    expect(mean.toFloat32Array()[1]).toBeCloseTo(formula("layer1.0.bn1.running_mean", [16])[1]!, 6);
    await writeSafetensors(file, published("resnet-small", 2));
    expect(await loadBackboneWeights(one, file)).toEqual(["conv1.weight"]);
  });

  it("knows the names under which torchvision's DenseNets were saved, and files without counters or classifier", async () => {
    using _scope = new TensorScope();
    const old = [...published("densenet-small")]
      .filter(([key]) => !key.endsWith("num_batches_tracked") && !key.startsWith("classifier"))
      .map(([key, tensor]) => [key.replace(/(norm|conv)([12])\.(?=[^.]+$)/, "$1.$2."), tensor] as const);
    expect(old.map(([key]) => key)).toContain("features.denseblock1.denselayer2.norm.1.running_var");
    await writeSafetensors(file, new Map(old));
    const fresh = await loadBackboneWeights(network("densenet-small"), file);
    expect(fresh).toEqual(["features.conv0.weight", "classifier.weight", "classifier.bias"]);
  });

  it("refuses weights that lack something, hold something else, or are of another size", async () => {
    using _scope = new TensorScope();
    const one = network("resnet-small");
    const refused = async (tensors: Map<string, StoredTensor>) => {
      await writeSafetensors(file, tensors);
      return loadBackboneWeights(one, file).then(
        () => "taken",
        (error: Error) => error.message,
      );
    };
    const lacking = published("resnet-small");
    lacking.delete("layer3.0.conv2.weight");
    expect(await refused(lacking)).toMatch(
      /lacks 1 tensors of resnet-small: layer3\.0\.conv2\.weight.*\n.*random.*\n\s+fix: save the state dict/,
    );
    const more = published("resnet-small").set("head.weight", {
      dtype: "float32",
      shape: [1],
      data: new Float32Array(1),
    });
    expect(await refused(more)).toMatch(
      /holds 1 tensors that resnet-small does not have: head\.weight.*\n.*another network.*\n\s+fix: give the weights of resnet-small/,
    );
    const wide = published("resnet-small").set("bn1.weight", {
      dtype: "float32",
      shape: [64],
      data: new Float32Array(64),
    });
    expect(await refused(wide)).toMatch(
      /bn1\.weight of .* has shape \[64\]; resnet-small wants \[16\].*\n.*another size.*\n\s+fix:/,
    );
    expect(await refused(published("densenet-small"))).toMatch(/features\.conv0\.weight.* and \d+ more/);
  });
});
