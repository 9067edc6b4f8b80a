// Faults are planted in a plate of textured fields: each is found where it is, and nowhere else.
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { measurePlane } from "./measure-plane.ts";
import { type QualityFault, qualityFlags } from "./quality-flags.ts";
import { SiteMeasures } from "./site-measures.ts";

const SIDE = 64;

/** Spots of a given width on a dim ground, with camera noise. */
function field(random: SeededRandom, spotPx: number, top = 200): Uint8Array {
  const spots = Array.from({ length: 12 }, () => [SIDE * random.uniform(), SIDE * random.uniform()] as const);
  return Uint8Array.from({ length: SIDE * SIDE }, (_, p) => {
    const [y, x] = [Math.floor(p / SIDE), p % SIDE];
    const light = spots.reduce((sum, [v, u]) => sum + Math.exp(-((y - v) ** 2 + (x - u) ** 2) / (2 * spotPx ** 2)), 0);
    return Math.min(top, 10 + 120 * light + 3 * random.uniform());
  });
}

function judge(fields: readonly (readonly Uint8Array[])[], plateOf: readonly number[]) {
  const measures = new SiteMeasures(fields[0]!.length);
  for (const planes of fields) measures.add(planes.map((plane) => measurePlane(plane, SIDE, SIDE)));
  return Object.fromEntries([...qualityFlags(measures, plateOf)].map(([i, { faults }]) => [i, faults]));
}

describe("qualityFlags", () => {
  const random = new SeededRandom(5);
  const good = () => Array.from({ length: 20 }, () => [field(random, 2, 250)]);

  it("finds nothing in fields that are alike", () => {
    expect(judge(good(), new Array(20).fill(0))).toEqual({});
  });
  for (const [fault, plane] of [
    ["blurred", () => field(random, 7, 250)],
    ["empty", () => Uint8Array.from({ length: SIDE * SIDE }, () => 10 + 3 * random.uniform())],
    ["saturated", () => Uint8Array.from(field(random, 2, 250), (v) => Math.min(255, 6 * v))],
  ] as [QualityFault, () => Uint8Array][])
    it(`finds the ${fault} one, wherever it stands`, () => {
      for (const at of [0, 7, 19]) {
        const fields = good();
        fields[at] = [plane()];
        expect(Object.keys(judge(fields, new Array(20).fill(0))[at] ?? {})).toContain(fault);
        const others = Object.entries(judge(fields, new Array(20).fill(0))).filter(([i]) => Number(i) !== at);
        expect(others).toEqual([]);
      }
    });
  it("finds a field that was stored twice, in whichever stain, and names the first", () => {
    const fields = Array.from({ length: 20 }, () => [field(random, 2), field(random, 2)]);
    fields[12] = [fields[12]![0]!, fields[3]![1]!];
    const measures = new SiteMeasures(2);
    for (const planes of fields) measures.add(planes.map((plane) => measurePlane(plane, SIDE, SIDE)));
    const found = qualityFlags(measures, new Array(20).fill(0));
    expect([...found]).toEqual([[12, { faults: { duplicated: [1] }, duplicateOf: 3 }]]);
  });
  it("judges each plate by itself: one that is softer throughout is not blurred field by field", () => {
    const soft = Array.from({ length: 20 }, () => [field(random, 4, 250)]);
    const both = [...good(), ...soft];
    const found = judge(both, [...new Array(20).fill(0), ...new Array(20).fill(1)]);
    expect(Object.values(found).filter(({ blurred }) => blurred)).toEqual([]);
  });
});
