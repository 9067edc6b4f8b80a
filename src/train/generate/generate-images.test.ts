import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Generator } from "../../models/index.ts";
import type { StyleGan2Shape } from "../../schema/index.ts";
import {
  callOp,
  fromArray,
  noGrad,
  Rng,
  randn,
  setThreads,
  type Tensor,
  tensorStats,
  tidy,
} from "../../tensor/index.ts";
import { messageOf } from "../train.fixture.ts";
import { generateImage, generateImages, MAX_SEED, toStoredLevels } from "./generate-images.ts";
import {
  classWalk,
  type ImageRecipe,
  mixTable,
  movedWalk,
  type StyleSource,
  seedRecipe,
  seedTable,
  walkTable,
} from "./recipe.ts";

const SHAPE: StyleGan2Shape = {
  ...{ kind: "stylegan2", resolutionPx: 16, imageChannels: 2, latentDim: 8, styleDim: 8, mappingLayers: 2 },
  ...{ channelBase: 128, channelMax: 8, minibatchStdGroup: 4 },
};
let generator: Generator;
beforeAll(() => {
  setThreads(1);
  generator = new Generator(SHAPE, new Rng(3));
  // As after some training: noise counts, and the mean style is not zero.
  for (const [name, tensor] of generator.parameters)
    if (name.endsWith("noiseStrength")) noGrad(() => tensor.add_(0.3)); // biome-ignore format: short
  noGrad(() => generator.buffers.get("mapping.wAvg")!.add_(0.1));
});
afterAll(() => generator.dispose());

const OPTIONS = { maxLevel: 255 } as const;
const levels = (recipe: ImageRecipe, noise: "const" | "random" | "none" = "const") =>
  generateImage(generator, recipe, { ...OPTIONS, noise }).data;
const recipeOf = (source: StyleSource): ImageRecipe => ({ source, truncation: 1, noiseSeed: 0, name: "x" });
const latent = (seed: number) => randn([1, 8], { rng: new Rng(seed) });
/** What the network makes of styles that the test puts together itself. */
const synthesised = (styles: () => Tensor): Float32Array =>
  noGrad(() =>
    tidy(() => generator.synthesise(styles(), { noise: "const" }).add(1).mul(127.5).clamp(0, 255)).toFloat32Array(),
  );
const expectClose = (a: Float32Array, b: Float32Array) => {
  const worst = a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i]!)), 0);
  expect(worst).toBeLessThan(1e-3); // of 255 levels
};

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("the image of a seed", () => {
  it("is that of its latent, drawn from a generator of its own", () => {
    expectClose(
      levels(seedRecipe(5)),
      synthesised(() => generator.broadcast(generator.map(latent(5)))),
    );
  });
  it("has the same bits whatever is made before it, beside it, or again", async () => {
    const alone = levels(seedRecipe(5));
    const after = await collected(
      generateImages(
        generator,
        [9, 5, 1, 5].map((s) => seedRecipe(s)),
        OPTIONS,
      ),
    );
    expect(after.map(({ recipe }) => recipe.name)).toEqual([
      "seed-000009",
      "seed-000005",
      "seed-000001",
      "seed-000005",
    ]);
    expect(after[1]!.data).toEqual(alone);
    expect(after[3]!.data).toEqual(alone);
    expect(after[0]!.data).not.toEqual(alone);
  });
  it("is defined up to the largest seed, and frees what it used", () => {
    const { live } = tensorStats();
    expect(levels(seedRecipe(MAX_SEED), "random").length).toBe(2 * 16 * 16);
    expect(tensorStats().live).toBe(live);
  });
  it("goes to that of the mean style with truncation", () => {
    const mean = synthesised(() => generator.broadcast(generator.buffers.get("mapping.wAvg")!.reshape([1, -1])));
    expectClose(levels(seedRecipe(1, 0)), mean);
    expectClose(levels(seedRecipe(2, 0)), mean);
    expect(levels(seedRecipe(1, 0.5))).not.toEqual(levels(seedRecipe(1)));
  });
});

describe("noise", () => {
  it("is drawn anew for each seed when random, the same each time, and unlike fixed or no noise", () => {
    const [random, again] = [levels(seedRecipe(1), "random"), levels(seedRecipe(1), "random")];
    expect(again).toEqual(random);
    expect(levels(seedRecipe(1))).not.toEqual(random);
    expect(levels(seedRecipe(1), "none")).not.toEqual(levels(seedRecipe(1)));
    expect(levels({ ...seedRecipe(1), noiseSeed: 2 }, "random")).not.toEqual(random);
  });
});

describe("a walk", () => {
  const between = (share: number, space: "w" | "z") =>
    levels(recipeOf({ kind: "between", from: 1, to: 5, share, space }));
  it("begins and ends at the seeds' own images, bit for bit", () => {
    for (const space of ["w", "z"] as const) {
      expect(between(0, space)).toEqual(levels(seedRecipe(1)));
      expect(between(1, space)).toEqual(levels(seedRecipe(5)));
    }
  });
  it("goes straight through styles in w", () => {
    const expected = synthesised(() =>
      generator.broadcast(
        generator
          .map(latent(1))
          .mul(0.75)
          .add(generator.map(latent(5)).mul(0.25)),
      ),
    );
    expectClose(between(0.25, "w"), expected);
  });
  it("goes along the sphere in z: half way, the direction is that of the two unit latents' sum", () => {
    const unit = (z: Tensor) => z.div(z.square().sum().sqrt());
    // The mapping network sees directions alone.
    const expected = synthesised(() => generator.broadcast(generator.map(unit(latent(1)).add(unit(latent(5))))));
    expectClose(between(0.5, "z"), expected);
    expect(between(0.5, "w")).not.toEqual(between(0.5, "z"));
  });
  it("stays where it is between a seed and itself", () => {
    expectClose(levels(recipeOf({ kind: "between", from: 4, to: 4, share: 0.3, space: "z" })), levels(seedRecipe(4)));
  });
});

describe("a walk between classes", () => {
  it("begins and ends at the images of one latent told each class, and passes straight between their styles", () => {
    const told = new Generator({ ...SHAPE, nClasses: 3 }, new Rng(4));
    const made = (recipe: ImageRecipe, classNumber = 0) =>
      generateImage(told, recipe, { ...OPTIONS, classNumber }).data;
    const [first, middle, last] = classWalk(6, { from: 0, to: 2, nSteps: 3 }).map((recipe) => made(recipe));
    expect(first).toEqual(made(seedRecipe(6), 0));
    expect(last).toEqual(made(seedRecipe(6), 2));
    expect(first).not.toEqual(last);
    const label = (k: number) =>
      fromArray(
        Float32Array.from([0, 1, 2], (i) => (i === k ? 1 : 0)),
        [1, 3],
      );
    const expected = noGrad(() =>
      tidy(() => {
        const style = told
          .map(latent(6), label(0))
          .add(told.map(latent(6), label(2)))
          .mul(0.5);
        return told.synthesise(told.broadcast(style), { noise: "const" }).add(1).mul(127.5).clamp(0, 255);
      }).toFloat32Array(),
    );
    expectClose(middle!, expected);
    told.dispose();
  });
});

describe("style mixing", () => {
  const mixed = (layers: readonly number[]) => levels(recipeOf({ kind: "mix", row: 1, column: 2, layers }));
  it("takes the column's styles at the named layers and the row's elsewhere", () => {
    expectClose(mixed([]), levels(seedRecipe(1)));
    expectClose(mixed([0, 1, 2, 3, 4, 5]), levels(seedRecipe(2)));
    const expected = synthesised(() => generator.broadcast(generator.map(latent(2)), generator.map(latent(1)), 3));
    expectClose(mixed([0, 1, 2]), expected);
    expect(mixed([3])).not.toEqual(mixed([4]));
  });
  it("refuses layers that the generator has not, naming those it has", async () => {
    for (const layer of [6, -1, 0.5])
      expect(await messageOf("bad-layers", () => mixed([0, layer]))).toContain(
        "at 6 layers, 0 (coarsest) to 5 (finest)",
      );
  });
});

describe("generateImages", () => {
  it("stops between images when aborted", async () => {
    const stop = new AbortController();
    const names: string[] = [];
    for await (const { recipe } of generateImages(
      generator,
      seedTable([1, 2, 3]).rows[0]!.map((r) => r!),
      {
        ...OPTIONS,
        signal: stop.signal,
      },
    )) {
      names.push(recipe.name);
      if (names.length === 2) stop.abort();
    }
    expect(names).toEqual(["seed-000001", "seed-000002"]);
  });
  it("tells a diverged network from a black picture", async () => {
    const broken = new Generator(SHAPE, new Rng(3));
    noGrad(() => callOp("aten::fill_", "Scalar", [broken.parameters.get("synthesis.const")!, Number.NaN]));
    const message = await messageOf("image-not-finite", () =>
      collected(generateImages(broken, [seedRecipe(7)], OPTIONS)),
    );
    expect(message).toMatch(/seed-000007 has pixels that are no numbers[\s\S]*diverged[\s\S]*--checkpoint/);
    broken.dispose();
  });
});

it("toStoredLevels rounds to whole levels of the dtype", () => {
  expect(toStoredLevels(Float32Array.of(0, 0.5, 254.6, 255), 255)).toEqual(Uint8Array.of(0, 1, 255, 255));
  expect(toStoredLevels(Float32Array.of(0.4, 65534.6), 65535)).toEqual(Uint16Array.of(0, 65535));
});

describe("tables", () => {
  const names = ({ rows }: ReturnType<typeof seedTable>) =>
    rows.map((row) => row.map((recipe) => recipe?.name ?? null));
  it("wraps seeds into rows, whose margins name the first of each", () => {
    const table = seedTable([0, 1, 2, 9, 11], { nColumns: 3 });
    expect(names(table)).toEqual([
      ["seed-000000", "seed-000001", "seed-000002"],
      ["seed-000009", "seed-000011", null],
    ]);
    expect([table.rowNames, table.columnNames]).toEqual([["0", "9"], []]);
    expect(seedTable([4, 7]).columnNames).toEqual(["4", "7"]);
  });
  it("gives each truncation a row of all seeds, and each image a name of its own", () => {
    const table = seedTable([1, 2], { truncations: [0, 0.75, 1], nColumns: 1 });
    expect(table.rows.map((row) => row.map((r) => r!.truncation))).toEqual([
      [0, 0],
      [0.75, 0.75],
      [1, 1],
    ]);
    expect(new Set(names(table).flat()).size).toBe(6);
    expect(table.rowNames).toEqual(["0", "0.75", "1"]);
  });
  it("walks each leg in equal steps, keyframes once, the first one's noise throughout", () => {
    const [row] = walkTable([1, 5, 9], { nSteps: 3 }).rows;
    expect(row!.map((r) => r!.source)).toEqual([
      { kind: "between", from: 1, to: 5, share: 0, space: "w" },
      { kind: "between", from: 1, to: 5, share: 0.5, space: "w" },
      { kind: "between", from: 5, to: 9, share: 0, space: "w" },
      { kind: "between", from: 5, to: 9, share: 0.5, space: "w" },
      { kind: "between", from: 5, to: 9, share: 1, space: "w" },
    ]);
    expect(new Set(row!.map((r) => r!.noiseSeed))).toEqual(new Set([1]));
    expect(walkTable([1, 5, 9], { nSteps: 3 }).columnNames).toEqual(["1", "", "5", "", "9"]);
    expect(walkTable([1, 5], { nSteps: 4, nColumns: 3 }).rows.map((r) => r.length)).toEqual([3, 3]);
    expect(walkTable([1, 5], { nSteps: 2, truncations: [0.5, 1] }).rowNames).toEqual(["0.5", "1"]);
  });
  it("mixes each row's seed with each column's, beside the images that are mixed", () => {
    const table = mixTable([1, 2], [7, 8], [0], 0.7);
    expect(names(table)).toEqual([
      [null, "seed-000007", "seed-000008"],
      ["seed-000001", "mix-000001-000007", "mix-000001-000008"],
      ["seed-000002", "mix-000002-000007", "mix-000002-000008"],
    ]);
    expect(table.rows.flat().every((r) => r === null || r.truncation === 0.7)).toBe(true);
    expect([table.rowNames, table.columnNames]).toEqual([
      ["", "1", "2"],
      ["", "7", "8"],
    ]);
  });
});

describe("a walk along the line between two groups of seeds", () => {
  const style = (seed: number) => generator.map(latent(seed));
  const meanStyle = (...seeds: number[]) =>
    seeds
      .map(style)
      .reduce((a, b) => a.add(b))
      .div(seeds.length);
  /** Where the style lies on the line: 0 at the first group's mean, 1 at the second's. */
  const placeOf = (source: StyleSource & { kind: "moved" }, at: Tensor) => {
    const [start, end] = [meanStyle(...source.from), meanStyle(...source.to)];
    const line = end.sub(start);
    return at.sub(start).mul(line).sum().div(line.square().sum()).item();
  };

  it("moves the seed's style along the line alone, in equal steps", () => {
    const walk = movedWalk(7, { from: [1, 2], to: [3, 4, 5], nSteps: 3 });
    expect(walk.map(({ name, noiseSeed }) => [name, noiseSeed])).toEqual([
      ["moved-0000", 7],
      ["moved-0001", 7],
      ["moved-0002", 7],
    ]);
    for (const [i, recipe] of walk.entries()) {
      const source = recipe.source as StyleSource & { kind: "moved" };
      const own = noGrad(() => tidy(() => fromArray(new Float32Array([placeOf(source, style(7))]), [1]))).item();
      expectClose(
        levels(recipe),
        synthesised(() => {
          const line = meanStyle(3, 4, 5).sub(meanStyle(1, 2));
          return generator.broadcast(style(7).add(line.mul(i / 2 - own)));
        }),
      );
    }
  });

  it("from one seed to another is their walk, when begun at the first", () => {
    const moved = movedWalk(1, { from: [1], to: [3], nSteps: 5 });
    const [straight] = walkTable([1, 3], { nSteps: 5 }).rows;
    moved.forEach((recipe, i) => {
      expectClose(levels(recipe), levels(straight![i]!));
    });
  });
});
