// Just enough of protocol buffers to write an ONNX model and to read its properties back.

const WIRE_VARINT = 0;
const WIRE_64_BIT = 1;
const WIRE_BYTES = 2;
const WIRE_32_BIT = 5;

/** Bytes after the tag for wire types of fixed length (a varint has been read by then). */
const FIXED_BYTES: Readonly<Record<number, number>> = { [WIRE_VARINT]: 0, [WIRE_64_BIT]: 8, [WIRE_32_BIT]: 4 };

/** Builds one message, field by field. */
export class MessageWriter {
  readonly #parts: Uint8Array[] = [];

  /** A whole number from 0 on. */
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
    return this.bytes(field, value.finish());
  }
  finish(): Uint8Array {
    const whole = new Uint8Array(this.#parts.reduce((total, part) => total + part.length, 0));
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
  #push(...parts: Uint8Array[]): this {
    this.#parts.push(...parts);
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

/**
 * The length-delimited values of one field of a message, in order; other fields are passed over.
 * @throws RangeError when the bytes end within a field.
 */
export function readBytesField(message: Uint8Array, wanted: number): Uint8Array[] {
  const found: Uint8Array[] = [];
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
    const tag = varint();
    const wire = tag % 8;
    if (wire === WIRE_VARINT) varint();
    const length = wire === WIRE_BYTES ? varint() : (FIXED_BYTES[wire] ?? Number.NaN);
    if (!(at + length <= message.length)) throw new RangeError("a field is cut short");
    if (wire === WIRE_BYTES && Math.floor(tag / 8) === wanted) found.push(message.subarray(at, at + length));
    at += length;
  }
  return found;
}
