// Where LibTorch runs an encoder: a CUDA device where there is one, and a device that computes nothing, to see that all goes there.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Tap } from "../schema/index.ts";
import { setDeviceSwitches, setThreads, systemInfo } from "../tensor/index.ts";
import { checkpointOf, imagesFor, relativeDifference } from "./embed.fixture.ts";
import { openEncoder, tapWidths } from "./index.ts";

vi.mock("../tensor/native.ts", async (original) => {
  const { withAbsentDevice } = await import("../tensor/absent-device.fixture.ts");
  return withAbsentDevice(await original());
});
const folder = mkdtempSync(join(tmpdir(), "gandl-encoder-device-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => {
  setThreads(1);
  setDeviceSwitches({ tf32Products: false, tf32Convolutions: false });
});
const TAPS = Tap.options;

describe("an encoder on a device", () => {
  it("has every operand there, and gives its features back to the CPU", async () => {
    const checkpoint = await checkpointOf(folder, 16, 2);
    const encoder = await openEncoder(checkpoint, TAPS, "libtorch", { device: "meta" });
    const features = await encoder.run(imagesFor(checkpoint, 3), 3);
    const widths = tapWidths(checkpoint.header.model);
    for (const tap of TAPS) expect(features.get(tap)?.length, tap).toBe(3 * widths[tap]);
    await encoder.close();
  });

  it("is LibTorch's: ONNX Runtime is refused there, before anything is written", async () => {
    const checkpoint = await checkpointOf(folder, 16, 2, 1);
    await expect(openEncoder(checkpoint, TAPS, "onnxruntime", { device: "cuda:0" })).rejects.toThrow(
      /ONNX Runtime does not embed on cuda:0\.\s+why: the one that comes with this package runs on the CPU alone\.\s+fix: add --runtime libtorch, or leave --device out\./,
    );
  });

  it("is refused where the device is not there", async () => {
    const checkpoint = await checkpointOf(folder, 16, 2);
    await expect(openEncoder(checkpoint, TAPS, "libtorch", { device: "cuda:99" })).rejects.toThrow(
      /There is no device 'cuda:99' here/,
    );
  });
});

describe.skipIf(systemInfo().cudaDevices === 0)("on a CUDA device:", () => {
  it("an encoder gives the CPU's features", async () => {
    const checkpoint = await checkpointOf(folder, 32, 5);
    const images = imagesFor(checkpoint, 3);
    const [here, there] = await Promise.all(
      ["cpu", "cuda:0"].map(async (device) => {
        const encoder = await openEncoder(checkpoint, TAPS, "libtorch", { device });
        const features = await encoder.run(images.slice(), 3);
        await encoder.close();
        return features;
      }),
    );
    for (const tap of TAPS) expect(relativeDifference(there!.get(tap)!, here!.get(tap)!), tap).toBeLessThan(1e-4);
  });
});
