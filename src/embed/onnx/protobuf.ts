// Just enough of protocol buffers to write an ONNX model and to read its properties back.

const WIRE_VARINT = 0;
const WIRE_64_BIT = 1;
const WIRE_BYTES = 2;
const WIRE_32_BIT = 5;

/** Bytes after the tag for wire types of fixed length (a varint has been read by then). */
const FIXED_BYTES: Readonly<Record<number, number>> = { [WIRE_VARINT]: 0, [WIRE_64_BIT]: 8, [WIRE_32_BIT]: 4 };

/**
 * Builds one message, field by field, in the order of the calls.
 *
 * Bytes given to it are borrowed until {@link MessageWriter.finish}; a nested message is kept in pieces, so weights are copied once.
 */
export class MessageWriter {
  readonly #parts: Uint8Array[] = [];
  #byteLength = 0;

  /** A whole number from 0 up to 2⁵³ − 1. */
  varint(field: number, value: number): this {
    return this.#push(encodeVarint(field * 8 + WIRE_VARINT), encodeVarint(value));
  }
  float(field: number, value: number): this {
    return this.#push(encodeVarint(field * 8 + WIRE_32_BIT), new Uint8Array(Float32Array.of(value).buffer));
  }
  bytes(field: number, value: Uint8Array): this {
    return this.#push(encodeVarint(field * 8 + WIRE_BYTES), encodeVarint(value.length), value);
  }
  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }
  message(field: number, value: MessageWriter): this {
    this.#push(encodeVarint(field * 8 + WIRE_BYTES), encodeVarint(value.#byteLength));
    return this.#push(...value.#parts);
  }
  /** A field as {@link fieldsOf} gives it. */
  raw(field: Uint8Array): this {
    return this.#push(field);
  }
  finish(): Uint8Array {
    const whole = new Uint8Array(this.#byteLength);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
  #push(...parts: readonly Uint8Array[]): this {
    for (const part of parts) {
      this.#parts.push(part);
      this.#byteLength += part.length;
    }
    return this;
  }
}

function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.of(...bytes, rest);
}

/** One field of a message, as views. */
export interface Field {
  readonly field: number;
  /** Tag, length and value: what {@link MessageWriter.raw} takes. */
  readonly whole: Uint8Array;
  /** What a length-delimited field holds; null for numbers. */
  readonly value: Uint8Array | null;
}

/** The fields of a message, in order. @throws RangeError when the bytes end within a field. */
export function fieldsOf(message: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined || scale > 2 ** 49) throw new RangeError("a number is cut short");
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const start = at;
    const tag = varint();
    const wire = tag % 8;
    if (wire === WIRE_VARINT) varint();
    const length = wire === WIRE_BYTES ? varint() : (FIXED_BYTES[wire] ?? Number.NaN);
    if (!(at + length <= message.length)) throw new RangeError("a field is cut short");
    const value = wire === WIRE_BYTES ? message.subarray(at, at + length) : null;
    at += length;
    found.push({ field: Math.floor(tag / 8), whole: message.subarray(start, at), value });
  }
  return found;
}

/**
 * The length-delimited values of one field of a message, in order, as views; other fields are passed over.
 * @throws RangeError when the bytes end within a field.
 */
export function readBytesField(message: Uint8Array, wanted: number): Uint8Array[] {
  return fieldsOf(message).flatMap(({ field, value }) => (field === wanted && value ? [value] : []));
}
