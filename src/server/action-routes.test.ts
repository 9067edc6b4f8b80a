import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { CheckpointHeader } from "../schema/index.ts";
import { actionRoutes } from "./action-routes.ts";
import { SharedAnswers } from "./shared-answers.ts";

const root = mkdtempSync(join(tmpdir(), "gandl-runs-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const header = (kimg: number): CheckpointHeader => ({
  ...{ kind: "gandl-checkpoint", schemaVersion: 1, kimg, step: 0, imagesSeen: kimg * 1000, weightsSha256: "" },
  model: {
    ...{ kind: "stylegan2", resolutionPx: 16, imageChannels: 1, latentDim: 8, styleDim: 8, mappingLayers: 1 },
    ...{ channelBase: 128, channelMax: 8, minibatchStdGroup: 4 },
  },
  ...{ labels: { column: "condition", classes: ["Mock", "Active"] }, input: "stored", minibatchStdMean: 0 },
  ...{ channels: [{ name: "DNA", stain: "DNA", colour: "#ffffff" }], pixelSizeUm: null, dtype: "uint8" },
  datasetFingerprint: "f",
});

it("runs are told with their whole checkpoints and classes, and no paths", async () => {
  mkdirSync(join(root, "run/checkpoints"), { recursive: true });
  for (const kimg of [2, 10, 0.5])
    writeFileSync(join(root, `run/checkpoints/kimg-${kimg}.json`), JSON.stringify(header(kimg)));
  writeFileSync(join(root, "run/checkpoints/half.json"), '{"kind":');
  const runs = async () => [
    { id: "1", name: "mine/run", folder: join(root, "run") },
    { id: "2", name: "mine/new", folder: join(root, "none") },
  ];
  const hands = { drawImages: null, conditionsOf: async () => [], imagesOfTreatment: async () => null };
  const [answers, datasetsNow] = [new SharedAnswers(1000), async () => ""];
  const app = actionRoutes({ runs, folders: new Map(), token: "t", answers, datasetsNow, ...hands });
  expect(await (await app.request("/runs")).json()).toEqual([
    { id: "1", name: "mine/run", checkpoints: [0.5, 2, 10], classes: ["Mock", "Active"] },
    { id: "2", name: "mine/new", checkpoints: [], classes: [] },
  ]);
  // The rows of a sample grid are named by these; before the first checkpoint nobody knows them.
  expect(await (await app.request("/runs/1/stains")).json()).toEqual([{ name: "DNA", colour: "#ffffff" }]);
  expect(await (await app.request("/runs/2/stains")).json()).toEqual([]);
  expect(await (await app.request("/session")).json()).toEqual({ token: "t" });
});
