// What the words of a command line mean to an import.
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import {
  count,
  declareImport,
  type ImportFlags,
  importOptionsOf,
  levelsOf,
  number,
  planeOf,
  rangeOf,
  whole,
} from "./import-options.ts";

function parsed(...words: string[]) {
  const command = declareImport(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  command.parse(["lab.zip", "--out", "x", ...words], { from: "user" });
  return importOptionsOf("lab.zip", command.opts<ImportFlags>());
}

describe("the options of an import are read", () => {
  it("nothing said leaves every choice to the library", () => {
    expect(parsed()).toEqual({ source: "lab.zip", out: "x" });
  });
  it("what is chosen, by SQL, field, well and number", () => {
    const words = ["--where", "plate = 1", "--sites", "1", "2", "--per-well", "2", "--limit", "50", "--seed", "7"];
    expect(parsed(...words)).toMatchObject({ where: "plate = 1", sites: ["1", "2"], perWell: 2, limit: 50, seed: 7 });
  });
  it("grey levels: for all channels, for one, by percentile", () => {
    expect(parsed("--intensity", "linear", "--levels", "0..4095", "DNA=10..99.5")).toMatchObject({
      intensity: "linear",
      levels: { "*": { low: 0, high: 4095 }, DNA: { low: 10, high: 99.5 } },
    });
    expect(parsed("--percentiles", "1..99")).toMatchObject({ percentiles: { lowPercent: 1, highPercent: 99 } });
    expect(levelsOf("a=b=1..2")).toEqual(["a=b", { low: 1, high: 2 }]);
  });
  it("channels are a table's stains with --images, and a choice without", () => {
    expect(parsed("--channels", "DNA", "ER")).toMatchObject({ channels: ["DNA", "ER"] });
    const table = parsed("--images", "{well}.png", "--channels", "DNA", "--column", "well=Well");
    expect(table).toMatchObject({ table: { channels: [{ name: "DNA" }], columns: { well: "Well" } } });
    expect(table).not.toHaveProperty("channels");
  });
  it("planes of stacks and levels of pyramids", () => {
    expect(parsed("--z", "max", "--level", "1")).toMatchObject({ z: "max", level: 1 });
    expect(parsed("--z", "3")).toMatchObject({ z: 3 });
    expect(() => planeOf("top")).toThrow("It is not a whole number.");
  });
  it("light, size and connections", () => {
    const words = ["--illumination", "estimate", "--resize", "512", "--connections", "4", "--skip-bad", "--overwrite"];
    const wanted = { illumination: "estimate", resizePx: 512, remote: { parallelRequests: 4 } };
    expect(parsed(...words)).toMatchObject({ ...wanted, skipBad: true, overwrite: true });
  });
  it("what cannot be read is refused with an example", () => {
    expect(() => whole("many")).toThrow("It is not a whole number.");
    expect(() => whole(" ")).toThrow("It is not a whole number.");
    for (const text of ["9", "9..1", "a..b", "1..1"])
      expect(() => rangeOf(text)).toThrow(/two numbers that rise, as in 0\.5\.\.99\.5/);
    for (const text of ["0", "-4"]) {
      expect(() => count(text)).toThrow("It is not a count of one or more.");
      expect(() => parsed("--connections", text)).toThrow("It is not a count of one or more.");
    }
    for (const text of ["", "x", "1e999", "NaN"]) expect(() => number(text)).toThrow("It is not a number.");
    expect(number("-1e-3")).toBe(-0.001);
    for (const text of ["well", "=Well", "well="])
      expect(() => parsed("--column", text)).toThrow(/It is not field=name, as in well=Well\./);
    expect(() => parsed("--levels", "bright")).toThrow(/argument 'bright' is invalid.*two numbers that rise/);
    expect(() => parsed("--intensity", "bright")).toThrow(/Allowed choices are none, linear/);
  });
});
