// The loops over every pixel, four or eight pixels an instruction: WebAssembly does what JavaScript's engine does not, and every machine
// that runs Node runs the same. Planes lie in one memory, and kernels are told addresses in bytes.
import {
  type Code,
  compileModule,
  f64x2,
  i32,
  i32x4,
  i64,
  i64x2,
  local,
  repeat,
  startModule,
  v128,
  type WasmFunction,
  wasmModule,
} from "../../math/webassembly.ts";

/** Loops over memory, which go round at least once; every address and end is a number of bytes. */
export interface PlaneKernels {
  /** The least of three int32 each, until `to` reaches `end`; up to 12 bytes more are written. What is read must not be what is written. */
  least(first: number, second: number, third: number, to: number, end: number): void;
  /** The greatest, as {@link PlaneKernels.least}. */
  greatest(first: number, second: number, third: number, to: number, end: number): void;
  /** Adds up int32; writes two int64 whose sum it is. @param end a multiple of 16 bytes after `from`. */
  total(from: number, end: number, to: number): void;
  /**
   * Counts pairs of levels below 16 of two runs of bytes: one is added to `counts[table][16 a + b]`, int32, where neighbouring pairs take
   * turns at `PAIR_TABLES` tables. @param end a multiple of 8 bytes after `first`.
   */
  countPairs(first: number, second: number, end: number, counts: number): void;
  /**
   * Of two planes of uint16, from each of which its minimum is taken, and of float32 beside them: Σab, Σa where b > `limitB`, Σb where
   * a > `limitA` (two int64 each), and the sum of the products of the float32 (two float64). Four pixels are taken at a time: planes that
   * end between must go on with their minimum, and the float32 with zeros.
   * @param to 64 bytes.
   */
  pairSums(
    ...planes: [
      a: number,
      b: number,
      ranksA: number,
      ranksB: number,
      endOfA: number,
      minA: number,
      minB: number,
      limitA: number,
      limitB: number,
      to: number,
    ]
  ): void;
}

/** Tables that neighbouring pairs take turns at: they are alike, and adding to one counter twice in a row waits for memory. */
export const PAIR_TABLES = 2;
const BYTES_A_TABLE = 4 * 256;

const advance = (pointer: number, bytes: number): Code =>
  local.set(pointer, i32.add(local.get(pointer), i32.const(bytes)));
const isBefore = (pointer: number, end: number): Code => i32.ltU(local.get(pointer), local.get(end));

function extreme(pick: (...operands: readonly Code[]) => Code): WasmFunction {
  const [first, second, third, to, end] = [0, 1, 2, 3, 4];
  const at = (pointer: number) => v128.load(0, local.get(pointer));
  const body = [
    ...v128.store(0, local.get(to), pick(pick(at(first), at(second)), at(third))),
    ...[first, second, third, to].flatMap((pointer) => advance(pointer, 16)),
  ];
  return { nParams: 5, locals: [], body: repeat(body, isBefore(to, end)) };
}

const addTo = (sum: number, value: Code): Code => local.set(sum, i64x2.add(local.get(sum), value));
/** Four int32 into a sum of two int64. */
const addFour = (sum: number, four: Code): Code => [
  ...addTo(sum, i64x2.extendLowI32(four)),
  ...addTo(sum, i64x2.extendHighI32(four)),
];

function total(): WasmFunction {
  const [from, end, to, sum, four] = [0, 1, 2, 3, 4];
  const body = [
    ...local.set(four, v128.load(0, local.get(from))),
    ...addFour(sum, local.get(four)),
    ...advance(from, 16),
  ];
  return {
    ...{ nParams: 3, locals: ["v128", "v128"] },
    body: [...repeat(body, isBefore(from, end)), ...v128.store(0, local.get(to), local.get(sum))],
  };
}

function countPairs(): WasmFunction {
  const [first, second, end, counts, eight, counter] = [0, 1, 2, 3, 4, 5];
  const eightAt = (pointer: number) => i64.load(0, local.get(pointer));
  const count = (k: number): Code => {
    const table = (k % PAIR_TABLES) * BYTES_A_TABLE;
    const pair = i32.and(i32.wrapI64(i64.shrU(local.get(eight), i64.const(8 * k))), i32.const(255));
    return [
      ...local.set(counter, i32.add(i32.shl(pair, i32.const(2)), local.get(counts))),
      ...i32.store(table, local.get(counter), i32.add(i32.load(table, local.get(counter)), i32.const(1))),
    ];
  };
  const body = [
    // Levels are below 16, so that no bit leaves its byte.
    ...local.set(eight, i64.or(i64.shl(eightAt(first), i64.const(4)), eightAt(second))),
    ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap(count),
    ...[first, second].flatMap((pointer) => advance(pointer, 8)),
  ];
  return { nParams: 4, locals: ["i64", "i32"], body: repeat(body, isBefore(first, end)) };
}

function pairSums(): WasmFunction {
  const [a, b, ranksA, ranksB, end, minA, minB, limitA, limitB, to] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const [fourA, fourB, product, aOverB, bOverA, rank] = [10, 11, 12, 13, 14, 15];
  const [lightA, lightB] = [local.get(fourA), local.get(fourB)];
  const fourOf = (plane: number, min: number) =>
    i32x4.sub(v128.load16x4U(0, local.get(plane)), i32x4.splat(local.get(min)));
  const above = (light: Code, limit: number) => i32x4.gtS(light, i32x4.splat(local.get(limit)));
  const twoRanks = (pointer: number, distance: number) =>
    f64x2.promoteLowF32(v128.load64Zero(distance, local.get(pointer)));
  const addRanks = (distance: number) =>
    local.set(rank, f64x2.add(local.get(rank), f64x2.mul(twoRanks(ranksA, distance), twoRanks(ranksB, distance))));
  const body = [
    ...local.set(fourA, fourOf(a, minA)),
    ...local.set(fourB, fourOf(b, minB)),
    ...addTo(product, i64x2.mulLowU32(lightA, lightB)),
    ...addTo(product, i64x2.mulHighU32(lightA, lightB)),
    ...addFour(aOverB, v128.and(lightA, above(lightB, limitB))),
    ...addFour(bOverA, v128.and(lightB, above(lightA, limitA))),
    ...addRanks(0),
    ...addRanks(8),
    ...[a, b].flatMap((pointer) => advance(pointer, 8)),
    ...[ranksA, ranksB].flatMap((pointer) => advance(pointer, 16)),
  ];
  return {
    ...{ nParams: 10, locals: ["v128", "v128", "v128", "v128", "v128", "v128"] },
    body: [
      ...repeat(body, isBefore(a, end)),
      ...[product, aOverB, bOverA, rank].flatMap((sum, i) => v128.store(16 * i, local.get(to), local.get(sum))),
    ],
  };
}

/** Between planes, for what kernels read before a plane and write behind it. */
const GAP_BYTES = 64;
const WIDEST_BYTES = 16;

let module: object | null = null;

/**
 * A memory of its own, filled with zeros, with room for planes of so many bytes, and the kernels that work in it.
 * @returns where each plane starts, in bytes; between planes there is room that belongs to none.
 */
export function planeKernels(planes: readonly number[]): {
  readonly buffer: ArrayBuffer;
  readonly starts: readonly number[];
  readonly kernels: PlaneKernels;
} {
  module ??= compileModule(
    wasmModule({
      ...{ least: extreme(i32x4.minS), greatest: extreme(i32x4.maxS) },
      ...{ total: total(), countPairs: countPairs(), pairSums: pairSums() },
    }),
  );
  const starts: number[] = [];
  let at = GAP_BYTES;
  for (const bytes of planes) {
    starts.push(at);
    at += Math.ceil(bytes / WIDEST_BYTES) * WIDEST_BYTES + GAP_BYTES;
  }
  const { buffer, exports } = startModule(module, at);
  return { buffer, starts, kernels: exports as PlaneKernels };
}
