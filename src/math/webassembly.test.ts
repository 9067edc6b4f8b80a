import { describe, expect, it } from "vitest";
import { compileModule, i32, local, startModule, wasmModule } from "./webassembly.ts";

/** A module of one function, compiled and started. */
function started(nParams: number, body: readonly number[]) {
  const { buffer, exports } = startModule(
    compileModule(wasmModule({ run: { nParams, locals: ["i32"], body } })),
    70_000,
  );
  const { run } = exports as { run(...args: number[]): void };
  return { memory: new DataView(buffer), run };
}

describe("a module", () => {
  it("holds constants of any size, as many bytes as they need", () => {
    for (const value of [0, 1, 63, 64, 127, 128, 300, 65536, 2 ** 31 - 1, -1, -64, -65, -(2 ** 31)]) {
      const { memory, run } = started(1, i32.store(0, local.get(0), i32.const(value)));
      run(12);
      expect(memory.getInt32(12, true)).toBe(value);
    }
  });

  it("reaches distances from an address beyond one byte, on a memory of whole pages", () => {
    const { memory, run } = started(1, i32.store(65_536, local.get(0), i32.const(7)));
    expect(memory.byteLength).toBe(2 * 65_536);
    run(4);
    expect(memory.getInt32(65_540, true)).toBe(7);
  });

  it("exports every function under its name, with locals of its own", () => {
    const add = (n: number) => ({
      ...{ nParams: 1, locals: ["i32", "v128", "i64"] as const },
      body: [...local.set(1, i32.add(local.get(0), i32.const(n))), ...i32.store(0, local.get(0), local.get(1))],
    });
    const { buffer, exports } = startModule(compileModule(wasmModule({ one: add(1), two: add(2) })), 1);
    const functions = exports as Record<string, (at: number) => void>;
    expect(Object.keys(functions)).toEqual(["one", "two"]);
    functions.one?.(16);
    functions.two?.(32);
    expect([16, 32].map((at) => new DataView(buffer).getInt32(at, true))).toEqual([17, 34]);
  });
});
