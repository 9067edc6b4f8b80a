// As much of WebAssembly's binary form as the kernels need: instructions as nested calls that read like its text form, and one module of
// functions that share a memory. (WebAssembly Core Specification 2.0, chapter 5.)

/** Instructions as bytes; an expression leaves its value on the stack. */
export type Code = readonly number[];

export const VALUE = { i32: 0x7f, i64: 0x7e, v128: 0x7b } as const;
export type ValueType = keyof typeof VALUE;

/** A function that returns nothing: what it finds, it writes into the memory. */
export interface WasmFunction {
  /** How many numbers (i32) it is given; they are its first locals. */
  readonly nParams: number;
  /** The locals after them. */
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

/** LEB128: seven bits a byte, the lowest first. */
function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}

/** An instruction over what its operands leave on the stack. */
const instruction =
  (...opcode: Code) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), ...opcode];
const simd = (opcode: number) => instruction(0xfd, ...unsigned(opcode));
/** Loads and stores: `log2` of the alignment that is promised, and a distance from the address in bytes. */
const access =
  (log2: number, ...opcode: Code) =>
  (distance: number, ...operands: readonly Code[]): Code => [
    ...operands.flat(),
    ...opcode,
    log2,
    ...unsigned(distance),
  ];

export const local = {
  get: (index: number): Code => [0x20, index],
  set: (index: number, value: Code): Code => [...value, 0x21, index],
};
export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: access(2, 0x28),
  store: access(2, 0x36),
  ltU: instruction(0x49),
  add: instruction(0x6a),
  and: instruction(0x71),
  shl: instruction(0x74),
  wrapI64: instruction(0xa7),
};
export const i64 = {
  const: (value: number): Code => [0x42, ...signed(value)],
  load: access(0, 0x29),
  or: instruction(0x84),
  shl: instruction(0x86),
  shrU: instruction(0x88),
};
export const v128 = {
  load: access(0, 0xfd, 0x00),
  /** Four numbers of 16 bit as four of 32. */
  load16x4U: access(0, 0xfd, 0x04),
  /** Two float32, the others 0. */
  load64Zero: access(0, 0xfd, ...unsigned(0x5d)),
  store: access(0, 0xfd, 0x0b),
  zero: [0xfd, 0x0c, ...new Array<number>(16).fill(0)] as Code,
  and: simd(0x4e),
};
export const i32x4 = { splat: simd(0x11), gtS: simd(0x3b), sub: simd(0xb1), minS: simd(0xb6), maxS: simd(0xb8) };
export const i64x2 = {
  extendLowI32: simd(0xc7),
  extendHighI32: simd(0xc8),
  add: simd(0xce),
  mulLowU32: simd(0xde),
  mulHighU32: simd(0xdf),
};
export const f64x2 = {
  /** One of the two numbers. */
  lane: (index: 0 | 1, vector: Code): Code => [...vector, 0xfd, 0x21, index],
  promoteLowF32: simd(0x5f),
  add: simd(0xf0),
  mul: simd(0xf2),
};
export const f64 = { load: access(0, 0x2b), store: access(0, 0x39), add: instruction(0xa0) };

/** Does `body` again as long as the condition that it ends in holds. */
export const repeat = (body: Code, condition: Code): Code => [0x03, 0x40, ...body, ...condition, 0x0d, 0x00, 0x0b];

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes];
const section = (id: number, bytes: Code): Code => [id, ...sized(bytes)];
const text = (name: string): Code => sized([...new TextEncoder().encode(name)]);

/** A module that imports `host.memory` and exports each function under its key. */
export function wasmModule(functions: Readonly<Record<string, WasmFunction>>): Uint8Array<ArrayBuffer> {
  const all = Object.values(functions);
  const types = all.map(({ nParams }) => [0x60, ...vector(Array.from({ length: nParams }, () => [VALUE.i32])), 0x00]);
  const codes = all.map(({ locals, body }) =>
    sized([...vector(locals.map((type) => [1, VALUE[type]])), ...body, 0x0b]),
  );
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
    ...section(1, vector(types)),
    ...section(2, vector([[...text("host"), ...text("memory"), 0x02, 0x00, 0x01]])),
    ...section(3, vector(all.map((_, i) => unsigned(i)))),
    ...section(7, vector(Object.keys(functions).map((name, i) => [...text(name), 0x00, ...unsigned(i)]))),
    ...section(10, vector(codes)),
  ]);
}

/** What of the engine's interface is used here; TypeScript knows it as a browser's alone. */
interface Engine {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}
const { WebAssembly: engine } = globalThis as unknown as { WebAssembly: Engine };
const PAGE_BYTES = 65536;

/** Checks and compiles a module. */
export const compileModule = (bytes: Uint8Array<ArrayBuffer>): object => new engine.Module(bytes);

/** A memory of its own, filled with zeros, and the module's functions working in it. */
export function startModule(
  module: object,
  bytes: number,
): { readonly buffer: ArrayBuffer; readonly exports: unknown } {
  const memory = new engine.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  return { buffer: memory.buffer, exports: new engine.Instance(module, { host: { memory } }).exports };
}
