// A device that no machine lacks: LibTorch's `meta`, whose tensors have a shape and a dtype and no numbers. Training on it shows, without
// a card, whether every tensor goes where the configuration says. Stricter than a card: an operator whose tensors are not all on one
// device is refused, where LibTorch lets a scalar of the CPU meet any other.
import type { NativeAddon, NativeArgument, NativeHandle } from "./native.ts";

type Native = typeof import("./native.ts");
type Described = ReturnType<NativeAddon["describe"]>;

/** Operators that are there to take tensors from one device to another. */
const CROSSING = ["aten::to", "aten::copy_"];

/** What `vi.mock("../tensor/native.ts", …)` puts in its place. */
export function withAbsentDevice(actual: Native): Native {
  const real = actual.native();
  const described = (value: unknown): Described | null => {
    try {
      return real.describe(value as NativeHandle);
    } catch {
      return null; // a generator
    }
  };
  const call: NativeAddon["call"] = (name, overload, args, discard) => {
    const tensors = args
      .flat()
      .filter((value) => typeof value === "object" && value !== null)
      .map(described)
      .filter((tensor) => tensor !== null);
    const devices = new Set(tensors.map(({ device }) => device));
    if (devices.size > 1 && !CROSSING.includes(name))
      throw new Error(`${name} was given tensors on ${[...devices].join(" and ")}`);
    const standIn = devices.has("meta") ? standInOf(real, name) : null;
    return standIn === null ? real.call(name, overload, args, discard) : standIn(args);
  };
  const addon: NativeAddon = {
    ...real,
    call,
    newGenerator: (seed, device) => real.newGenerator(seed, device === "meta" ? "cpu" : device), // one there can be none
    item: (tensor) => (described(tensor)?.device === "meta" ? 0 : real.item(tensor)),
    toBuffer: (tensor) => (described(tensor)?.device === "meta" ? zerosLike(real, tensor) : real.toBuffer(tensor)),
  };
  return {
    ...actual,
    native: () => addon,
    rethrowing: (work) => actual.rethrowing(() => work(addon)),
    callNative: (name, overload, args, discard) => actual.rethrowing(() => addon.call(name, overload, args, discard)),
  };
}

const BYTES: Readonly<Record<string, number>> = { float32: 4, bfloat16: 2, int64: 8, bool: 1 };

/** As many bytes as the tensor would have. */
function zerosLike(addon: NativeAddon, tensor: NativeHandle): ArrayBuffer {
  const { shape, dtype } = addon.describe(tensor);
  return new ArrayBuffer(shape.reduce((product, side) => product * side, BYTES[dtype] ?? Number.NaN));
}

type StandIn = (args: readonly NativeArgument[]) => unknown;

/** Operators that LibTorch 1.13 has no shapes for on this device, by others that depend on the same tensors in the same powers. */
function standInOf(addon: NativeAddon, name: string): StandIn | null {
  const run = (op: string, overload: string, ...args: NativeArgument[]) =>
    addon.call(op, overload, args) as NativeHandle;
  const filled = (shape: readonly number[], value: NativeHandle) => run("aten::expand", "", value, shape);
  const standIns: Record<string, StandIn> = {
    "aten::conv2d": ([x, weight, , stride, padding]) => {
      const [n = 0, , h = 0, w = 0] = addon.describe(x as NativeHandle).shape;
      const [out = 0, , kh = 0, kw = 0] = addon.describe(weight as NativeHandle).shape;
      const [s = 1] = stride as number[];
      const [p = 0] = padding as number[];
      const side = (length: number, kernel: number) => Math.floor((length + 2 * p - kernel) / s) + 1;
      const product = run("aten::mul", "Tensor", run("aten::sum", "", x), run("aten::sum", "", weight));
      return filled([n, out, side(h, kh), side(w, kw)], product);
    },
    "aten::var": ([x, dims, , keepDim]) => run("aten::mean", "dim", run("aten::square", "", x), dims, keepDim),
    "aten::std": ([x, dims, , keepDim]) => run("aten::mean", "dim", x, dims, keepDim),
    "aten::abs": ([x]) => run("aten::neg", "", x),
    // Back on the CPU there are numbers again: zeros.
    "aten::to": (args) => {
      const [x, dtype, , device] = args;
      if (device !== "cpu") return addon.call("aten::to", "dtype_layout", args);
      return run("aten::zeros", "", addon.describe(x as NativeHandle).shape, dtype, undefined, device);
    },
    "aten::roll": ([x]) => run("aten::clone", "", x),
  };
  return standIns[name] ?? null;
}
