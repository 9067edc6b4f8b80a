// Element types and the typed arrays that hold them in JavaScript.

export const DTYPES = [
  "float32",
  "float64",
  "float16",
  "bfloat16",
  "uint8",
  "int8",
  "int16",
  "int32",
  "int64",
  "bool",
] as const;
export type DType = (typeof DTYPES)[number];

/** What holds a tensor's elements in JavaScript. float16 and bfloat16 come as their 16 raw bits, bool as 0 and 1. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | BigInt64Array;

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const;

/** Bytes of one element. */
export const bytesPerElement = (dtype: DType): number => ARRAYS[dtype].BYTES_PER_ELEMENT;

/** A view of `buffer` as elements of `dtype`; the offset must be a multiple of the element's size. */
export function viewAs(dtype: DType, buffer: ArrayBuffer, byteOffset = 0, length?: number): TypedArray {
  return new ARRAYS[dtype](buffer, byteOffset, length);
}

/** The dtype that an array's class stands for. A Uint16Array stands for none: say float16 or bfloat16. */
export function dtypeOfArray(data: TypedArray): DType | null {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Uint8Array) return "uint8";
  if (data instanceof Int8Array) return "int8";
  if (data instanceof Int16Array) return "int16";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof BigInt64Array) return "int64";
  return null;
}
