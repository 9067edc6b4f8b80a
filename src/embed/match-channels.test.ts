import { describe, expect, it } from "vitest";
import { matchChannels, type PanelChannel, structureOf } from "./index.ts";

const panel = (...pairs: [name: string, stain?: string][]): PanelChannel[] =>
  pairs.map(([name, stain = name]) => ({ name, stain }));

const RXRX19A = panel(
  ["DNA", "Hoechst 33342"],
  ["ER", "Concanavalin A"],
  ["actin", "Phalloidin"],
  ["RNA", "Syto14"],
  ["Golgi-membrane", "WGA"],
);
/** As a user may name them: by file, in another order, with the dye's fluorophore. */
const RXRX1 = panel(
  ["w6", "wheat germ agglutinin, Alexa Fluor 555"],
  ["w1", "hoechst"],
  ["w2", "concanavalin a/488"],
  ["w3", "Phalloidin-568"],
  ["w4", "SYTO 14"],
  ["w5", "MitoTracker Deep Red"],
);
const indices = (...args: Parameters<typeof matchChannels>) => matchChannels(...args).map(({ index }) => index);

describe("structureOf", () => {
  for (const [name, structure] of [
    ["Hoechst 33342", "dna"],
    ["DAPI", "dna"],
    ["concanavalin a/488", "er"],
    ["ConA", "er"],
    ["F-actin", "actin"],
    ["Phalloidin, Alexa 568", "actin"],
    ["Syto14", "rna"],
    ["WGA", "golgiMembrane"],
    ["Golgi, plasma membrane", "golgiMembrane"],
    ["MitoTracker Deep Red", "mitochondria"],
    ["β-tubulin", "tubulin"],
    ["F-actin or beta-tubulin (order uncertain)", null],
    ["AGP: actin, Golgi, plasma membrane", null],
    ["her2", null], // holds the letters of ER, not the word
    ["channel 3", null],
  ] as const)
    it(`${name} → ${structure}`, () => expect(structureOf(name)).toBe(structure));
});

describe("matchChannels", () => {
  it("takes equal panels as they are, by name", () => {
    expect(matchChannels(RXRX19A, RXRX19A).map(({ index, matchedBy }) => [index, matchedBy])).toEqual(
      [0, 1, 2, 3, 4].map((i) => [i, "name"]),
    );
  });

  it("feeds an encoder of five stains from a set of six by what is stained, the sixth left out", () => {
    expect(indices(RXRX19A, RXRX1)).toEqual([1, 2, 3, 4, 0]);
    expect(matchChannels(RXRX19A, RXRX1).every(({ matchedBy }) => matchedBy === "stain")).toBe(true);
  });

  it("an encoder of six on a set of five names the missing stain, unless told what stands in for it", () => {
    expect(() => matchChannels(RXRX1, RXRX19A)).toThrow(
      /no channel 'w5'[\s\S]*trained on w6 \(wheat[\s\S]*has DNA \(Hoechst 33342\)[\s\S]*--channel-map 'w5=DNA'[\s\S]*--missing zero or mean/,
    );
    const sources = matchChannels(RXRX1, RXRX19A, { missing: "mean" });
    expect(sources.map(({ index }) => index)).toEqual([4, 0, 1, 2, 3, null]);
    expect(sources.at(-1)).toEqual({ encoder: "w5", index: null, matchedBy: null, filled: "mean" });
    expect(sources[0]?.filled).toBeNull();
  });

  it("does not fill every stain: images without any that the encoder knows are an error all the same", () => {
    expect(() => matchChannels(panel(["DNA"]), panel(["brightfield"]), { missing: "zero" })).toThrow(
      /no channel 'DNA'/,
    );
  });

  it("minds neither case nor punctuation in names, and takes the exact one where two differ by case", () => {
    expect(indices(panel(["golgi_membrane", "x"]), panel(["Golgi-Membrane", "y"]))).toEqual([0]);
    expect(indices(panel(["dna", "x"]), panel(["DNA", "x"], ["dna", "x"]))).toEqual([1]);
  });

  it("does not trust equal names whose stains show different structures: w5 is WGA here and MitoTracker there", () => {
    const ours = panel(["w1", "Hoechst"], ["w5", "WGA"]);
    const theirs = panel(["w1", "Hoechst"], ["w5", "MitoTracker"], ["w6", "WGA"]);
    expect(indices(ours, theirs)).toEqual([0, 2]);
    expect(() => matchChannels(ours, theirs.slice(0, 2))).toThrow(/no channel 'w5'/);
  });

  it("asks where two could be meant", () => {
    const twice = panel(["w1", "Hoechst"], ["w2", "DAPI"]);
    expect(() => matchChannels(panel(["DNA"]), twice)).toThrow(
      /the encoder's 'DNA' could be 'w1' or 'w2'[\s\S]*same structure[\s\S]*--channel-map/,
    );
    expect(() => matchChannels(twice, panel(["DNA"]))).toThrow(/the data set's 'DNA' could be 'w1' or 'w2'/);
    expect(indices(panel(["DNA"]), twice, { given: { DNA: "w2" } })).toEqual([1]);
  });

  it("is overruled by what is given, by name or stain, in any spelling", () => {
    const sources = matchChannels(RXRX19A, RXRX1, { given: { er: "MitoTracker deep-red", "Golgi-membrane": "w3" } });
    expect(sources.map(({ index }) => index)).toEqual([1, 5, 3, 4, 3]);
    expect(sources.map(({ matchedBy }) => matchedBy)).toEqual(["stain", "given", "stain", "stain", "given"]);
    expect(indices(RXRX19A, RXRX1, { given: { ER: "ConA" } })).toEqual([1, 2, 3, 4, 0]);
  });

  it("refuses a map that names no channel, on either side", () => {
    expect(() => matchChannels(RXRX19A, RXRX1, { given: { lysosome: "w5" } })).toThrow(
      /names 'lysosome', which is no channel of the encoder[\s\S]*ENCODER=DATASET/,
    );
    expect(() => matchChannels(RXRX19A, RXRX1, { given: { ER: "w9" } })).toThrow(
      /names 'w9', which is no channel of the data set[\s\S]*w6 \(wheat/,
    );
  });
});
