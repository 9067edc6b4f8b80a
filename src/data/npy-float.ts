// NumPy's .npy format for real numbers: flat fields, ours and CellProfiler's.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { badFlatField } from "./errors-import.ts";
import { npyHeaderText } from "./npy.ts";

/** An array of real numbers in C order. */
export interface FloatArray {
  readonly shape: readonly number[];
  /** Owned by the caller. */
  readonly data: Float64Array;
}

const READERS: Readonly<Record<string, { bytes: number; read: (b: Buffer, at: number) => number }>> = {
  "<f4": { bytes: 4, read: (b, at) => b.readFloatLE(at) },
  ">f4": { bytes: 4, read: (b, at) => b.readFloatBE(at) },
  "<f8": { bytes: 8, read: (b, at) => b.readDoubleLE(at) },
  ">f8": { bytes: 8, read: (b, at) => b.readDoubleBE(at) },
};

/** The bytes of a .npy file of 32-bit floats in C order. */
export function floatNpy(data: ArrayLike<number>, shape: readonly number[]): Buffer {
  const values = Float32Array.from(data);
  const header = npyHeaderText("<f4", shape);
  return Buffer.concat([header, Buffer.from(values.buffer, values.byteOffset, values.byteLength)]);
}

/**
 * Reads a .npy file of 32- or 64-bit floats, in C or Fortran order, versions 1 to 3.
 * @param file named in the error. @throws GanDlError `bad-flat-field`.
 */
export function parseFloatNpy(bytes: Uint8Array, file: string): FloatArray {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.length < 12 || view.toString("latin1", 0, 6) !== "\x93NUMPY") throw badFlatField(file, "it is no .npy file");
  const wide = view[6]! >= 2;
  const start = (wide ? 12 : 10) + (wide ? view.readUInt32LE(8) : view.readUInt16LE(8));
  const text = view.toString("latin1", wide ? 12 : 10, Math.min(start, view.length));
  const reader = READERS[/'descr':\s*'([^']*)'/.exec(text)?.[1] ?? ""];
  if (reader === undefined) throw badFlatField(file, "its values are not 32- or 64-bit floats");
  const tuple = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1] ?? "";
  const shape = tuple.split(",").flatMap((part) => (part.trim() === "" ? [] : [Number(part)]));
  const n = shape.reduce((product, side) => product * side, 1);
  if (shape.length === 0 || start + n * reader.bytes !== view.length)
    throw badFlatField(file, `it does not hold the [${shape}] values that it names`);
  const data = Float64Array.from({ length: n }, (_, i) => reader.read(view, start + i * reader.bytes));
  return { shape, data: /'fortran_order':\s*True/.test(text) ? fromFortran(data, shape) : data };
}

/** The same array with its last axis running fastest. */
function fromFortran(data: Float64Array, shape: readonly number[]): Float64Array {
  return data.map((_, i) => {
    let rest = i;
    let at = 0;
    let stride = data.length;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      stride /= shape[axis]!;
      at += (rest % shape[axis]!) * stride;
      rest = Math.floor(rest / shape[axis]!);
    }
    return data[at]!;
  });
}
