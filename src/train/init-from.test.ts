import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { DatasetManifest } from "../schema/index.ts";
import { noGrad, Rng, randn } from "../tensor/index.ts";
import { Gan } from "./gan.ts";
import { type CheckpointFile, listCheckpoints } from "./index.ts";
import { initialiseFrom, matchStains } from "./init-from.ts";
import { messageOf, temporaryFolder, tinyConfig, trained, writeTinyDataset } from "./train.fixture.ts";

const folder = temporaryFolder();
let dataset = "";
let start: CheckpointFile;
beforeAll(async () => {
  dataset = await writeTinyDataset(folder);
  const out = join(folder, "first");
  await trained({ config: tinyConfig(dataset, 4), out });
  start = (await listCheckpoints(out)).checkpoints.at(-1) as CheckpointFile;
});
const stains = (...names: string[]) => names.map((name) => ({ name, stain: null }));
const manifestOf = (...names: string[]) => ({ channels: stains(...names) }) as unknown as DatasetManifest;

describe("starting from another run", () => {
  it("a new run begins with its weights: its first checkpoint holds them", async () => {
    const out = join(folder, "second");
    await trained({ config: tinyConfig(dataset, 1, { initFrom: start.stem, seed: 9 }), out });
    const first = (await listCheckpoints(out)).checkpoints[0] as CheckpointFile;
    const [a, b] = await Promise.all([start, first].map(weightsOf));
    expect(a).toEqual(b);
    expect(first.header.minibatchStdMean).not.toBe(0);
  });

  it("channels keep the weights of their own stain, whatever the order, and new ones what was drawn", async () => {
    const gan = new Gan(tinyConfig("none", 1, { seed: 3 }), 3);
    const drawn = gan.discriminator.parameters.get("blocks.16.fromImage.weight")!.toFloat32Array();
    await initialiseFrom(start.stem, gan, manifestOf("actin", "mitochondria", "dna"));
    const known = new Gan(tinyConfig("none", 1), 2);
    await initialiseFrom(start.stem, known, manifestOf("DNA", "actin"));
    const stem = (of: Gan, channel: number) => [
      ...of.discriminator.parameters.get("blocks.16.fromImage.weight")!.select(1, channel).toFloat32Array(),
      ...of.generatorEma.parameters.get("synthesis.8.toImage.weight")!.select(0, channel).toFloat32Array(),
    ];
    expect(stem(gan, 0)).toEqual(stem(known, 1));
    expect(stem(gan, 2)).toEqual(stem(known, 0));
    const fresh = gan.discriminator.parameters.get("blocks.16.fromImage.weight")!.select(1, 1).toFloat32Array();
    expect([...fresh]).toEqual([...drawn].filter((_, i) => i % 3 === 1));
    gan.dispose();
    known.dispose();
  });

  it("stains are matched by stain, else by name, whatever the case", () => {
    const ours = [
      { name: "w1", stain: "Hoechst" },
      { name: "ER", stain: null },
      { name: "Mito", stain: null },
    ];
    const theirs = [
      { name: "er", stain: "ConA" },
      { name: "nuclei", stain: "HOECHST" },
    ];
    expect(matchStains(ours as never, theirs as never)).toEqual([1, 0, -1]);
  });

  it("networks of other sizes, missing and damaged checkpoints are refused with the reason", async () => {
    const wider = new Gan(tinyConfig("none", 1, { model: { kind: "stylegan2", latentDim: 12 } }), 2);
    const from = (stem: string) => initialiseFrom(stem, wider, manifestOf("DNA", "actin"));
    expect(await messageOf("cannot-start-from", () => from(start.stem))).toMatch(
      /'generator\.mapping\.0\.weight' is .* there and .* here/,
    );
    expect(await messageOf("cannot-start-from", () => from(join(folder, "nowhere")))).toMatch(
      /no checkpoint header at that path/,
    );
    const damaged = join(folder, "damaged");
    writeFileSync(`${damaged}.json`, "{}");
    expect(await messageOf("cannot-start-from", () => from(damaged))).toMatch(/its \.json is no checkpoint header/);
    const deeper = new Gan(
      tinyConfig("none", 1, {
        model: { kind: "stylegan2", latentDim: 8, styleDim: 8, channelBase: 128, channelMax: 8, mappingLayers: 3 },
      }),
      2,
    );
    const more = initialiseFrom(start.stem, deeper, manifestOf("DNA", "actin"));
    expect(await messageOf("cannot-start-from", () => more)).toMatch(/it has no 'generator\.mapping\.2\.weight'/);
    wider.dispose();
    deeper.dispose();
  });
});

async function weightsOf({ stem }: CheckpointFile): Promise<number[]> {
  const gan = new Gan(tinyConfig("none", 1), 2);
  noGrad(() => gan.discriminator.parameters.get("epilogue.out.bias")!.copy_(randn([1], { rng: new Rng(1) })));
  await initialiseFrom(stem, gan, manifestOf("DNA", "actin"));
  const numbers = [gan.generator, gan.generatorEma, gan.discriminator].flatMap((network) =>
    [...network.parameters.values()].flatMap((tensor) => [...tensor.toFloat32Array()]),
  );
  gan.dispose();
  return numbers;
}
