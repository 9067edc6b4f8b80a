// The two compressions of TIFF that a browser has no decoder for (TIFF 6.0 §9 and §13).

/** Undoes PackBits: runs and literals, each behind a signed count. Stops at `nBytes`, or short of it where the input ends. */
export function unpackBits(packed: Uint8Array, nBytes: number): Uint8Array {
  const out = new Uint8Array(nBytes);
  let to = 0;
  for (let at = 0; at < packed.length && to < nBytes; ) {
    const count = (packed[at++]! << 24) >> 24;
    if (count >= 0) {
      const literal = packed.subarray(at, at + Math.min(count + 1, nBytes - to));
      out.set(literal, to);
      to += literal.length;
      at += count + 1;
    } else if (count > -128) {
      out.fill(packed[at++] ?? 0, to, to + 1 - count);
      to += 1 - count;
    }
  }
  return out.subarray(0, Math.min(to, nBytes));
}

const CLEAR = 256;
const END = 257;
const MAX_CODES = 4096;

/** Undoes TIFF's LZW: codes of 9 to 12 bits, high bit first, each growing one code early. Stops as {@link unpackBits} does. */
export function unpackLzw(packed: Uint8Array, nBytes: number): Uint8Array {
  const out = new Uint8Array(nBytes);
  // A word is where it was written before, and one byte more: `start` and `length` in what is already out.
  const start = new Int32Array(MAX_CODES + 1);
  const length = new Int32Array(MAX_CODES + 1);
  let [to, next, width, previous] = [0, END + 1, 9, -1];
  let [buffer, nBits] = [0, 0];
  for (let at = 0; to < nBytes; ) {
    while (nBits < width && at < packed.length) {
      buffer = ((buffer << 8) | packed[at++]!) & 0xffffff;
      nBits += 8;
    }
    if (nBits < width) break;
    nBits -= width;
    const code = (buffer >> nBits) & ((1 << width) - 1);
    if (code === END) break;
    if (code === CLEAR) {
      [next, width, previous] = [END + 1, 9, -1];
      continue;
    }
    if (code > next || (previous < 0 && code > END)) break; // damaged: the caller sees that bytes are missing
    const from = to;
    if (previous >= 0 && next < MAX_CODES) {
      start[next] = from - (previous < CLEAR ? 1 : length[previous]!);
      length[next] = (previous < CLEAR ? 1 : length[previous]!) + 1;
      next++;
    }
    if (code < CLEAR) out[to++] = code;
    else for (let k = 0; k < length[code]! && to < nBytes; k++) out[to++] = out[start[code]! + k]!;
    if (next >= (1 << width) - 1 && width < 12) width++;
    previous = code;
  }
  return out.subarray(0, to);
}
