// Products of matrices by panels: what covariances, Hessians, factors and similarities wait for, two numbers an instruction.
//
// JavaScript's engine multiplies one number at a time; the same loop in WebAssembly makes about three times the products, in Node and
// in browsers alike, and gives the same bits on every machine.
import {
  type Code,
  compileModule,
  f64,
  f64x2,
  i32,
  local,
  repeat,
  startModule,
  v128,
  type WasmFunction,
  wasmModule,
} from "./webassembly.ts";

/** Lines of one step: eight sums stay in registers, and each number loaded is used two or four times. */
const LINES_A = 4;
const LINES_B = 2;
/** Numbers of each line that one round of the innermost loop takes. */
const AT_ONCE = 4;
/** Lines and depth of a panel: four lines of one stay in the first cache while all of the other pass by from the second. */
const PANEL_A = 192;
const PANEL_B = 48;
/** Products of deeper lines are sums of sums over so many numbers. */
export const PANEL_DEPTH = 512;
/** Numbers between lines, which would otherwise all fall into the same places of the cache. */
const APART = 8;
const BYTES = Float64Array.BYTES_PER_ELEMENT;

/** A matrix that is read in pieces: lines of as many numbers as the product is deep. */
export interface Lines {
  readonly n: number;
  /** Writes numbers `start … start + width` of lines `from … from + count` to `into`, one line each `stride`. */
  pack(into: Float64Array, from: number, count: number, start: number, width: number, stride: number): void;
}

/** Takes a share of the products of `nA` lines from `fromA` on with `nB` lines from `fromB` on: `products[i·stride + j]`, borrowed. */
export type TakeProducts = (
  fromA: number,
  nA: number,
  fromB: number,
  nB: number,
  products: Float64Array,
  stride: number,
) => void;

/**
 * Multiplies every line of `a` with every line of `b`, a panel at a time.
 * @param depth numbers of a line. @param take adds up what it is given: deep products come in several shares.
 * @param isWanted panels that it refuses are left out. No randomness.
 */
export function panelProducts(
  a: Lines,
  b: Lines,
  depth: number,
  take: TakeProducts,
  isWanted: (fromA: number, nA: number, fromB: number, nB: number) => boolean = () => true,
): void {
  panels ??= openPanels();
  const { panelA, panelB, products, multiply } = panels;
  for (let fromA = 0; fromA < a.n; fromA += PANEL_A) {
    const nA = Math.min(PANEL_A, a.n - fromA);
    for (let start = 0; start < depth; start += PANEL_DEPTH) {
      const width = Math.min(PANEL_DEPTH, depth - start);
      const length = AT_ONCE * Math.ceil(width / AT_ONCE);
      const stride = length + APART;
      packPanel(panelA, a, fromA, nA, start, width, stride);
      for (let fromB = 0; fromB < b.n; fromB += PANEL_B) {
        const nB = Math.min(PANEL_B, b.n - fromB);
        if (!isWanted(fromA, nA, fromB, nB)) continue;
        packPanel(panelB, b, fromB, nB, start, width, stride);
        multiply(nA, nB, length, stride);
        take(fromA, nA, fromB, nB, products, PANEL_B);
      }
    }
  }
}

/** Adds every product to row-major `out` with `width` numbers a row. */
export const addInto =
  (out: Float64Array, width: number): TakeProducts =>
  (fromA, nA, fromB, nB, products, stride) => {
    for (let i = 0; i < nA; i++)
      for (let j = 0, at = (fromA + i) * width + fromB; j < nB; j++) out[at + j]! += products[i * stride + j]!;
  };

/** Lines of a row-major `[n,d]`. */
export const rowLines = (rows: Float32Array | Float64Array, n: number, d: number): Lines => ({
  n,
  pack: (into, from, count, start, width, stride) => {
    for (let i = 0; i < count; i++) {
      const at = (from + i) * d + start;
      into.set(rows.subarray(at, at + width), i * stride);
    }
  },
});

function packPanel(
  panel: Float64Array,
  lines: Lines,
  from: number,
  count: number,
  start: number,
  width: number,
  stride: number,
): void {
  // Behind a line there are zeros up to the next whole round; behind the last line anything may stand, for nobody takes it.
  if (width % AT_ONCE > 0) panel.fill(0, 0, count * stride);
  lines.pack(panel, from, count, start, width, stride);
}

interface Panels {
  readonly panelA: Float64Array;
  readonly panelB: Float64Array;
  readonly products: Float64Array;
  /** Fills `products` from the panels. */
  multiply(nA: number, nB: number, length: number, stride: number): void;
}

/** One for each thread that multiplies: 1 MB. */
let panels: Panels | null = null;

function openPanels(): Panels {
  const line = PANEL_DEPTH + APART;
  const sizes = [PANEL_A * line, PANEL_B * line, PANEL_A * PANEL_B];
  const starts = sizes.map((_, i) => BYTES * sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  const module = compileModule(wasmModule({ multiply: multiplyPanels() }));
  const { buffer, exports } = startModule(module, BYTES * sizes.reduce((sum, size) => sum + size, 0));
  const run = (exports as { multiply(...numbers: number[]): void }).multiply;
  const [panelA, panelB, products] = starts.map((start, i) => new Float64Array(buffer, start, sizes[i])) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const [atA, atB, to] = starts as [number, number, number];
  const multiply = (nA: number, nB: number, length: number, stride: number) => {
    const apart = stride * BYTES;
    run(atA, atA + nA * apart, atB, atB + nB * apart, length * BYTES, apart, to);
  };
  return { panelA, panelB, products, multiply };
}

/**
 * Of panels `a` and `b`, lines of `length` bytes every `stride`, each product of two lines to `to`, rows `PANEL_B` apart. Lines are taken
 * four by two; past the last ones, what stands behind them is multiplied too.
 */
function multiplyPanels(): WasmFunction {
  const [a, endA, b, endB, length, stride, to] = [0, 1, 2, 3, 4, 5, 6];
  const [lineB, out, end, ...pointers] = Array.from({ length: 3 + LINES_A + LINES_B }, (_, i) => 7 + i) as [
    number,
    number,
    number,
    ...number[],
  ];
  const firstVector = 10 + LINES_A + LINES_B;
  const sums = Array.from({ length: LINES_A * LINES_B }, (_, i) => firstVector + i);
  const loaded = Array.from({ length: LINES_A }, (_, i) => firstVector + sums.length + i);
  const other = firstVector + sums.length + LINES_A;
  const addTo = (index: number, value: Code): Code => local.set(index, i32.add(local.get(index), value));
  const lines = (first: number, base: number, n: number): Code =>
    Array.from({ length: n }, (_, i) =>
      local.set(
        pointers[first + i]!,
        i === 0 ? local.get(base) : i32.add(local.get(pointers[first + i - 1]!), local.get(stride)),
      ),
    ).flat();
  const multiplyAt = (distance: number): Code => [
    ...loaded.flatMap((x, i) => local.set(x, v128.load(distance, local.get(pointers[i]!)))),
    ...Array.from({ length: LINES_B }, (_, j) => [
      ...local.set(other, v128.load(distance, local.get(pointers[LINES_A + j]!))),
      ...loaded.flatMap((x, i) => {
        const sum = sums[i * LINES_B + j]!;
        return local.set(sum, f64x2.add(local.get(sum), f64x2.mul(local.get(x), local.get(other))));
      }),
    ]).flat(),
  ];
  const along = [
    ...Array.from({ length: AT_ONCE / 2 }, (_, k) => multiplyAt(16 * k)).flat(),
    ...pointers.flatMap((pointer) => addTo(pointer, i32.const(AT_ONCE * BYTES))),
  ];
  const write = sums.flatMap((sum, k) => {
    const [i, j] = [Math.floor(k / LINES_B), k % LINES_B];
    const both = f64.add(f64x2.lane(0, local.get(sum)), f64x2.lane(1, local.get(sum)));
    return f64.store((i * PANEL_B + j) * BYTES, local.get(out), both);
  });
  const step = [
    ...sums.flatMap((sum) => local.set(sum, v128.zero)),
    ...lines(0, a, LINES_A),
    ...lines(LINES_A, lineB, LINES_B),
    ...local.set(end, i32.add(local.get(a), local.get(length))),
    ...repeat(along, i32.ltU(local.get(pointers[0]!), local.get(end))),
    ...write,
    ...addTo(out, i32.const(LINES_B * BYTES)),
    ...Array.from({ length: LINES_B }, () => addTo(lineB, local.get(stride))).flat(),
  ];
  const line = [
    ...local.set(lineB, local.get(b)),
    ...local.set(out, local.get(to)),
    ...repeat(step, i32.ltU(local.get(lineB), local.get(endB))),
    ...addTo(to, i32.const(LINES_A * PANEL_B * BYTES)),
    ...Array.from({ length: LINES_A }, () => addTo(a, local.get(stride))).flat(),
  ];
  const locals = [
    ...Array.from({ length: 3 + pointers.length }, () => "i32" as const),
    ...Array.from({ length: sums.length + loaded.length + 1 }, () => "v128" as const),
  ];
  return { nParams: 7, locals, body: repeat(line, i32.ltU(local.get(a), local.get(endA))) };
}
