// Networks that are told labels, and the labels themselves.
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { openDataset } from "../data/index.ts";
import { Discriminator, drawLatents, Generator } from "../models/index.ts";
import { grad, noGrad, Rng, randn, type Tensor, TensorScope } from "../tensor/index.ts";
import { Gan } from "./gan.ts";
import { type CheckpointFile, generateImage, listCheckpoints, loadGenerator, seedRecipe } from "./index.ts";
import { labelsOf } from "./labels.ts";
import { messageOf, temporaryFolder, tinyConfig, trained, writeTinyDataset } from "./train.fixture.ts";

const folder = temporaryFolder();
let dataset = "";
beforeAll(async () => {
  dataset = await writeTinyDataset(folder);
});

const MODEL = {
  kind: "stylegan2",
  ...{ latentDim: 6, styleDim: 8, mappingLayers: 2, channelBase: 128, channelMax: 8, minibatchStdGroup: 2 },
} as const;
const PLAIN = { ...MODEL, resolutionPx: 16, imageChannels: 2 };
const SHAPE = { ...PLAIN, nClasses: 3 };
const differs = (a: Tensor, b: Tensor) => a.sub(b).abs().amax().item() > 1e-6;

describe("networks of three classes", () => {
  const labels = (gan: Gan, ...classes: number[]) => gan.labelsOf(Int32Array.from(classes));
  const gan = () => new Gan(tinyConfig("none", 1, { model: { ...MODEL, labels: "plate" } }), 2, 3);

  it("draw another image for another class from the same latent, and score the same image otherwise", () => {
    using _scope = new TensorScope();
    const made = gan();
    const z = drawLatents(made.shape, 1, new Rng(1));
    const draw = (c: number) =>
      made.generator.synthesise(made.generator.broadcast(made.generator.map(z, labels(made, c))), { noise: "const" });
    expect(differs(draw(0), draw(1))).toBe(true);
    expect(differs(draw(2), draw(2))).toBe(false);
    const image = randn([2, 2, 16, 16], { rng: new Rng(2) });
    const score = (...c: number[]) => made.discriminator.score(image, { labels: labels(made, ...c) }).score;
    expect(differs(score(0, 0), score(1, 1))).toBe(true);
    // The label of one image moves its own score alone.
    expect(differs(score(0, 1).narrow(0, 0, 1), score(0, 2).narrow(0, 0, 1))).toBe(false);
    made.dispose();
  });

  it("give every parameter a gradient, those of the labels included", () => {
    using _scope = new TensorScope();
    const made = gan();
    const told = labels(made, 0, 1, 2, 0);
    const image = made.generator.synthesise(
      made.generator.broadcast(made.generator.map(drawLatents(made.shape, 4, new Rng(3)), told)),
      { rng: new Rng(4) },
    );
    const { score } = made.discriminator.score(image, { labels: told });
    for (const network of [made.generator, made.discriminator]) {
      const names = [...network.parameters.keys()];
      const gradients = grad(score.square().sum(), [...network.parameters.values()], { retainGraph: true });
      for (const [i, gradient] of gradients.entries())
        expect(gradient.abs().sum().item(), names[i]).toBeGreaterThan(names[i]!.endsWith("labels.embed.bias") ? -1 : 0);
    }
    made.dispose();
  });

  it("refuse to work without labels, as those without classes refuse them", () => {
    using _scope = new TensorScope();
    const [generator, discriminator] = [new Generator(SHAPE, new Rng(1)), new Discriminator(SHAPE, new Rng(1))];
    expect(() => generator.map(drawLatents(SHAPE, 1, new Rng(1)))).toThrow(/3 classes was not told labels/);
    expect(() => discriminator.score(randn([2, 2, 16, 16], { rng: new Rng(1) }))).toThrow(/3 classes was not told/);
    const without = new Generator(PLAIN, new Rng(1));
    const label = noGrad(() => randn([1, 3], { rng: new Rng(1) }));
    expect(() => without.map(drawLatents(PLAIN, 1, new Rng(1)), label)).toThrow(/0 classes was told labels/);
  });
});

describe("labels from a column", () => {
  it("are its values in order of their names; a run writes them beside its checkpoints, and resumes", async () => {
    const out = join(folder, "conditional");
    const config = tinyConfig(dataset, 3, { model: { ...MODEL, labels: "plate" } });
    await trained({ config, out });
    const { checkpoints } = await listCheckpoints(out);
    const { header } = checkpoints.at(-1) as CheckpointFile;
    expect(header.labels).toEqual({ column: "plate", classes: ["P0", "P1"] });
    expect(header.model.nClasses).toBe(2);
    const generator = await loadGenerator((checkpoints.at(-1) as CheckpointFile).stem, header);
    const levels = (options: { classNumber?: number }) =>
      generateImage(generator, seedRecipe(4), { maxLevel: 255, ...options }).data;
    expect(levels({ classNumber: 0 })).toEqual(levels({})); // seed 4 of two classes is the first
    expect(levels({ classNumber: 1 })).not.toEqual(levels({}));
    generator.dispose();
    const longer = { ...config, schedule: { ...config.schedule, durationKimg: 0.02 } };
    expect((await trained({ config: longer, out, resume: true })).at(-1)).toMatchObject({ kind: "finished", step: 5 });
  });

  it("follow each image", async () => {
    using open = await openDataset(dataset);
    const labels = labelsOf(open, "plate");
    expect([...(labels?.ofSite ?? [])].map((c) => labels?.classes[c])).toEqual(open.sites.map(({ plate }) => plate));
    expect(labelsOf(open, null)).toBeNull();
  });

  it("that does not exist, or never changes, is refused with the columns there are", async () => {
    using open = await openDataset(dataset);
    expect(await messageOf("unknown-label-column", () => labelsOf(open, "drug"))).toMatch(
      /no column 'drug'.*\n.*its columns are .*plate.*\n.*model\.labels/s,
    );
    expect(await messageOf("one-class", () => labelsOf(open, "treatment"))).toMatch(
      /every site has the same treatment: \(none\)/,
    );
  });
});
