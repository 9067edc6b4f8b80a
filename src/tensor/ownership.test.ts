// Whose memory a tensor holds, and when it goes: shared arrays, mapped files, what was left to the garbage collector, workers.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import {
  type DType,
  fromArray,
  grad,
  mapFile,
  noGrad,
  ones,
  Rng,
  randn,
  TensorScope,
  tensorStats,
  tidy,
} from "./index.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

describe("an array's numbers become the dtype that was asked for", () => {
  for (const [data, dtype, want] of [
    [new Uint8Array([0, 255]), "float32", [0, 255]],
    [new Int32Array([1, -2]), "float32", [1, -2]],
    [new Float64Array([1.5, 2]), "float16", [1.5, 2]],
    [new Uint16Array([1, 65535]), "int32", [1, 65535]],
    [new Uint16Array([1, 65535]), "float64", [1, 65535]],
    [new Uint8Array([0, 7]), "bool", [0, 1]],
  ] as [Uint8Array, DType, number[]][])
    it(`${data.constructor.name} as ${dtype}`, () => {
      using _scope = new TensorScope();
      const x = fromArray(data, [2], { dtype });
      expect(x.dtype).toBe(dtype);
      expect([...x.toFloat32Array()]).toEqual(want);
    });
  it("what cannot be told or shared is refused", () => {
    expect(() => fromArray(new Uint16Array(2), [2])).toThrow(/without a dtype[\s\S]*fix: pass \{ dtype: "int32" \}/);
    expect(() => fromArray(new Uint8Array(2), [2], { dtype: "float32", share: true })).toThrow(
      /memory of a Uint8Array cannot be shared as float32[\s\S]*fix: leave `share` out/,
    );
  });
});

it("memory that belongs to an array or a file is not counted as LibTorch's", () => {
  const folder = mkdtempSync(join(tmpdir(), "gandl-own-"));
  const path = join(folder, "x.bin");
  writeFileSync(path, new Float32Array(50_000));
  const before = tensorStats().bytes;
  {
    using _scope = new TensorScope();
    mapFile(path, "float32", [50_000]);
    fromArray(new Float32Array(50_000), [50_000], { share: true });
    expect(tensorStats().bytes).toBe(before);
    ones([50_000]);
    expect(tensorStats().bytes).toBe(before + 200_000);
    expect(mapFile(path, "float32", [0]).size).toBe(0);
    expect(() => mapFile(path, "float32", [2 ** 40, 2 ** 40])).toThrow(/more than 2\^63 bytes/);
    expect(() => mapFile(path, "float32", [1], 2 ** 40)).toThrow(/holds 200000 bytes/);
    expect(() => mapFile(folder, "float32", [1])).toThrow(/tensor operation failed/);
  }
  expect(tensorStats().bytes).toBe(before);
  rmSync(folder, { recursive: true });
});

it("a graph refuses elements that were overwritten after it saved them", () => {
  using _scope = new TensorScope();
  const x = ones([2]).setRequiresGrad(true);
  const weight = ones([2]);
  const y = x.mul(weight).sum();
  weight.copyFromArray(new Float32Array([5, 5]));
  expect(() => grad(y, [x])).toThrow(/modified by an inplace operation/);
});

it("a tensor that nobody disposed of is freed by the garbage collector and counted", async () => {
  const before = tensorStats();
  (() => {
    for (let i = 0; i < 50; i++) ones([10]);
  })();
  for (let round = 0; round < 20 && tensorStats().collected < before.collected + 50; round++) {
    collectGarbage();
    await breathe();
  }
  expect(tensorStats().collected).toBe(before.collected + 50);
  expect(tensorStats().live).toBe(before.live);
});

it("a handle that serves a second tensor does not bring the first one back", () => {
  const before = tensorStats();
  const first = ones([3]);
  first.dispose();
  const five = ones([5]);
  const second = five.add(1);
  const third = second.mul(2);
  expect([...third.toArray()]).toEqual([4, 4, 4, 4, 4]);
  expect(() => first.sum()).toThrow(/disposed tensor[\s\S]*disposed of before this use/);
  first.dispose();
  expect([...second.toArray()]).toEqual([2, 2, 2, 2, 2]);
  for (const tensor of [five, second, third]) tensor.dispose();
  expect(() => third.item()).toThrow(/disposed of before this use/);
  expect(tensorStats().live).toBe(before.live);
});

it("shared arrays are let go of once their tensors are gone", async () => {
  let collected = 0;
  const registry = new FinalizationRegistry(() => collected++);
  (() => {
    const data = new Float32Array(1000);
    registry.register(data.buffer, null);
    fromArray(data, [1000], { share: true }).dispose();
  })();
  for (let round = 0; round < 20 && collected === 0; round++) {
    tensorStats(); // lets go of what LibTorch has released
    collectGarbage();
    await breathe();
  }
  expect(collected).toBe(1);
});

it("work that returns a promise is refused, and what it made is freed", () => {
  const before = tensorStats().live;
  expect(() => tidy(async () => ones([1]))).toThrow(
    /tidy was given work that returns a promise[\s\S]*fix: await outside/,
  );
  expect(() => noGrad(async () => 1)).toThrow(/noGrad was given work that returns a promise/);
  expect(tensorStats().live).toBe(before);
});

it("tidy leaves alone what other objects own", () => {
  const before = tensorStats().live;
  class Owner {
    readonly self = this; // a circle
    readonly inner = ones([1]);
  }
  const owner = tidy(() => new Owner());
  expect(owner.inner.disposed).toBe(true);
  expect(tensorStats().live).toBe(before);
});

it("a generator that was disposed of cannot draw or be read", () => {
  const rng = new Rng(1);
  rng.dispose();
  expect(() => randn([1], { rng })).toThrow(/random generator that was disposed of/);
  expect(() => rng.state()).toThrow(/generator was disposed of before this use/);
});

it("a worker thread loads the addon beside the main thread, and takes nothing with it when it ends", async () => {
  const path = fileURLToPath(new URL("../../build/Release/gandl.node", import.meta.url));
  const code = `const addon = require(${JSON.stringify(path)});
    const x = addon.fromBuffer(new Float32Array([1, 2]), "float32", [2], true);
    require("node:worker_threads").parentPort.postMessage(addon.item(addon.call("aten::sum", "", [x])));`;
  const worker = new Worker(code, { eval: true });
  const answer = await new Promise((done, failed) => worker.once("message", done).once("error", failed));
  await worker.terminate();
  expect(answer).toBe(3);
  using _scope = new TensorScope();
  expect(ones([2]).sum().item()).toBe(2);
});
