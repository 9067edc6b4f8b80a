// NumPy's .npy format, version 1.0: a short text header, then the array's bytes in C order.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { damagedDataset } from "./errors.ts";

/** Bytes of every header this module writes; fixed, so that a count can be filled in when the array is complete. */
export const NPY_HEADER_BYTES = 128;

const MAGIC = "\x93NUMPY";
const DESCR = { uint8: "|u1", uint16: "<u2" } as const;

/** The pixel types that shards have. */
export type PixelType = keyof typeof DESCR;

/** What a .npy header says. */
export interface NpyHeader {
  readonly dtype: PixelType;
  readonly shape: readonly number[];
  /** Where the array's bytes begin in the file. */
  readonly dataOffset: number;
}

/** Bytes of one value. */
export const bytesPerValue = (dtype: PixelType): number => (dtype === "uint8" ? 1 : 2);

/**
 * Returns the 128 bytes that open a .npy file of this type and shape; the array's little-endian bytes follow.
 * @example
 * ```ts
 * import { npyHeader, parseNpyHeader } from "gan-dl/data";
 * const header = npyHeader("uint8", [2, 3, 64, 64]);
 * console.assert(header.length === 128 && parseNpyHeader(header, "a.npy").shape[1] === 3);
 * ```
 */
export function npyHeader(dtype: PixelType, shape: readonly number[]): Uint8Array {
  return npyHeaderText(DESCR[dtype], shape);
}

/** As {@link npyHeader}, for any type in NumPy's own notation, e.g. `<f4`. */
export function npyHeaderText(descr: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const textBytes = NPY_HEADER_BYTES - 10;
  if (text.length >= textBytes) throw new Error(`internal: npy header too long: ${text}`);
  const bytes = Buffer.alloc(NPY_HEADER_BYTES, " ");
  bytes.write(MAGIC, 0, "latin1");
  bytes[6] = 1;
  bytes[7] = 0;
  bytes.writeUInt16LE(textBytes, 8);
  bytes.write(text, 10, "latin1");
  bytes[NPY_HEADER_BYTES - 1] = 0x0a;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * Reads the header that opens `bytes`.
 * @param file named in the error.
 * @throws GanDlError `damaged-dataset` for anything but a C-ordered uint8 or uint16 array of version 1.0.
 */
export function parseNpyHeader(bytes: Uint8Array, file: string): NpyHeader {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const damaged = (reason: string) => damagedDataset(file, `it is not a .npy file that can be read: ${reason}.`);
  if (view.length < 10 || view.toString("latin1", 0, 6) !== MAGIC) throw damaged("it does not begin as one");
  if (view[6] !== 1) throw damaged(`its version is ${view[6]}`);
  const dataOffset = 10 + view.readUInt16LE(8);
  const text = view.toString("latin1", 10, dataOffset);
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const dtype = (Object.keys(DESCR) as PixelType[]).find((key) => DESCR[key] === descr);
  if (view.length < dataOffset || dtype === undefined) throw damaged(`its values are "${descr ?? "unknown"}"`);
  if (!/'fortran_order':\s*False/.test(text)) throw damaged("it is not in C order");
  const tuple = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  if (tuple === undefined) throw damaged("it has no shape");
  const shape = tuple.split(",").map((part) => part.trim());
  return { dtype, shape: shape.filter((part) => part !== "").map(Number), dataOffset };
}
