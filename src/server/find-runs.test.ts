import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { CheckpointHeader } from "../schema/index.ts";
import { actionRoutes } from "./action-routes.ts";
import { findRuns } from "./find-runs.ts";

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

it("finds runs by their logs and checkpoints, however deep, and tells no paths", async () => {
  mkdirSync(join(root, "a/run/checkpoints"), { recursive: true });
  mkdirSync(join(root, "a/b/logged"), { recursive: true });
  mkdirSync(join(root, ".hidden/run"), { recursive: true });
  writeFileSync(join(root, "a/run/config.resolved.json"), "{}");
  for (const kimg of [2, 10, 0.5])
    writeFileSync(join(root, `a/run/checkpoints/kimg-${kimg}.json`), JSON.stringify(header(kimg)));
  writeFileSync(join(root, "a/run/checkpoints/half.json"), '{"kind":');
  writeFileSync(join(root, "a/b/logged/events.jsonl"), "");
  writeFileSync(join(root, ".hidden/run/events.jsonl"), "");
  const folders = new Map([["mine", root]]);
  const runs = await findRuns(folders);
  expect(runs.map(({ id, checkpoints, classes }) => ({ id, checkpoints, classes }))).toEqual(
    expect.arrayContaining([
      { id: "mine~a~run", checkpoints: [0.5, 2, 10], classes: ["Mock", "Active"] },
      { id: "mine~a~b~logged", checkpoints: [], classes: [] },
    ]),
  );
  expect(runs.length).toBe(2);

  const app = actionRoutes({ folders, token: "t", drawImages: null, imagesOfTreatment: async () => null });
  const told = await (await app.request("/runs")).text();
  expect(told).toContain("mine/a/run");
  expect(told).not.toContain(root);
  expect(await (await app.request("/session")).json()).toEqual({ token: "t" });
  expect(await findRuns(new Map([["one", join(root, "a/run")]]))).toMatchObject([{ id: "one", name: "one" }]);
});
