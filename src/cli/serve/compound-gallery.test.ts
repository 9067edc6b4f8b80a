import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importDataset } from "../../data/index.ts";
import { writeSyntheticScreen } from "../../data/synthetic/index.ts";
import { CompoundImages } from "../../schema/index.ts";
import { compoundImageRoutes } from "../../server/routes/compound-images.ts";
import { SharedAnswers } from "../../server/shared-answers.ts";
import { CompoundGallery } from "./compound-gallery.ts";

const root = mkdtempSync(join(tmpdir(), "gandl-gallery-"));
const gallery = new CompoundGallery(async () => [join(root, "data")]);
beforeAll(async () => {
  const compounds = [{ name: "Synthinert D", effect: "inert" as const, dosesUm: [1, 0.1] }];
  const controlWells = { mock: 3, uvInactivated: 2, activeUntreated: 2 };
  const layout = { experiments: ["SYN-1"], platesPerExperiment: 1, sitesPerWell: 2, sidePx: 32, compounds };
  for await (const _ of writeSyntheticScreen(join(root, "screen"), { ...layout, controlWells }));
  for await (const _ of importDataset({ source: join(root, "screen"), out: join(root, "data") }));
});
afterAll(() => {
  gallery.close();
  rmSync(root, { recursive: true, force: true });
});

describe("a compound's images", () => {
  it("are its doses upwards beside the controls, each well before the second image of any", async () => {
    const found = CompoundImages.parse(await gallery.imagesOf("Synthinert D", 4));
    expect(found.groups.map(({ label, kind, nImages }) => [label, kind, nImages])).toMatchObject([
      ["Mock", "negative_control", 6],
      ["UV Inactivated SARS-CoV-2", "negative_control", 4], // another control, not told as mock
      [expect.stringContaining("Active"), "positive_control", 4],
      ["0.1 µM", "dose", expect.any(Number)],
      ["1 µM", "dose", expect.any(Number)],
    ]);
    const [mock, inactivated, infected] = found.groups;
    const wellsOf = (group: typeof mock) => new Set(group!.images.map(({ well }) => well));
    expect([...wellsOf(mock)].filter((well) => wellsOf(inactivated).has(well))).toEqual([]);
    expect(wellsOf(mock).size).toBe(3);
    expect(mock!.images.length).toBe(4);
    expect(new Set(infected!.images.map(({ site }) => site)).size).toBe(4);
    const png = Buffer.from(mock!.images[0]!.png, "base64");
    expect(await sharp(png).metadata()).toMatchObject({ format: "png", width: 32, channels: 3 });
  });

  it("are those of the data set as it is now, when it was imported anew", async () => {
    const source = join(root, "screen");
    const before = await gallery.imagesOf("Synthinert D", 4);
    const out = join(root, "data");
    for await (const _ of importDataset({ source, out, overwrite: true, limit: 3 }));
    expect(await gallery.imagesOf("Synthinert D", 4)).not.toEqual(before);
    for await (const _ of importDataset({ source, out, overwrite: true }));
    expect(await gallery.imagesOf("Synthinert D", 4)).toEqual(before);
    await expect(gallery.imagesOf("Synthinert D", 4, AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
  });

  it("are asked for by name, and a name without images is said to have none", async () => {
    const app = compoundImageRoutes({
      imagesOf: (treatment, n, signal) => gallery.imagesOf(treatment, n, signal),
      datasetsNow: async () => "one",
      answers: new SharedAnswers(2 ** 20),
    });
    expect(CompoundImages.parse(await (await app.request("/?treatment=Synthinert%20D")).json()).synthetic).toBe(true);
    const errors: string[] = [];
    app.onError((error, c) => {
      errors.push(error.message);
      return c.text("", 404);
    });
    expect((await app.request("/?treatment=aspirin")).status).toBe(404);
    expect(errors[0]).toMatch(/no data set that is served has images of 'aspirin'/);
  });
});
