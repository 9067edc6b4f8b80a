import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  arange,
  callOp,
  type DType,
  expectFinite,
  expectShape,
  fromArray,
  grad,
  mapFile,
  ones,
  Rng,
  rand,
  randint,
  randn,
  setThreads,
  systemInfo,
  type Tensor,
  TensorScope,
  tensorStats,
  threads,
  tidy,
  zeros,
} from "./index.ts";
import { loadAddon } from "./native.ts";

const f32 = (...values: number[]) => fromArray(new Float32Array(values), [values.length]);

describe("elements", () => {
  const samples: [DType, ConstructorParameters<typeof Array>[0] | number[] | bigint[]][] = [
    ["float32", [1.5, -2]],
    ["float64", [1.5, Math.PI]],
    ["uint8", [0, 255]],
    ["int8", [-128, 127]],
    ["int16", [-32768, 32767]],
    ["int32", [-5, 2 ** 31 - 1]],
  ];
  const arrays = {
    float32: Float32Array,
    float64: Float64Array,
    uint8: Uint8Array,
    int8: Int8Array,
    int16: Int16Array,
    int32: Int32Array,
  } as const;
  for (const [dtype, values] of samples) {
    it(`${dtype} goes in and out unchanged`, () => {
      using _scope = new TensorScope();
      const data = arrays[dtype as keyof typeof arrays].from(values as number[]);
      const x = fromArray(data, [2]);
      expect(x.dtype).toBe(dtype);
      expect(x.toArray()).toEqual(data);
    });
  }
  it("int64, bool, float16 and bfloat16 go in and out unchanged", () => {
    using _scope = new TensorScope();
    const long = BigInt64Array.of(-(2n ** 62n), 7n);
    expect(fromArray(long, [2]).toArray()).toEqual(long);
    expect(fromArray(Uint8Array.of(1, 0), [2], { dtype: "bool" }).toArray()).toEqual(Uint8Array.of(1, 0));
    expect(fromArray(Uint16Array.of(0x3c00), [1], { dtype: "float16" }).item()).toBe(1);
    expect(fromArray(Uint16Array.of(0x3f80), [1], { dtype: "bfloat16" }).item()).toBe(1);
    expect([...f32(1, 2).to({ dtype: "float16" }).toFloat32Array()]).toEqual([1, 2]);
  });
  it("shared memory is read and written in place, and outlives its array's last name", () => {
    const data = new Float32Array([1, 2]);
    const x = fromArray(data, [2], { share: true });
    data[0] = 5;
    expect(x.sum().item()).toBe(7);
    x.mul_(2);
    expect([...data]).toEqual([10, 4]);
    x.dispose();
    expect(tensorStats().live).toBeGreaterThanOrEqual(0); // the next call lets go of the parked reference
  });
  it("empty tensors and scalars have their shapes", () => {
    using _scope = new TensorScope();
    expect(zeros([0, 3]).toArray().length).toBe(0);
    expect(f32(1, 2).sum().shape).toEqual([]);
    expect(arange(3).size).toBe(3);
  });
});

it("a mapped file is read from its offset, and writes never reach it", () => {
  const folder = mkdtempSync(join(tmpdir(), "gandl-map-"));
  const path = join(folder, "x.bin");
  writeFileSync(path, new Float32Array([1, 2, 3, 4]));
  const x = mapFile(path, "float32", [2], 8);
  expect([...x.toFloat32Array()]).toEqual([3, 4]);
  x.add_(1);
  const again = mapFile(path, "float32", [4]);
  expect([...again.toFloat32Array()]).toEqual([1, 2, 3, 4]);
  expect(() => mapFile(path, "float32", [5])).toThrow(/holds 16 bytes, offset and shape ask for 20/);
  expect(() => mapFile(path, "float32", [1], 2)).toThrow(/byte offset is negative or not a multiple/);
  expect(() => mapFile(join(folder, "none"), "float32", [1])).toThrow(/No such file/);
  x.dispose();
  again.dispose();
  rmSync(folder, { recursive: true });
});

describe("memory", () => {
  it("a scope frees what was made in it and keeps what it was told to", () => {
    const before = tensorStats();
    let kept: Tensor;
    {
      using scope = new TensorScope();
      const x = ones([100, 100]);
      kept = scope.keep(x.add(1));
      expect(tensorStats().live).toBe(before.live + 2);
    }
    expect(tensorStats().live).toBe(before.live + 1);
    expect(kept.sum().item()).toBe(20000);
    kept.dispose();
    kept.dispose();
  });
  it("nothing is left over when the code in a scope throws, and the scope around it goes on", () => {
    const before = tensorStats();
    {
      using _outer = new TensorScope();
      expect(() => {
        using _inner = new TensorScope();
        ones([2]).matmul(ones([3]));
      }).toThrow();
      expect(ones([1]).item()).toBe(1);
    }
    expect(tensorStats().live).toBe(before.live);
    expect(tensorStats().bytes).toBe(before.bytes);
  });
  it("what a scope keeps belongs to the scope around it", () => {
    const before = tensorStats().live;
    {
      using _outer = new TensorScope();
      const kept = tidy(() => ({ a: ones([1]), b: [ones([1]), new Map([["c", ones([1])]])] }));
      expect(kept.a.disposed).toBe(false);
      expect(tensorStats().live).toBe(before + 3);
    }
    expect(tensorStats().live).toBe(before);
  });
  it("scopes must close in the order in which they opened", () => {
    const outer = new TensorScope();
    const inner = new TensorScope();
    expect(() => outer.dispose()).toThrow(/closed while a scope opened after it[\s\S]*fix: open scopes with `using`/);
    inner.dispose();
    outer.dispose();
    outer.dispose();
  });
  it("disposing drops one reference: a graph keeps what its gradient needs", () => {
    const x = f32(3).setRequiresGrad(true);
    const square = x.square();
    const cube = square.mul(x);
    square.dispose();
    const [slope] = grad(cube, [x]);
    expect(slope!.item()).toBe(27);
    for (const tensor of [x, cube, slope!]) tensor.dispose();
  });
  it("use after dispose is an error that says so", () => {
    const x = ones([2]);
    x.dispose();
    expect(() => x.add(1)).toThrow(/aten::add\.Tensor\(disposed tensor, 1\).*disposed of before this use/);
  });
});

describe("operations", () => {
  it("errors carry the operator and the shapes, and the process goes on", () => {
    using _scope = new TensorScope();
    expect(() => ones([2, 3]).matmul(ones([4, 5]))).toThrow(/aten::matmul\(float32\[2, 3\], float32\[4, 5\]\)/);
    expect(() => callOp("aten::no_such", "", [])).toThrow(/LibTorch .* has no such operator/);
    expect(() => callOp("aten::mm", "", [ones([1, 1])])).toThrow(/argument 2 \(mat2\): is missing/);
    expect(() => callOp("aten::mm", "", [ones([1, 1]), 3])).toThrow(/argument 2 \(mat2\).*not a tensor/);
    expect(() => callOp("aten::relu", "", [ones([1]), 3])).toThrow(/takes at most 1 arguments/);
    expect(() => callOp("aten::reshape", "", [ones([1]), [1.5]])).toThrow(/not a whole number/);
    expect(() => callOp("aten::zeros", "", [[1], "float99"])).toThrow(/there is no dtype 'float99'/);
    expect(() => fromArray(new Float32Array(3), [2])).toThrow(/an array of 3 elements has shape \[3\], wanted \[2\]/);
    expect(ones([1]).item()).toBe(1);
  });
  it("turning by a quarter, narrowing, slicing and joining agree with a drawing", () => {
    using _scope = new TensorScope();
    const x = arange(4).reshape([2, 2]); // 0 1 / 2 3
    expect([...x.rot90(1, [0, 1]).contiguous().toFloat32Array()]).toEqual([1, 3, 0, 2]);
    expect([...x.flip([1]).toFloat32Array()]).toEqual([1, 0, 3, 2]);
    expect([...x.narrow(1, 1, 1).toFloat32Array()]).toEqual([1, 3]);
    expect([...x.slice(0, 0, 2, 2).toFloat32Array()]).toEqual([0, 1]);
    expect([...x.transpose(0, 1).toFloat32Array()]).toEqual([0, 2, 1, 3]);
  });
  it("whole numbers do not turn integers into floats", () => {
    using _scope = new TensorScope();
    expect(fromArray(new Int32Array([3]), [1]).add(1).dtype).toBe("int32");
    expect(fromArray(new Int32Array([3]), [1]).add(0.5).dtype).toBe("float32");
  });
  it("in place operations change the tensor and make no new handle", () => {
    const x = f32(1, 4);
    const before = tensorStats().live;
    x.add_(1).mul_(2).clamp_(null, 8);
    expect([...x.toFloat32Array()]).toEqual([4, 8]);
    expect(tensorStats().live).toBe(before);
    x.copyFromArray(new Float32Array([7, 9])).lerp_(x, 0.5);
    expect(() => x.copyFromArray(new Float32Array(3))).toThrow(/the data has shape/);
    expect([...x.toFloat32Array()]).toEqual([7, 9]);
    x.fill_(Number.NaN).nanToNum_(0, 1, -1);
    expect([...x.toFloat32Array()]).toEqual([0, 0]);
    x.dispose();
  });
});

describe("random draws", () => {
  it("go on exactly where the state was saved, and differ between seeds", () => {
    using _scope = new TensorScope();
    const rng = new Rng(3);
    randn([5], { rng });
    const saved = rng.state();
    const first = randn([5], { rng }).toArray();
    expect(randn([5], { rng: Rng.fromState(saved) }).toArray()).toEqual(first);
    rng.setState(saved);
    expect(randn([5], { rng }).toArray()).toEqual(first);
    expect(randn([5], { rng: new Rng(4) }).toArray()).not.toEqual(randn([5], { rng: new Rng(3) }).toArray());
  });
  it("a state that is none is an error", () => {
    expect(() => new Rng(1).setState(new Uint8Array(3))).toThrow(/tensor operation failed/);
  });
  it("uniform and whole draws stay in their ranges", () => {
    using _scope = new TensorScope();
    const rng = new Rng(1);
    const u = rand([1000], { rng }).toFloat32Array();
    expect(Math.min(...u) >= 0 && Math.max(...u) < 1).toBe(true);
    const whole = new Set([...(randint(2, 5, [200], { rng }).toArray() as BigInt64Array)].map(Number));
    expect([...whole].sort()).toEqual([2, 3, 4]);
  });
});

describe("checks", () => {
  it("expectShape binds letters and names the tensor in its error", () => {
    using _scope = new TensorScope();
    expect(expectShape("x", ones([2, 3]), ["n", 3])).toEqual([2, 3]);
    expect(() => expectShape("x", ones([2, 3]), ["n", "n"])).toThrow(/x has shape \[2, 3\], wanted \[n, n\]/);
    expect(() => expectShape("x", ones([2]), ["n", "c"])).toThrow(/wanted \[n, c\]/);
  });
  it("expectFinite counts what is not", () => {
    using _scope = new TensorScope();
    expectFinite("x", ones([2]));
    expect(() => expectFinite("x", f32(1, Number.NaN, Number.POSITIVE_INFINITY))).toThrow(
      /x holds 2 values that are not finite/,
    );
  });
});

it("threads can be read and set, all usable cores at first", () => {
  const before = threads();
  expect(before).toBe(systemInfo().usableCores);
  expect(systemInfo().gpus.length).toBe(systemInfo().cudaDevices);
  setThreads(1);
  expect(threads()).toBe(1);
  setThreads(before);
  expect(() => setThreads(0)).toThrow(/at least 1/);
});

it("a missing addon says how to build it", () => {
  expect(() => loadAddon("/nowhere/gandl.node")).toThrow(
    /native addon \/nowhere\/gandl\.node cannot be loaded[\s\S]*npm run setup/,
  );
});
