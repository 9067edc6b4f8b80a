// New tensors: from numbers, from JavaScript memory, from files, from a random generator.
import { bytesPerElement, type DType, dtypeOfArray, type TypedArray } from "./dtype.ts";
import { shapeMismatch } from "./errors.ts";
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
  /** Needed where the array's class does not tell: float16, bfloat16, bool. */
  readonly dtype?: DType;
  /** Reads and writes the array's own memory instead of copying it; the array lives as long as the tensor. @default false */
  readonly share?: boolean;
}

/**
 * A CPU tensor with the elements of `data`, row-major.
 * @throws GanDlError `shape-mismatch` when the shape does not hold as many elements.
 */
export function fromArray(
  data: TypedArray,
  shape: readonly number[],
  { dtype, share = false }: FromArrayOptions = {},
): Tensor {
  const type = dtype ?? dtypeOfArray(data);
  if (type === null) throw new Error("internal: a Uint16Array needs its dtype said: float16 or bfloat16");
  const size = shape.reduce((product, side) => product * side, 1);
  if (data.byteLength !== size * bytesPerElement(type))
    throw shapeMismatch(`an array of ${data.length} elements`, shape.join(", "), [data.length]);
  return new Tensor(rethrowing((addon) => addon.fromBuffer(data, type, shape, share)));
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
