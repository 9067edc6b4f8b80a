// The safetensors format (https://huggingface.co/docs/safetensors): an 8-byte length, a JSON header, then raw little-endian
// bytes. Pure TypeScript; reading a checkpoint needs no LibTorch.
import { open, readFile, rename, rm } from "node:fs/promises";
import { fromArray } from "./create.ts";
import { bytesPerElement, type DType, type TypedArray, viewAs } from "./dtype.ts";
import { badSafetensors } from "./errors.ts";
import { Tensor } from "./tensor.ts";

/** A tensor outside LibTorch: row-major elements. */
export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** What a safetensors file holds. */
export interface SafetensorsContent {
  readonly tensors: Map<string, StoredTensor>;
  readonly metadata: Record<string, string>;
}

const CODES: Record<DType, string> = {
  float32: "F32",
  float64: "F64",
  float16: "F16",
  bfloat16: "BF16",
  uint8: "U8",
  int8: "I8",
  int16: "I16",
  int32: "I32",
  int64: "I64",
  bool: "BOOL",
};
const DTYPE_OF = new Map(Object.entries(CODES).map(([dtype, code]) => [code, dtype as DType]));
const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 100_000_000; // the format's own limit

/** A stored copy of a tensor's elements. */
export function storedOf(tensor: Tensor): StoredTensor {
  return { dtype: tensor.dtype, shape: tensor.shape, data: tensor.toArray() };
}

/** A tensor with a stored tensor's elements; the caller (or scope) owns it. */
export function tensorFromStored(stored: StoredTensor): Tensor {
  return fromArray(stored.data, stored.shape, { dtype: stored.dtype });
}

interface HeaderEntry {
  dtype: string;
  shape: readonly number[];
  data_offsets: [number, number];
}

/**
 * The file's bytes. Tensors are laid out in order of element size, largest first, so that every one is aligned.
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors } from "gan-dl/tensor";
 * const bias = { dtype: "float32", shape: [2], data: new Float32Array([1, 2]) } as const;
 * const file = encodeSafetensors(new Map([["bias", bias]]), { kimg: "10" });
 * console.assert(decodeSafetensors(file, "memory").tensors.get("bias")?.data[1] === 2);
 * ```
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor | StoredTensor>,
  metadata: Record<string, string> = {},
): Uint8Array {
  const stored = [...tensors].map(([name, tensor]) => ({
    name,
    ...(tensor instanceof Tensor ? storedOf(tensor) : tensor),
  }));
  stored.sort((a, b) => bytesPerElement(b.dtype) - bytesPerElement(a.dtype));
  const header: Record<string, HeaderEntry | Record<string, string>> = Object.create(null); // any name may be a key
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let offset = 0;
  for (const { name, dtype, shape, data } of stored) {
    const size = shape.reduce((product, side) => product * side, 1);
    if (data.byteLength !== size * bytesPerElement(dtype))
      throw new Error(`internal: '${name}' of shape [${shape.join(", ")}] ${dtype} has ${data.byteLength} bytes`);
    header[name] = { dtype: CODES[dtype], shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8; // spaces after the JSON keep the data aligned
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + offset).fill(
    0x20,
    LENGTH_BYTES + json.length,
    LENGTH_BYTES + headerBytes,
  );
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, LENGTH_BYTES);
  let position = LENGTH_BYTES + headerBytes;
  for (const { data } of stored) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

function parseHeader(bytes: Uint8Array, source: string): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < LENGTH_BYTES)
    throw badSafetensors(source, `it holds ${bytes.length} bytes, fewer than the length field.`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES || LENGTH_BYTES + length > bytes.length) {
    throw badSafetensors(source, `its header should take ${length} bytes; the file holds ${bytes.length}.`);
  }
  try {
    const header: unknown = JSON.parse(
      Buffer.from(bytes.buffer, bytes.byteOffset + LENGTH_BYTES, length).toString("utf8"),
    );
    if (typeof header === "object" && header !== null && !Array.isArray(header))
      return { header: header as Record<string, unknown>, dataStart: LENGTH_BYTES + length };
  } catch (cause) {
    throw badSafetensors(source, "its header is not JSON.", cause);
  }
  throw badSafetensors(source, "its header is not a JSON object.");
}

function decodeEntry(name: string, entry: Partial<HeaderEntry>, data: Uint8Array, source: string): StoredTensor {
  const dtype = DTYPE_OF.get(entry.dtype ?? "");
  if (!dtype)
    throw badSafetensors(source, `tensor '${name}' has the dtype ${entry.dtype}, which gan-dl does not know.`);
  const { shape, data_offsets: offsets } = entry;
  const whole = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0;
  if (
    !Array.isArray(shape) ||
    !shape.every(whole) ||
    !Array.isArray(offsets) ||
    offsets.length !== 2 ||
    !offsets.every(whole)
  ) {
    throw badSafetensors(source, `tensor '${name}' has no proper shape and data_offsets.`);
  }
  const [begin, end] = offsets;
  const size = shape.reduce((product, side) => product * side, 1);
  if (end > data.length)
    throw badSafetensors(
      source,
      `tensor '${name}' should end at byte ${end} of the data, which has ${data.length}: the file was cut short.`,
    );
  if (end - begin !== size * bytesPerElement(dtype))
    throw badSafetensors(source, `tensor '${name}' of shape [${shape.join(", ")}] takes ${end - begin} bytes.`);
  // Copied: the bytes need not be aligned, and the file's buffer can go.
  const copy = new Uint8Array(data.subarray(begin, end)); // not slice(): a Buffer's shares its memory
  return { dtype, shape, data: viewAs(dtype, copy.buffer as ArrayBuffer, 0, size) };
}

const isTextRecord = (value: unknown): value is Record<string, string> =>
  typeof value === "object" && value !== null && Object.values(value).every((text) => typeof text === "string");

/**
 * Reads safetensors bytes.
 * @param source the file's name, for messages.
 * @throws GanDlError `bad-safetensors` naming the file and the tensor.
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): SafetensorsContent {
  const { header, dataStart } = parseHeader(bytes, source);
  const data = bytes.subarray(dataStart);
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(entries))
    tensors.set(name, decodeEntry(name, (entry ?? {}) as Partial<HeaderEntry>, data, source));
  if (!isTextRecord(metadata)) throw badSafetensors(source, "its __metadata__ is not a record of strings.");
  return { tensors, metadata };
}

/** Reads a safetensors file. @throws GanDlError `bad-safetensors` naming the file and the tensor. */
export async function readSafetensors(path: string): Promise<SafetensorsContent> {
  return decodeSafetensors(await readFile(path), path);
}

/**
 * Writes a safetensors file in one step: a reader sees the old file or the whole new one, also after a kill or on a full disk.
 * @returns the bytes written, for hashing.
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor | StoredTensor>,
  metadata: Record<string, string> = {},
): Promise<Uint8Array> {
  const bytes = encodeSafetensors(tensors, metadata);
  const partial = `${path}.partial-${process.pid}`;
  try {
    const file = await open(partial, "w");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return bytes;
}
