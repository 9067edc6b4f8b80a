// New tensors: from numbers, from JavaScript memory, from files, from a random generator.
import { bytesPerElement, type DType, dtypeOfArray, type TypedArray } from "./dtype.ts";
import { shapeMismatch, shareNeedsSameDtype, uint16NeedsDtype } from "./errors.ts";
import { rethrowing } from "./native.ts";
import type { Rng } from "./rng.ts";
import { op, Tensor } from "./tensor.ts";

/** Where and as what a tensor is made. */
export interface Placement {
  /** @default "float32" */
  readonly dtype?: DType;
  /** @default "cpu" */
  readonly device?: string;
}
const placed = ({ dtype = "float32", device = "cpu" }: Placement) => [dtype, undefined, device] as const;

export const zeros = (shape: readonly number[], at: Placement = {}): Tensor =>
  op("aten::zeros", "", shape, ...placed(at));
export const ones = (shape: readonly number[], at: Placement = {}): Tensor =>
  op("aten::ones", "", shape, ...placed(at));
export const full = (shape: readonly number[], value: number, at: Placement = {}): Tensor =>
  op("aten::full", "", shape, value, ...placed(at));
/** `[n]`: 0, 1, … n − 1. */
export const arange = (n: number, at: Placement = {}): Tensor => op("aten::arange", "", n, ...placed(at));

/** How {@link fromArray} takes the data. */
export interface FromArrayOptions {
  /** What the tensor is to hold; values are converted where the array's class stands for another dtype. @default the array's own */
  readonly dtype?: DType;
  /** Reads and writes the array's own memory instead of copying it; the array lives as long as the tensor. @default false */
  readonly share?: boolean;
}

/**
 * A CPU tensor with the elements of `data`, row-major; the caller (or scope) owns it.
 *
 * A Uint16Array, which LibTorch 1 has no dtype for, holds raw bits where `dtype` is float16 or bfloat16 and numbers otherwise.
 * @throws GanDlError `shape-mismatch` when the shape does not hold as many elements; `bad-dtype` for a Uint16Array without a
 * dtype, or `share` with a conversion.
 * @example
 * ```ts
 * import { fromArray } from "gan-dl/tensor";
 * const pixels = fromArray(new Uint8Array([0, 255]), [1, 2], { dtype: "float32" });
 * console.assert(pixels.dtype === "float32" && pixels.amax().item() === 255);
 * ```
 */
export function fromArray(
  data: TypedArray,
  shape: readonly number[],
  { dtype, share = false }: FromArrayOptions = {},
): Tensor {
  const wanted = dtype ?? dtypeOfArray(data);
  if (wanted === null) throw uint16NeedsDtype();
  const elements = data instanceof Uint16Array && bytesPerElement(wanted) !== 2 ? Int32Array.from(data) : data;
  const held = dtypeOfArray(elements) ?? wanted; // a Uint16Array that is still one holds the bits of `wanted`
  if (share && (held !== wanted || elements !== data)) throw shareNeedsSameDtype(data.constructor.name, wanted);
  const size = shape.reduce((product, side) => product * side, 1);
  if (data.length !== size) throw shapeMismatch(`an array of ${data.length} elements`, shape.join(", "), [data.length]);
  const tensor = new Tensor(rethrowing((addon) => addon.fromBuffer(elements, held, shape, share)));
  if (held === wanted) return tensor;
  const converted = tensor.to({ dtype: wanted });
  tensor.dispose();
  return converted;
}

/**
 * The elements of `data` on a device, row-major; the caller (or scope) owns the tensor and may change `data` at once.
 *
 * To a card they go through pinned memory (LibTorch's own, which it takes back when the card has read it), so that the host does not
 * wait for what the card still has to do.
 * @throws GanDlError `tensor-op-failed` where there is no such device.
 * @example
 * ```ts
 * import { sendTo } from "gan-dl/tensor";
 * console.assert(sendTo("cpu", new Uint8Array([1, 2, 3]), [3]).sum().item() === 6);
 * ```
 */
export function sendTo(device: string, data: Exclude<TypedArray, Uint16Array>, shape: readonly number[]): Tensor {
  if (device === "cpu") return fromArray(data, shape);
  if (!device.startsWith("cuda")) return movedOnce(fromArray(data, shape), device);
  const pinned = op("aten::empty", "memory_format", shape, dtypeOfArray(data), undefined, "cpu", true);
  return movedOnce(pinned.copyFromArray(data), device);
}

function movedOnce(tensor: Tensor, device: string): Tensor {
  const moved = tensor.to({ device, nonBlocking: true });
  tensor.dispose();
  return moved;
}

/**
 * A tensor over `[byteOffset, …)` of a file, mapped, not read. Writes to it are private and never reach the file.
 * The byte offset must be a multiple of the element's size.
 * @throws GanDlError `tensor-op-failed` when the file is missing or too short.
 */
export function mapFile(path: string, dtype: DType, shape: readonly number[], byteOffset = 0): Tensor {
  return new Tensor(rethrowing((addon) => addon.mapFile(path, dtype, shape, byteOffset)));
}

interface Drawn extends Placement {
  readonly rng: Rng;
}
/** Standard normal draws; equal generators give equal bits on one device. */
export const randn = (shape: readonly number[], { rng, ...at }: Drawn): Tensor =>
  op("aten::randn", "generator", shape, rng.handle, ...placed({ device: rng.device, ...at }));
/** Uniform draws in [0, 1). */
export const rand = (shape: readonly number[], { rng, ...at }: Drawn): Tensor =>
  op("aten::rand", "generator", shape, rng.handle, ...placed({ device: rng.device, ...at }));
/** Whole draws in [low, high), int64 unless said otherwise. */
export const randint = (low: number, high: number, shape: readonly number[], { rng, ...at }: Drawn): Tensor =>
  op(
    "aten::randint",
    "low_generator",
    low,
    high,
    shape,
    rng.handle,
    ...placed({ dtype: "int64", device: rng.device, ...at }),
  );
