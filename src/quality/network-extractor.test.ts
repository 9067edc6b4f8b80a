import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeTorchScript } from "../tensor/script.fixture.ts";
import { onnxExtractor } from "./onnx-extractor.ts";
import { openExtractor } from "./open-extractor.ts";
import { greyNoise, messageOf, temporaryFolder, writeOnnx } from "./quality.fixture.ts";
import { torchscriptExtractor } from "./torchscript-extractor.ts";

const folder = temporaryFolder();
let count = 0;
const onnxFile = (options?: Parameters<typeof writeOnnx>[1]) => writeOnnx(join(folder, `${count++}.onnx`), options);
const scriptFile = (body: readonly string[], parameters?: string) =>
  writeTorchScript(join(folder, `${count++}.pt`), body, parameters);
const MEANS = ["return torch.mean(x, [2, 3])"];
const FORM = { imageChannels: 2, resolutionPx: 8 };

/** The mean of each plane of `[n,c,8,8]`. */
const planeMeans = (data: Float32Array) =>
  Array.from(
    { length: data.length / 64 },
    (_, i) => data.subarray(i * 64, i * 64 + 64).reduce((a, b) => a + b, 0) / 64,
  );

for (const [kind, open] of [
  ["onnx", async (input = {}) => onnxExtractor(onnxFile(), FORM, input)],
  ["torchscript", async (input = {}) => torchscriptExtractor(await scriptFile(MEANS), FORM, input)],
] as const) {
  describe(`a user's network, ${kind}`, () => {
    const images = greyNoise(3, 2, 8);
    const means = planeMeans(images.data);
    it("is shown each stain as grey RGB; features are averaged over stains", async () => {
      const extractor = await open();
      expect(extractor.dim).toBe(3);
      expect(extractor.id).toMatch(new RegExp(`^${kind}:\\d+\\.(onnx|pt)$`));
      expect(extractor.version).toMatch(/^[0-9a-f]{16} \(stains mean, 8 px, range -1 to 1\)$/);
      expect(extractor.description).toMatch(/the user's network .* same file and settings/);
      const { data, n, d } = await extractor.extract(images);
      expect([n, d]).toEqual([3, 3]);
      for (let i = 0; i < 9; i++) {
        const image = Math.floor(i / 3);
        expect(data[i]).toBeCloseTo((means[2 * image]! + means[2 * image + 1]!) / 2, 5);
      }
      extractor.dispose();
    });
    it("or joined, in the range that is asked for", async () => {
      const extractor = await open({ stains: "concatenate", range: [0, 255] });
      const { data } = await extractor.extract(images);
      expect(extractor.dim).toBe(6);
      for (let i = 0; i < 18; i++) {
        const [image, stain] = [Math.floor(i / 6), Math.floor((i % 6) / 3)];
        expect(data[i]).toBeCloseTo(((means[2 * image + stain]! + 1) / 2) * 255, 2);
      }
      extractor.dispose();
    });
    it("describes each image alone: batches change nothing", async () => {
      const extractor = await open();
      const together = await extractor.extract(images);
      const alone = await extractor.extract({ data: images.data.subarray(128, 256), shape: [1, 2, 8, 8] });
      for (let j = 0; j < 3; j++) expect(alone.data[j]).toBeCloseTo(together.data[3 + j]!, 6);
      extractor.dispose();
    });
  });
}

describe("sizes", () => {
  it("are the network's own where its file says: the mean survives a smooth resize, and one image goes at a time", async () => {
    const extractor = await onnxExtractor(onnxFile({ input: [1, 3, 16, 16] }), FORM);
    expect(extractor.version).toContain("16 px");
    const images = greyNoise(3, 2, 8);
    const { data } = await extractor.extract({ ...images, data: images.data.map(() => 0.5) });
    expect([...data]).toEqual(Array(9).fill(0.5));
    extractor.dispose();
  });
  it("can be asked for, and stains can be the channels", async () => {
    const size = ["y = torch.mul(torch.sum(torch.mul(x, 0.), [2, 3]), 1)", "return torch.add(y, torch.size(x, 3))"];
    const extractor = await torchscriptExtractor(await scriptFile(size), FORM, { sidePx: 5, stains: "as-channels" });
    expect([...(await extractor.extract(greyNoise(1, 2, 8))).data]).toEqual([5, 5]);
    extractor.dispose();
  });
});

describe("torchscript flags", () => {
  const body = [
    "y = torch.mean(x, [2, 3])",
    "if return_features:",
    "  y = torch.mul(y, 0.)",
    "else:",
    "  pass",
    "return y",
  ];
  it("return_features is set where forward has it, unless other flags are named", async () => {
    const file = await scriptFile(body, "x: Tensor, return_features: bool=False");
    const [set, unset] = [
      await torchscriptExtractor(file, FORM),
      await torchscriptExtractor(file, FORM, { flags: [] }),
    ];
    const images = { data: new Float32Array(128).fill(0.25), shape: [1, 2, 8, 8] as const };
    expect([...(await set.extract(images)).data]).toEqual([0, 0, 0]);
    expect([...(await unset.extract(images)).data]).toEqual([0.25, 0.25, 0.25]);
    expect(set.version).not.toBe(unset.version);
    set.dispose();
    unset.dispose();
  });
});

describe("openExtractor", () => {
  it("knows three kinds", async () => {
    for (const [features, id] of [
      ["random-conv", /^random-conv$/],
      [`onnx:${onnxFile()}`, /^onnx:\d+\.onnx$/],
      [`torchscript:${await scriptFile(MEANS)}`, /^torchscript:\d+\.pt$/],
    ] as const) {
      const extractor = await openExtractor(features, FORM);
      expect(extractor.id).toMatch(id);
      extractor.dispose();
    }
  });
  it("refuses others", async () => {
    for (const features of ["inception", "onnx:", "pt:x", ""])
      expect(await messageOf("unknown-features", () => openExtractor(features, FORM))).toMatch(
        /' names no features\.\n.*random-conv, onnx:FILE or torchscript:FILE.*\n.*--features random-conv/,
      );
  });
});

describe("networks that do not serve", () => {
  const refused = (work: () => unknown) => messageOf("bad-feature-network", work);
  it("files that are missing or something else", async () => {
    const other = join(folder, "other.onnx");
    writeFileSync(other, "not a network");
    expect(await refused(() => onnxExtractor("none.onnx", FORM))).toMatch(
      /none\.onnx cannot serve.*\n.*cannot be read\.\n.*--stains/,
    );
    expect(await refused(() => onnxExtractor(other, FORM))).toMatch(/ONNX Runtime cannot load it: /);
    expect(await refused(() => torchscriptExtractor("none.pt", FORM))).toMatch(
      /none\.pt cannot serve.*\n.*cannot be read/,
    );
    await messageOf("bad-torchscript", () => torchscriptExtractor(other, FORM));
  });
  for (const [what, input, pattern] of [
    ["five axes", ["any", 3, 8, 8, 8], /does not take one float32 tensor of four axes/],
    ["one channel", ["any", 1, 8, 8], /takes 1 channels, and would be given 3/],
    ["a fixed batch", [4, 3, 8, 8], /takes 4 images at once/],
    ["oblong images", ["any", 3, 8, 16], /takes images of 8×16 pixels, which are not square/],
  ] as const)
    it(what, async () => {
      expect(await refused(() => onnxExtractor(onnxFile({ input }), FORM))).toMatch(pattern);
    });
  it("a size that the file contradicts", async () => {
    const file = onnxFile({ input: ["any", 3, 8, 8] });
    expect(await refused(() => onnxExtractor(file, FORM, { sidePx: 16 }))).toMatch(
      /takes images of 8 pixels, not of 16/,
    );
  });
  it("one number for a whole batch", async () => {
    const extractor = await torchscriptExtractor(await scriptFile(["return torch.sum(x)"]), FORM);
    expect(await refused(() => extractor.extract(greyNoise(3, 2, 8)))).toMatch(
      /gave 1 numbers for 3 images, not one row an image/,
    );
    extractor.dispose();
  });
  it("a forward that fails", async () => {
    const file = await scriptFile(["return torch.matmul(x, torch.zeros([5, 5]))"]);
    expect(await refused(() => torchscriptExtractor(file, FORM))).toMatch(/failed on images \[1, 3, 8, 8\]: /);
    const size = onnxFile({ input: ["any", 3, "any", 8] }); // told to take 8 across, given 16
    expect(await refused(() => onnxExtractor(size, { ...FORM, resolutionPx: 8 }, { sidePx: 16 }))).toMatch(
      /takes images of 8 pixels/,
    );
  });
});
