import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  callOp,
  conv2d,
  grad,
  noGrad,
  op,
  Rng,
  rand,
  randn,
  setThreads,
  type Tensor,
  TensorScope,
} from "../../tensor/index.ts";
import { messageOf, temporaryFolder } from "../baselines.fixture.ts";
import { PerceptualLoss } from "./perceptual-loss.ts";
import { drawnResnetStage, writtenWeights } from "./resnet-stage.fixture.ts";

const folder = temporaryFolder();
beforeAll(() => setThreads(1));

/** ResNet-50's first stage with convolution and normalisation as steps of their own, as its paper has them. */
function reference(weights: ReadonlyMap<string, Tensor>, image: Tensor): Tensor {
  const of = (name: string) => weights.get(name)!;
  const layer = (x: Tensor, conv: string, norm: string, stride = 1, padding = 0) => {
    const parts = [of(`${norm}.weight`), of(`${norm}.bias`), of(`${norm}.running_mean`), of(`${norm}.running_var`)];
    const y = conv2d(x, of(`${conv}.weight`), { stride, padding });
    return op("aten::batch_norm", "", y, ...parts, false, 0.1, 1e-5, false);
  };
  const relu = (x: Tensor) => x.clamp(0, null);
  let x = relu(layer(image, "conv1", "bn1", 2, 3));
  x = callOp("aten::max_pool2d", "", [x, [3, 3], [2, 2], [1, 1], [1, 1], false]) as Tensor;
  for (const i of [0, 1, 2]) {
    const name = `layer1.${i}`;
    const inner = relu(layer(relu(layer(x, `${name}.conv1`, `${name}.bn1`)), `${name}.conv2`, `${name}.bn2`, 1, 1));
    const shortcut = i === 0 ? layer(x, "layer1.0.downsample.0", "layer1.0.downsample.1") : x;
    x = relu(layer(inner, `${name}.conv3`, `${name}.bn3`).add(shortcut));
  }
  return x;
}

const written = (name: string, tensors: ReadonlyMap<string, Tensor>) => writtenWeights(join(folder, name), tensors);

describe("the perceptual loss", () => {
  it("sees each stain as a grey photograph by ResNet-50's first stage", async () => {
    const weights = drawnResnetStage();
    const loss = await PerceptualLoss.open(written("r.safetensors", weights), 1);
    using _scope = new TensorScope();
    const image = rand([2, 3, 16, 16], { rng: new Rng(3) })
      .mul(2)
      .sub(1);
    const features = loss.features(image);
    expect(features.shape).toEqual([6, 256, 4, 4]);
    const unit = image.narrow(0, 1, 1).narrow(1, 2, 1).add(1).mul(0.5); // the last stain of the second image, 0 to 1
    const photo = op(
      "aten::cat",
      "",
      [
        [0.485, 0.229],
        [0.456, 0.224],
        [0.406, 0.225],
      ].map(([m, s]) => unit.sub(m!).div(s!)),
      1,
    );
    const want = noGrad(() => reference(weights, photo));
    const got = features.narrow(0, 5, 1);
    expect(got.sub(want).abs().amax().item()).toBeLessThan(1e-4 * want.abs().amax().item());
    loss.dispose();
  });

  it("is zero for the same picture, and its slope by the made one is that of finite differences", async () => {
    const loss = await PerceptualLoss.open(written("r.safetensors", drawnResnetStage()), 1);
    using _scope = new TensorScope();
    const image = rand([1, 1, 16, 16], { rng: new Rng(4) });
    expect(loss.distance(image, image).item()).toBe(0);
    const made = rand([1, 1, 16, 16], { rng: new Rng(5) }).setRequiresGrad(true);
    const [slope] = grad(loss.distance(made, image), [made]);
    const step = randn([1, 1, 16, 16], { rng: new Rng(6) }).mul(1e-3);
    const at = (x: Tensor) => noGrad(() => loss.distance(x, image).item());
    const difference = (at(made.detach().add(step)) - at(made.detach().sub(step))) / 2;
    expect(difference / slope!.mul(step).sum().item()).toBeCloseTo(1, 1);
    loss.dispose();
  });

  it("names the tensor that is not there or has another shape, and a file that cannot be read", async () => {
    const weights = drawnResnetStage();
    const without = new Map([...weights].filter(([name]) => name !== "layer1.2.bn2.running_var"));
    const open = (name: string, tensors: ReadonlyMap<string, Tensor>, stage = 1) =>
      messageOf(PerceptualLoss.open(written(name, tensors), stage));
    expect(await open("a.safetensors", without)).toMatch(
      /a\.safetensors has no tensor 'layer1\.2\.bn2\.running_var'.*\n.*torchvision.*\n\s+fix: export/,
    );
    expect(await open("b.safetensors", weights, 2)).toMatch(/has no tensor 'layer2\.0\./);
    const other = new Map([...weights, ["conv1.weight", rand([64, 5, 7, 7], { rng: new Rng(1) })] as const]);
    expect(await open("c.safetensors", other)).toMatch(
      /'conv1\.weight' of .* has shape \[64, 5, 7, 7\], not \[64, 3, 7, 7\]/,
    );
    expect(await messageOf(PerceptualLoss.open(join(folder, "none"), 1))).toMatch(
      /none cannot be read.*\n.*\n\s+fix: name a \.safetensors file .*, or leave perceptualWeights out/,
    );
  });
});
