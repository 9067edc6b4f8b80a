// From a prepared row to its figures: medians, spread, rate, share of the machine's own rates, ratios.

import { median } from "gan-dl/math";
import { interleave } from "./interleave.ts";
import { copySample, productSample, referenceBytes, referenceFlop } from "./machine.ts";
import type { Bar, BenchContext, BenchRow, Cost, Prepared, Unit } from "./row.ts";
import { pairedRatio, summaryOf } from "./statistics.ts";

/** A measured row, as it stands in the JSON file. */
export interface RowResult {
  readonly name: string;
  readonly median: number;
  /** Inter-quartile range, in the row's unit. */
  readonly spread: number;
  readonly unit: Unit;
  readonly rounds: number;
  /** What the median means in arithmetic or bytes a second. */
  readonly rate?: number;
  readonly rateUnit?: "GFLOP/s" | "GB/s";
  /** What the row would read, in its unit, if it ran at the machine's measured product and copy rates. */
  readonly floor?: number;
  /** How near it comes, 0–1. */
  readonly shareOfPeak?: number;
  /** Our speed over that of `against`, the median of the rounds' ratios. */
  readonly ratio?: number;
  readonly against?: string;
  /** Our speed over the peer's. */
  readonly peerRatio?: number;
  /** How the peer's networks ran. */
  readonly peerVariant?: string;
  /** The most memory that the work held, in GB. */
  readonly peakGb?: number;
  readonly bars?: readonly (Bar & { readonly met: boolean })[];
  readonly note?: string;
}

export interface MeasureOptions {
  readonly rounds: number;
  readonly onRound?: (done: number) => void;
  readonly minSampleSeconds?: number;
}

/** Prepares a row, measures its variants in turn, and frees what it held. */
export async function measureRow(row: BenchRow, context: BenchContext, options: MeasureOptions): Promise<RowResult> {
  const prepared = await row.prepare(context);
  try {
    const { ours, against, peer, cost = {}, isMachineRate } = prepared;
    const references = {
      ...(cost.flop === undefined || isMachineRate ? {} : { product: productSample() }),
      ...(cost.bytes === undefined || isMachineRate ? {} : { copy: copySample() }),
    };
    const named = { ours, ...(against && { against }), ...(peer && { peer }), ...references };
    try {
      const speeds = await interleave(Object.values(named), options);
      const bySide = new Map(Object.keys(named).map((side, i) => [side, speeds[i] ?? []]));
      return resultOf(row.name, prepared, bySide);
    } finally {
      for (const reference of Object.values(references)) reference.dispose();
    }
  } finally {
    await prepared.dispose?.();
  }
}

type Sides = ReadonlyMap<string, readonly number[]>;

/** The figures of a row from the speeds of its sides. */
export function resultOf(name: string, prepared: Prepared, sides: Sides): RowResult {
  const { unit, cost = {}, against, peer, bars, note } = prepared;
  const ours = sides.get("ours") ?? [];
  const told = summaryOf(ours.map((speed) => inUnit(unit, speed, cost)));
  const floors = floorSeconds(cost, sides);
  const rate = rateOf(unit, cost, median(ours));
  const figures = {
    ...{ name, median: told.median, spread: told.spread, unit, rounds: ours.length, ...rate },
    ...(floors && {
      floor: inUnit(unit, 1 / median(floors), cost),
      shareOfPeak: median(floors.map((seconds, round) => seconds * (ours[round] ?? 0))),
    }),
    ...ratioOf("ratio", ours, sides.get("against")),
    ...(against && { against: against.name }),
    ...ratioOf("peerRatio", ours, sides.get("peer")),
    ...(peer && { peerVariant: peer.name }),
    ...(prepared.peakGb && { peakGb: prepared.peakGb() }),
  };
  return {
    ...figures,
    ...(bars && { bars: judged(bars, figures) }),
    ...(note && { note: note.call(prepared) }),
  };
}

const ratioOf = (key: "ratio" | "peerRatio", ours: readonly number[], other: readonly number[] | undefined) =>
  other ? { [key]: pairedRatio(ours, other).median } : {};

/** Bars of figures that were not measured (the peer's, without a peer) are left out. */
function judged(bars: readonly Bar[], figures: Partial<Record<Bar["of"], number>>) {
  return bars.flatMap((bar) => {
    const value = figures[bar.of];
    if (value === undefined) return [];
    const met = value >= (bar.atLeast ?? Number.NEGATIVE_INFINITY) && value <= (bar.atMost ?? Number.POSITIVE_INFINITY);
    return [{ ...bar, met }];
  });
}

/** A speed in units of work a second, as the row tells it. */
function inUnit(unit: Unit, speed: number, cost: Cost): number {
  switch (unit) {
    case "img/s":
      return speed;
    case "s":
      return 1 / speed;
    case "ms":
      return 1e3 / speed;
    case "µs":
      return 1e6 / speed;
    case "GFLOP/s":
      return (speed * (cost.flop ?? Number.NaN)) / 1e9;
    case "GB/s":
      return (speed * (cost.bytes ?? Number.NaN)) / 1e9;
  }
}

function rateOf(unit: Unit, { flop, bytes }: Cost, speed: number): Pick<RowResult, "rate" | "rateUnit"> {
  if (unit === "GFLOP/s" || unit === "GB/s") return {}; // it is the median itself
  if (flop !== undefined) return { rate: (speed * flop) / 1e9, rateUnit: "GFLOP/s" };
  return bytes === undefined ? {} : { rate: (speed * bytes) / 1e9, rateUnit: "GB/s" };
}

/** The least seconds that a unit of work can take, round by round: arithmetic at the product's rate or bytes at the copy's. */
function floorSeconds({ flop = 0, bytes = 0 }: Cost, sides: Sides): number[] | null {
  const [products, copies] = [sides.get("product"), sides.get("copy")];
  if (!products && !copies) return null;
  return Array.from({ length: (products ?? copies ?? []).length }, (_, round) => {
    const arithmetic = products ? flop / ((products[round] ?? 0) * referenceFlop) : 0;
    const traffic = copies ? bytes / ((copies[round] ?? 0) * referenceBytes) : 0;
    return Math.max(arithmetic, traffic);
  });
}
