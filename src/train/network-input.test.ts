import { afterEach, describe, expect, it, vi } from "vitest";
import { systemInfo, type Tensor, TensorScope } from "../tensor/index.ts";
import { networkInput } from "./network-input.ts";

/** Operators and what they were asked for, where the test pretends that there is a card. */
const card = vi.hoisted(() => ({ on: false, calls: [] as string[] }));
vi.mock("../tensor/native.ts", async (original) => {
  const actual = await original<typeof import("../tensor/native.ts")>();
  const pretending =
    (real: typeof actual.callNative): typeof actual.callNative =>
    (name, overload, args, discard) => {
      if (!card.on) return real(name, overload, args, discard);
      const given = args.map((value) => (value === "cuda:0" ? "cpu" : value));
      if (name === "aten::empty") {
        card.calls.push(`empty ${JSON.stringify(args)}`);
        return real(name, overload, [...given.slice(0, 4), false], discard); // pinned needs a card
      }
      if (args.includes("cuda:0")) {
        const { dtype } = actual.native().describe(args[0] as never);
        card.calls.push(`${name} ${dtype} ${JSON.stringify(args.slice(1))}`);
      }
      return real(name, overload, given, discard);
    };
  return { ...actual, callNative: pretending(actual.callNative) };
});
afterEach(() => {
  card.on = false;
  card.calls.length = 0;
});

const eight = { data: Uint8Array.of(0, 255, 51, 204, 7, 7, 7, 7), shape: [1, 2, 2, 2] } as const;
const sixteen = { data: Uint16Array.of(0, 65535, 32768, 32767, 1, 1, 1, 1), shape: [1, 2, 2, 2] } as const;
const numbers = (tensor: Tensor) => [...tensor.toFloat32Array()];
const DEVICES = { "the CPU": ["cpu", true], "a CUDA device": ["cuda:0", systemInfo().cudaDevices > 0] } as const;

for (const [where, [device, isThere]] of Object.entries(DEVICES))
  describe.skipIf(!isThere)(`what the networks see on ${where}`, () => {
    it("is 8 bits over their range, from −1 to 1", () => {
      using _scope = new TensorScope();
      const image = networkInput(eight, "stored", device);
      expect(image.shape).toEqual([1, 2, 2, 2]);
      expect(image.dtype).toBe("float32");
      const want = [-1, 1, -0.6, 0.6, ...Array(4).fill((7 * 2) / 255 - 1)];
      for (const [i, value] of numbers(image).entries()) expect(value).toBeCloseTo(want[i], 6);
    });

    it("is 16 bits over theirs, those above the half too", () => {
      using _scope = new TensorScope();
      const want = [-1, 1, (32768 * 2) / 65535 - 1, (32767 * 2) / 65535 - 1, ...Array(4).fill(2 / 65535 - 1)];
      for (const [i, value] of numbers(networkInput(sixteen, "stored", device)).entries())
        expect(value).toBeCloseTo(want[i], 6);
    });

    it("may be so many deviations from the channel's mean, and 0 where a channel is constant", () => {
      using _scope = new TensorScope();
      for (const batch of [eight, sixteen]) {
        const levels = [...batch.data.slice(0, 4)];
        const mean = levels.reduce((sum, level) => sum + level, 0) / 4;
        const deviation = Math.sqrt(levels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / 4);
        const want = [...levels.map((level) => (level - mean) / (3 * deviation)), 0, 0, 0, 0];
        for (const [i, value] of numbers(networkInput(batch, "standardised", device)).entries())
          expect(value).toBeCloseTo(want[i]!, 5);
      }
    });

    it("has been read from the caller's memory when it is there", () => {
      using _scope = new TensorScope();
      const data = Uint8Array.from(eight.data);
      const image = networkInput({ data, shape: [1, 2, 2, 2] }, "stored", device);
      data.fill(0);
      expect(numbers(image)[1]).toBe(1);
    });
  });

it("goes to a card as it is stored, from pinned memory, without a wait, and becomes float32 there", () => {
  using _scope = new TensorScope();
  card.on = true;
  const want = numbers(networkInput(eight, "stored", "cpu"));
  expect(card.calls).toEqual([]);
  expect(numbers(networkInput(eight, "stored", "cuda:0"))).toEqual(want);
  networkInput(sixteen, "stored", "cuda:0");
  expect(card.calls).toEqual([
    'empty [[1,2,2,2],"uint8",null,"cpu",true]',
    'aten::to uint8 ["uint8",null,"cuda:0",null,true]',
    'empty [[1,2,2,2],"int16",null,"cpu",true]',
    'aten::to int16 ["int16",null,"cuda:0",null,true]',
  ]);
});
