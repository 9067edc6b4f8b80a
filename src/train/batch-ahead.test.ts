import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BatchSampler, type Dataset, openDataset } from "../data/index.ts";
import { BatchAhead } from "./batch-ahead.ts";
import { temporaryFolder, writeTinyDataset } from "./train.fixture.ts";

const root = temporaryFolder();
const options = { batchSize: 5, resolutionPx: 16, augment: "dihedral", seed: 3 } as const;
const labels = { kind: "plate", classes: ["P0", "P1"], ofSite: Int32Array.from({ length: 12 }, (_, i) => i % 2) };
let dataset: Dataset;
beforeAll(async () => {
  mkdirSync(join(root, "source"));
  dataset = await openDataset(await writeTinyDataset(join(root, "source")));
});
afterAll(() => dataset[Symbol.dispose]());

const aheadOf = (sampler = new BatchSampler(dataset, options)) => new BatchAhead(sampler, labels as never);
const taken = (ahead: BatchAhead) => {
  const { batch, classes } = ahead.take();
  return { pixels: [...batch.data], positions: [...(batch.positions ?? [])], classes: [...(classes ?? [])] };
};

describe("batches drawn ahead", () => {
  it("are those that come without, over an epoch's end", () => {
    const [plain, ahead] = [aheadOf(), aheadOf()];
    for (let i = 0; i < 6; i++) {
      const want = taken(plain);
      expect(want.classes).toEqual(want.positions.map((site) => site % 2));
      expect(taken(ahead)).toEqual(want);
      if (i % 3 < 2) ahead.draw();
      ahead.draw(); // twice does nothing
    }
  });

  it("do not count as taken: a sampler restored from the state gives them again", () => {
    const ahead = aheadOf();
    taken(ahead);
    const state = ahead.state();
    ahead.draw();
    expect(ahead.state()).toEqual(state);
    const resumed = aheadOf(BatchSampler.restore(dataset, options, state));
    for (let i = 0; i < 3; i++) expect(taken(resumed)).toEqual(taken(ahead));
  });

  it("have no classes where there are no labels", () => {
    expect(new BatchAhead(new BatchSampler(dataset, options), null).take().classes).toBeNull();
  });
});
