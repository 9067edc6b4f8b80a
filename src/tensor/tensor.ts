// The tensor: a handle on LibTorch's memory with the operations that models and optimisers use.
// Naming follows PyTorch, so that its documentation is the reference: an operation with a trailing `_` changes the tensor itself.
import { bytesPerElement, type DType, type TypedArray, viewAs } from "./dtype.ts";
import { shapeMismatch } from "./errors.ts";
import { callNative, disposeNative, type NativeArgument, type NativeHandle, rethrowing } from "./native.ts";
import { track } from "./scope.ts";

/** An operand of arithmetic. */
export type Operand = Tensor | number;
/** An argument of {@link callOp}. */
export type OpArgument = NativeArgument | Tensor | readonly (Tensor | number | boolean | string | null)[];

const toNative = (value: OpArgument): NativeArgument => {
  if (typeof value !== "object") return value;
  if (value instanceof Tensor) return value.handle;
  if (Array.isArray(value) && value.some((item) => item instanceof Tensor))
    return value.map((item: unknown) => (item instanceof Tensor ? item.handle : item)) as NativeArgument;
  return value as NativeArgument;
};

/**
 * Calls any LibTorch operator by name; arguments are positional, in its schema's order, trailing defaults may be left out.
 * @returns what the operator gives back: a tensor the caller owns, several, a number, or null.
 * @throws GanDlError `tensor-op-failed` with the operator and the shapes it was given.
 * @example
 * ```ts
 * import { arange, callOp, type Tensor } from "gan-dl/tensor";
 * // aten::topk(Tensor self, SymInt k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor indices)
 * const [values] = callOp("aten::topk", "", [arange(5), 2]) as [Tensor, Tensor];
 * console.assert(values.sum().item() === 4 + 3);
 * ```
 */
export function callOp(name: string, overload: string, args: readonly OpArgument[]): unknown {
  return wrapResult(callNative(name, overload, args.map(toNative), false));
}

function wrapResult(result: unknown): unknown {
  if (Array.isArray(result)) return result.map(wrapResult);
  return typeof result === "object" && result !== null ? new Tensor(result as NativeHandle) : result;
}

/** Calls an operator that gives back one tensor. */
export function op(name: string, overload: string, ...args: OpArgument[]): Tensor {
  return callOp(name, overload, args) as Tensor;
}

/** Calls an operator that changes its first argument, and makes no second handle on it. */
function inPlace(self: Tensor, name: string, overload: string, ...args: OpArgument[]): Tensor {
  callNative(name, overload, [self.handle, ...args.map(toNative)], true);
  return self;
}

const arithmetic = (name: string, a: Tensor, b: Operand) => op(name, "Tensor", a, b);

/**
 * A tensor on the CPU or a CUDA device.
 *
 * It belongs to the innermost {@link TensorScope} open when it was made, else to the caller, who calls {@link Tensor.dispose}.
 * Disposing drops one reference: what a gradient graph still needs stays alive inside LibTorch.
 * @example
 * ```ts
 * import { fromArray, TensorScope } from "gan-dl/tensor";
 * using _scope = new TensorScope();
 * const x = fromArray(new Float32Array([1, 2, 3, 4]), [2, 2]);
 * console.assert(x.matmul(x).sum().item() === 54);
 * ```
 */
export class Tensor {
  #handle: NativeHandle;
  #described: { readonly shape: number[]; readonly dtype: string; readonly device: string } | null = null;
  #disposed = false;

  /** Takes over a handle of the addon. */
  constructor(handle: NativeHandle) {
    this.#handle = handle;
    track(this);
  }

  /** The addon's handle; borrowed. */
  get handle(): NativeHandle {
    return this.#handle;
  }
  get #about() {
    this.#described ??= rethrowing((addon) => addon.describe(this.#handle));
    return this.#described;
  }
  get shape(): readonly number[] {
    return this.#about.shape;
  }
  get dtype(): DType {
    return this.#about.dtype as DType;
  }
  get device(): string {
    return this.#about.device;
  }
  /** Number of elements. */
  get size(): number {
    return this.shape.reduce((product, side) => product * side, 1);
  }
  get disposed(): boolean {
    return this.#disposed;
  }
  get requiresGrad(): boolean {
    return rethrowing((addon) => addon.requiresGrad(this.#handle));
  }
  setRequiresGrad(on: boolean): this {
    rethrowing((addon) => addon.setRequiresGrad(this.#handle, on));
    return this;
  }
  /** Lets go of the memory; any later use is an error. Twice does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#handle = disposeNative(this.#handle);
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The one element, as a number. Waits for the device. */
  item(): number {
    return rethrowing((addon) => addon.item(this.#handle));
  }
  /** A copy of the elements, row-major, in the array of this dtype. */
  toArray(): TypedArray {
    const buffer = rethrowing((addon) => addon.toBuffer(this.#handle));
    return viewAs(this.dtype, buffer);
  }
  /** A copy of the elements as float32, row-major. */
  toFloat32Array(): Float32Array {
    if (this.dtype === "float32") return this.toArray() as Float32Array;
    const converted = this.to({ dtype: "float32" });
    const copy = converted.toArray() as Float32Array;
    converted.dispose();
    return copy;
  }
  /** Overwrites the elements with those of `data`, whose bytes must be as many. Contiguous CPU tensors only. */
  copyFromArray(data: TypedArray): this {
    if (data.byteLength !== this.size * bytesPerElement(this.dtype))
      throw shapeMismatch("the data", `${this.size}`, [data.length]);
    rethrowing((addon) => addon.copyInto(this.#handle, data));
    return this;
  }

  // Arithmetic. Numbers stay exact: a whole number does not turn an integer tensor into floats.
  add(other: Operand): Tensor {
    return arithmetic("aten::add", this, other);
  }
  sub(other: Operand): Tensor {
    return arithmetic("aten::sub", this, other);
  }
  mul(other: Operand): Tensor {
    return arithmetic("aten::mul", this, other);
  }
  div(other: Operand): Tensor {
    return arithmetic("aten::div", this, other);
  }
  pow(exponent: Operand): Tensor {
    return op("aten::pow", typeof exponent === "number" ? "Tensor_Scalar" : "Tensor_Tensor", this, exponent);
  }
  neg(): Tensor {
    return op("aten::neg", "", this);
  }
  exp(): Tensor {
    return op("aten::exp", "", this);
  }
  log(): Tensor {
    return op("aten::log", "", this);
  }
  sqrt(): Tensor {
    return op("aten::sqrt", "", this);
  }
  rsqrt(): Tensor {
    return op("aten::rsqrt", "", this);
  }
  square(): Tensor {
    return op("aten::square", "", this);
  }
  abs(): Tensor {
    return op("aten::abs", "", this);
  }
  tanh(): Tensor {
    return op("aten::tanh", "", this);
  }
  sigmoid(): Tensor {
    return op("aten::sigmoid", "", this);
  }
  sign(): Tensor {
    return op("aten::sign", "", this);
  }
  reciprocal(): Tensor {
    return op("aten::reciprocal", "", this);
  }
  isFinite(): Tensor {
    return op("aten::isfinite", "", this);
  }
  detach(): Tensor {
    return op("aten::detach", "", this);
  }
  clone(): Tensor {
    return op("aten::clone", "", this);
  }
  /** log(1 + eˣ), without overflow. */
  softplus(): Tensor {
    return op("aten::softplus", "", this);
  }
  leakyRelu(slope: number): Tensor {
    return op("aten::leaky_relu", "", this, slope);
  }
  clamp(min: number | null, max: number | null): Tensor {
    return op("aten::clamp", "", this, min, max);
  }
  maximum(other: Tensor): Tensor {
    return op("aten::maximum", "", this, other);
  }
  minimum(other: Tensor): Tensor {
    return op("aten::minimum", "", this, other);
  }

  // Reductions; without `dims`, over everything, to a scalar.
  sum(dims?: readonly number[], keepDim = false): Tensor {
    return dims === undefined ? op("aten::sum", "", this) : op("aten::sum", "dim_IntList", this, dims, keepDim);
  }
  mean(dims?: readonly number[], keepDim = false): Tensor {
    return dims === undefined ? op("aten::mean", "", this) : op("aten::mean", "dim", this, dims, keepDim);
  }
  /** Population variance unless `unbiased`. */
  var(dims: readonly number[], { unbiased = false, keepDim = false } = {}): Tensor {
    return op("aten::var", "dim", this, dims, unbiased, keepDim);
  }
  /** Population standard deviation unless `unbiased`. */
  std(dims: readonly number[], { unbiased = false, keepDim = false } = {}): Tensor {
    return op("aten::std", "dim", this, dims, unbiased, keepDim);
  }
  amax(dims: readonly number[] = [], keepDim = false): Tensor {
    return op("aten::amax", "", this, dims, keepDim);
  }
  amin(dims: readonly number[] = [], keepDim = false): Tensor {
    return op("aten::amin", "", this, dims, keepDim);
  }
  /** Square root of the sum of squares. */
  norm(dims?: readonly number[], keepDim = false): Tensor {
    return op("aten::linalg_vector_norm", "", this, 2, dims ?? null, keepDim);
  }
  all(): Tensor {
    return op("aten::all", "", this);
  }
  any(): Tensor {
    return op("aten::any", "", this);
  }

  // Shape; views share memory with this tensor.
  reshape(shape: readonly number[]): Tensor {
    return op("aten::reshape", "", this, shape);
  }
  permute(dims: readonly number[]): Tensor {
    return op("aten::permute", "", this, dims);
  }
  transpose(a: number, b: number): Tensor {
    return op("aten::transpose", "int", this, a, b);
  }
  flip(dims: readonly number[]): Tensor {
    return op("aten::flip", "", this, dims);
  }
  /** A quarter turn `times` times, from the first of `dims` towards the second. */
  rot90(times: number, dims: readonly [number, number]): Tensor {
    return op("aten::rot90", "", this, times, dims);
  }
  narrow(dim: number, start: number, length: number): Tensor {
    return op("aten::narrow", "", this, dim, start, length);
  }
  select(dim: number, index: number): Tensor {
    return op("aten::select", "int", this, dim, index);
  }
  slice(dim: number, start: number | null, end: number | null, step = 1): Tensor {
    return op("aten::slice", "Tensor", this, dim, start, end, step);
  }
  indexSelect(dim: number, index: Tensor): Tensor {
    return op("aten::index_select", "", this, dim, index);
  }
  unsqueeze(dim: number): Tensor {
    return op("aten::unsqueeze", "", this, dim);
  }
  squeeze(dim: number): Tensor {
    return op("aten::squeeze", "dim", this, dim);
  }
  expand(shape: readonly number[]): Tensor {
    return op("aten::expand", "", this, shape);
  }
  flatten(startDim = 0, endDim = -1): Tensor {
    return op("aten::flatten", "using_ints", this, startDim, endDim);
  }
  contiguous({ memoryFormat = "contiguous" }: { memoryFormat?: "contiguous" | "channels_last" } = {}): Tensor {
    return op("aten::contiguous", "", this, memoryFormat);
  }
  /** Itself converted; a new handle even where nothing changes. `nonBlocking`: a card copies from pinned memory while the host goes on. */
  to({ dtype, device, nonBlocking = false }: { dtype?: DType; device?: string; nonBlocking?: boolean }): Tensor {
    const there = device ?? this.device;
    return op("aten::to", "dtype_layout", this, dtype ?? this.dtype, undefined, there, undefined, nonBlocking);
  }
  matmul(other: Tensor): Tensor {
    return op("aten::matmul", "", this, other);
  }

  // In place, for optimisers and running averages; under noGrad, or on tensors without gradient.
  add_(other: Operand): this {
    return inPlace(this, "aten::add_", "Tensor", other) as this;
  }
  sub_(other: Operand): this {
    return inPlace(this, "aten::sub_", "Tensor", other) as this;
  }
  mul_(other: Operand): this {
    return inPlace(this, "aten::mul_", "Tensor", other) as this;
  }
  div_(other: Operand): this {
    return inPlace(this, "aten::div_", "Tensor", other) as this;
  }
  copy_(source: Tensor): this {
    return inPlace(this, "aten::copy_", "", source) as this;
  }
  zero_(): this {
    return inPlace(this, "aten::zero_", "") as this;
  }
  fill_(value: number): this {
    return inPlace(this, "aten::fill_", "Scalar", value) as this;
  }
  /** this + weight · (end − this). */
  lerp_(end: Tensor, weight: number): this {
    return inPlace(this, "aten::lerp_", "Scalar", end, weight) as this;
  }
  /** this + value · a · b. */
  addcmul_(a: Tensor, b: Tensor, value: number): this {
    return inPlace(this, "aten::addcmul_", "", a, b, value) as this;
  }
  /** this + value · a / b. */
  addcdiv_(a: Tensor, b: Tensor, value: number): this {
    return inPlace(this, "aten::addcdiv_", "", a, b, value) as this;
  }
  sqrt_(): this {
    return inPlace(this, "aten::sqrt_", "") as this;
  }
  nanToNum_(nan: number, posInf: number, negInf: number): this {
    return inPlace(this, "aten::nan_to_num_", "", nan, posInf, negInf) as this;
  }
  clamp_(min: number | null, max: number | null): this {
    return inPlace(this, "aten::clamp_", "", min, max) as this;
  }
}
