import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CheckpointHeader, Tap } from "../schema/index.ts";
import { encodeSafetensors, setThreads } from "../tensor/index.ts";
import { checkpointOf, imagesFor, relativeDifference } from "./embed.fixture.ts";
import {
  type Checkpoint,
  type Encoder,
  exportEncoderBeside,
  openEncoder,
  openOnnxEncoder,
  readEncoderHeader,
  readEncoderWeights,
  resolveCheckpoint,
  tapWidths,
} from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "gandl-encoder-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => setThreads(1));

const TAPS = Tap.options;
const ONE_THREAD = { threads: 1 };
const openBoth = async (checkpoint: Checkpoint, taps: readonly Tap[]): Promise<[Encoder, Encoder]> => [
  await openEncoder(checkpoint, taps, "onnxruntime", ONE_THREAD),
  await openEncoder(checkpoint, taps, "libtorch"),
];

describe("the exported encoder", () => {
  for (const [resolutionPx, channels, nClasses = 0] of [
    [16, 1],
    [32, 3],
    [64, 5],
    [16, 2, 3],
  ] as const) {
    const told = nClasses > 0 ? `, told ${nClasses} classes` : "";
    it(`agrees with LibTorch at every tap of one pass: ${resolutionPx} px, ${channels} channels${told}`, async () => {
      const checkpoint = await checkpointOf(folder, resolutionPx, channels, 0, `agrees-${resolutionPx}-${channels}`, {
        nClasses,
      });
      const [onnx, torch] = await openBoth(checkpoint, TAPS);
      const images = imagesFor(checkpoint, 3);
      const got = await onnx.run(images.slice(), 3);
      const want = await torch.run(images, 3);
      expect([...got.keys()]).toEqual(TAPS);
      const widths = tapWidths(checkpoint.header.model);
      for (const tap of TAPS) {
        expect(got.get(tap)?.length, tap).toBe(3 * widths[tap]);
        expect(relativeDifference(got.get(tap)!, want.get(tap)!), tap).toBeLessThan(1e-4);
      }
      await onnx.close();
      await torch.close();
    });
  }

  it("gives the same rows for a layer alone as beside others, in the order asked for", async () => {
    const checkpoint = await checkpointOf(folder, 32, 3);
    const images = imagesFor(checkpoint, 2);
    const all = await openEncoder(checkpoint, TAPS, "onnxruntime", ONE_THREAD);
    const whole = await all.run(images.slice(), 2);
    await all.close();
    for (const taps of [["conv4_gap"], ["logit", "blocks_gap"], ["blocks_gap_std", "fc512"]] as Tap[][]) {
      for (const encoder of await openBoth(checkpoint, taps)) {
        const some = await encoder.run(images.slice(), 2);
        expect([...some.keys()]).toEqual(taps);
        for (const tap of taps) expect(relativeDifference(some.get(tap)!, whole.get(tap)!), tap).toBeLessThan(1e-5);
        await encoder.close();
      }
    }
  });

  it("puts the standard deviations behind the means that blocks_gap has; they are 0 where maps are constant", async () => {
    const checkpoint = await checkpointOf(folder, 32, 3);
    const encoder = await openEncoder(checkpoint, ["blocks_gap", "blocks_gap_std"], "onnxruntime", ONE_THREAD);
    const rows = await encoder.run(imagesFor(checkpoint, 1), 1);
    const [means, both] = [rows.get("blocks_gap")!, rows.get("blocks_gap_std")!];
    expect([...both.subarray(0, means.length)]).toEqual([...means]);
    expect(Math.min(...both.subarray(means.length))).toBeGreaterThan(0);
    await encoder.close();
  });

  it("gives an image the same features alone, in a batch and in another order", async () => {
    const checkpoint = await checkpointOf(folder, 32, 3);
    const encoder = await openEncoder(checkpoint, TAPS, "onnxruntime", ONE_THREAD);
    const images = imagesFor(checkpoint, 5);
    const size = images.length / 5;
    const one = (i: number) => images.slice(i * size, (i + 1) * size);
    const together = await encoder.run(images.slice(), 5);
    const reversed = await encoder.run(Float32Array.from([4, 3, 2, 1, 0].flatMap((i) => [...one(i)])), 5);
    for (let i = 0; i < 5; i++) {
      const alone = await encoder.run(one(i), 1);
      for (const tap of TAPS) {
        const rowOf = (rows: Float32Array, at: number) =>
          rows.slice((at * rows.length) / 5, ((at + 1) * rows.length) / 5);
        const want = rowOf(together.get(tap)!, i);
        expect(relativeDifference(alone.get(tap)!, want), tap).toBeLessThan(1e-5);
        expect(relativeDifference(rowOf(reversed.get(tap)!, 4 - i), want), tap).toBeLessThan(1e-5);
      }
    }
    await encoder.close();
  });

  it("is written once, used again while it is whole, and carries its header", async () => {
    const checkpoint = await checkpointOf(folder, 16, 1, 3, "again");
    const file = await exportEncoderBeside(checkpoint);
    expect(await readEncoderHeader(file)).toEqual(checkpoint.header);
    const first = readFileSync(file);
    writeFileSync(file, Buffer.concat([first, Buffer.from([0x12, 0])])); // still readable: an empty producer name
    await exportEncoderBeside(checkpoint);
    expect(readFileSync(file).length).toBe(first.length + 2); // left alone
    writeFileSync(file, "garbage");
    await exportEncoderBeside(checkpoint);
    expect(readFileSync(file)).toEqual(first);
    const flipped = Buffer.from(first);
    flipped[first.length >> 1]! ^= 1; // among the weights
    writeFileSync(file, flipped);
    await expect(openOnnxEncoder(file, ["logit"])).rejects.toThrow(/weights are not those that it was written with/);
    await exportEncoderBeside(checkpoint);
    expect(readFileSync(file)).toEqual(first);
  });

  it("says what is wrong with files that are no encoder", async () => {
    const none = join(folder, "none.onnx");
    await expect(openOnnxEncoder(none, ["logit"])).rejects.toThrow(
      /none\.onnx is not an encoder[\s\S]*cannot be read[\s\S]*gandl export/,
    );
    const file = await exportEncoderBeside(await checkpointOf(folder, 16, 1, 4, "bad"));
    const cut = join(folder, "cut.onnx");
    writeFileSync(cut, readFileSync(file).subarray(0, 500));
    await expect(readEncoderHeader(cut)).rejects.toThrow(/cut short or are no ONNX model/);
    writeFileSync(cut, "");
    await expect(readEncoderHeader(cut)).rejects.toThrow(/carries no checkpoint header/);
  });

  it("says when it cannot be written", async () => {
    const checkpoint = await checkpointOf(folder, 16, 1, 5, "elsewhere");
    const moved = { ...checkpoint, stem: join(folder, "no-such-folder", "kimg") };
    await expect(exportEncoderBeside(moved)).rejects.toThrow(
      /kimg\.safetensors cannot be read[\s\S]*the weights are not/,
    );
    if (process.getuid?.() === 0) return; // root may write anywhere
    await chmod(dirname(checkpoint.stem), 0o500);
    await expect(exportEncoderBeside(checkpoint)).rejects.toThrow(/cannot be written[\s\S]*copy a read-only run first/);
    await chmod(dirname(checkpoint.stem), 0o700);
  });

  it("an array of the wrong size is refused, and the encoder goes on; closed, it says so", async () => {
    const checkpoint = await checkpointOf(folder, 16, 1);
    for (const encoder of await openBoth(checkpoint, ["logit"])) {
      await expect(encoder.run(new Float32Array(3), 1)).rejects.toThrow(
        /3 values are not 1 images[\s\S]*\[n, 1, 16, 16\]/,
      );
      const views = imagesFor(checkpoint, 3).subarray(256); // part of a larger buffer, which must survive
      expect((await encoder.run(views, 2)).get("logit")?.length).toBe(2);
      await encoder.close();
      await encoder.close();
      await expect(encoder.run(imagesFor(checkpoint, 1), 1)).rejects.toThrow(
        /the encoder is closed[\s\S]*open it again/,
      );
    }
  });

  it("answers calls that overlap in their order", async () => {
    const checkpoint = await checkpointOf(folder, 16, 1);
    const encoder = await openEncoder(checkpoint, ["fc512"], "onnxruntime", ONE_THREAD);
    const batches = [1, 2, 3].map((seed) => imagesFor(checkpoint, seed, seed));
    const order: number[] = [];
    const together = await Promise.all(
      batches.map((batch, i) =>
        encoder.run(batch.slice(), i + 1).then((rows) => {
          order.push(i);
          return rows;
        }),
      ),
    );
    expect(order).toEqual([0, 1, 2]);
    for (const [i, rows] of together.entries())
      expect(rows.get("fc512")).toEqual((await encoder.run(batches[i]!.slice(), i + 1)).get("fc512"));
    await encoder.close();
  });
});

describe("checkpoints", () => {
  it("are found by latest, first and kimg, and missing ones list those there are", async () => {
    for (const kimg of [0, 2, 12]) await checkpointOf(folder, 16, 1, kimg, "many");
    const run = join(folder, "many");
    expect((await resolveCheckpoint(run, "latest")).header.kimg).toBe(12);
    expect((await resolveCheckpoint(run, "first")).header.kimg).toBe(0);
    expect((await resolveCheckpoint(run, "2")).header.kimg).toBe(2);
    await expect(resolveCheckpoint(run, "best")).rejects.toThrow(
      /no checkpoint 'best'[\s\S]*choose latest, first, best/,
    );
    const { header } = await resolveCheckpoint(run, "12");
    const best = { file: "", metric: "kernel", value: 0.1, kimg: 12, step: header.step, features: "random-conv 1" };
    writeFileSync(join(run, "best.json"), JSON.stringify(best));
    expect((await resolveCheckpoint(run, "best")).header.kimg).toBe(12);
    writeFileSync(join(run, "best.json"), "{");
    await expect(resolveCheckpoint(run, "best")).rejects.toThrow(/best\.json is not JSON/);
    for (const which of ["3", "", "0x2"])
      await expect(resolveCheckpoint(run, which)).rejects.toThrow(/no checkpoint '.*'[\s\S]*those at 0, 2, 12 kimg/);
    await expect(resolveCheckpoint(folder, "latest")).rejects.toThrow(/it holds no whole checkpoint/);
  });

  it("whose header is not JSON are told by file", async () => {
    const { stem } = await checkpointOf(folder, 16, 1, 1, "broken");
    writeFileSync(`${stem}.json`, "{");
    await expect(resolveCheckpoint(join(folder, "broken"), "latest")).rejects.toThrow(
      /0001\.000\.json is not JSON[\s\S]*delete it/,
    );
  });

  it("whose weights are not the header's are refused", async () => {
    const a = await checkpointOf(folder, 16, 1, 7, "swapped");
    const b = await checkpointOf(folder, 16, 1, 8, "swapped");
    copyFileSync(`${b.stem}.safetensors`, `${a.stem}.safetensors`);
    await expect(readEncoderWeights(a)).rejects.toThrow(
      /not the file that its header was written for[\s\S]*hashes differ/,
    );
  });

  it("whose weights are of another network than the header tells are refused", async () => {
    const { createHash } = await import("node:crypto");
    const { stem, header } = await checkpointOf(folder, 16, 1, 9, "other");
    const withBytes = (bytes: Uint8Array): CheckpointHeader => {
      writeFileSync(`${stem}.safetensors`, bytes);
      return { ...header, weightsSha256: createHash("sha256").update(bytes).digest("hex") };
    };
    const none = withBytes(encodeSafetensors(new Map()));
    await expect(readEncoderWeights({ stem, header: none })).rejects.toThrow(/has no tensor 'discriminator\.blocks/);
    const wide = { ...header.model, imageChannels: 2 };
    const { stem: own, header: its } = await checkpointOf(folder, 16, 1, 10, "other");
    await expect(readEncoderWeights({ stem: own, header: { ...its, model: wide } })).rejects.toThrow(
      /is float32 \[12, 1, 1, 1\]; the header asks for float32 \[12, 2, 1, 1\]/,
    );
  });
});
