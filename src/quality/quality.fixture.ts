// A tiny screen, tiny networks and feature networks written byte by byte.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll } from "vitest";
import { SeededRandom } from "../core/index.ts";
import { importDataset } from "../data/index.ts";
import type { StyleGan2Shape } from "../schema/index.ts";
import { setThreads } from "../tensor/index.ts";

export { messageOf } from "../core/message-of.fixture.ts";

/** A temporary folder, removed after the test file. One thread: small operations only wait for a second one. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gandl-quality-test-"));
  beforeAll(() => setThreads(1));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const TINY: StyleGan2Shape = {
  ...{ kind: "stylegan2", resolutionPx: 16, imageChannels: 2, latentDim: 8, styleDim: 8, mappingLayers: 2 },
  ...{ channelBase: 64, channelMax: 8, minibatchStdGroup: 4 },
};
export const TINY_FORM = { imageChannels: 2, resolutionPx: 16 };

/** Imports `n` sites of two channels: one bright disc each, its place and size at random. */
export async function writeTinyDataset(folder: string, n = 40, sidePx = 16): Promise<string> {
  const source = join(folder, "source");
  mkdirSync(source, { recursive: true });
  const random = new SeededRandom(1);
  const rows = ["plate,well,site"];
  for (let i = 0; i < n; i++) {
    rows.push(`P${i % 2},A01,${i}`);
    for (const channel of [1, 2]) {
      const [x, y, r] = [5 + random.uniform() * 6, 5 + random.uniform() * 6, 2 + random.uniform() * 4];
      const pixels = Uint8Array.from({ length: sidePx ** 2 }, (_, p) =>
        Math.hypot((p % sidePx) - x, Math.floor(p / sidePx) - y) < r ? 200 : 20,
      );
      const raw = { width: sidePx, height: sidePx, channels: 1 } as const;
      const png = await sharp(pixels, { raw }).toColourspace("b-w").png().toBuffer();
      writeFileSync(join(source, `P${i % 2}_${i}_${channel}.png`), png);
    }
  }
  writeFileSync(join(source, "metadata.csv"), `${rows.join("\n")}\n`);
  const out = join(folder, "dataset");
  const table = { images: "{plate}_{site}_{channel}.png", channels: [{ name: "DNA" }, { name: "actin" }] };
  for await (const event of importDataset({ source, out, table })) void event;
  return out;
}

/** Grey levels in [−1, 1] that differ from image to image: `[n,c,side,side]`. */
export function greyNoise(n: number, c: number, side: number, seed = 1) {
  const random = SeededRandom.forPart(seed, "images");
  const data = Float32Array.from({ length: n * c * side * side }, () => 2 * random.uniform() - 1);
  return { data, shape: [n, c, side, side] as const };
}

const varint = (value: number): number[] => (value < 128 ? [value] : [(value % 128) | 128, ...varint(value >>> 7)]);
const bytesField = (field: number, value: Buffer | string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([field * 8 + 2, ...varint(bytes.length)]), bytes]);
};
const numberField = (field: number, value: number): Buffer => Buffer.from([...varint(field * 8), ...varint(value)]);
const all = (...parts: Buffer[]) => Buffer.concat(parts);

/** An axis: a fixed size, or any. */
type Axis = number | "any";

/** Writes an ONNX network whose features are the means of each channel over the axes 2 and 3. */
export function writeOnnx(
  file: string,
  { input = ["any", 3, "any", "any"] }: { input?: readonly Axis[] } = {},
): string {
  const valueInfo = (name: string, axes: readonly Axis[]) => {
    const dims = axes.map((axis, i) =>
      bytesField(1, axis === "any" ? bytesField(2, `${name}${i}`) : numberField(1, axis)),
    );
    return all(bytesField(1, name), bytesField(2, bytesField(1, all(numberField(1, 1), bytesField(2, all(...dims))))));
  };
  const ints = (name: string, values: number[]) =>
    bytesField(5, all(bytesField(1, name), ...values.map((v) => numberField(8, v)), numberField(20, 7)));
  const int = (name: string, value: number) =>
    bytesField(5, all(bytesField(1, name), numberField(3, value), numberField(20, 2)));
  const node = all(
    ...[bytesField(1, "x"), bytesField(2, "y"), bytesField(4, "ReduceMean")],
    ...[ints("axes", [2, 3]), int("keepdims", 0)],
  );
  const output = valueInfo("y", ["any", "any"]);
  const graph = all(
    bytesField(1, node),
    bytesField(2, "net"),
    bytesField(11, valueInfo("x", input)),
    bytesField(12, output),
  );
  writeFileSync(file, all(numberField(1, 8), bytesField(7, graph), bytesField(8, numberField(2, 17))));
  return file;
}
