import { describe, expect, it } from "vitest";
import { assignPlanes, isComplete } from "./assign-planes.ts";
import type { Plane } from "./image-planes.ts";

const plane = (name: string, colour: Plane["colour"] = null): Plane => ({
  ...{ name, colour, values: new Uint8Array(1), heightPx: 1, widthPx: 1 },
});
const channel = (name: string, stain = name, colour = "#ffffff") => ({ name, stain, colour, screen: name });
const PANEL = [channel("DNA", "Hoechst 33342"), channel("ER", "Concanavalin A"), channel("actin", "Phalloidin")];
const found = (names: string[]) =>
  assignPlanes(
    PANEL,
    names.map((name) => plane(name)),
  ).map(({ plane, by }) => [plane, by]);

describe("stains of dropped files", () => {
  it("are found by name, wherever it stands and however it is written", () => {
    expect(found(["A01_s1_Actin.tif", "A01_s1_dna.tif", "A01_s1-ER.tif"])).toEqual([
      [1, "name"],
      [2, "name"],
      [0, "name"],
    ]);
  });

  it("are found by what the dye shows", () => {
    expect(found(["B2 phalloidin.png", "B2 ConA.png", "B2 DAPI.png"])).toEqual([
      [2, "stain"],
      [1, "stain"],
      [0, "stain"],
    ]);
  });

  it("are not found in parts of words", () => {
    expect(found(["number.png", "DNA.png", "actin.png", "inner.png"])[1]).toEqual([null, null]);
  });

  it("are found by colour in an RGB file whose stains have a colour each", () => {
    const panel = [channel("a", "a", "#0000ff"), channel("b", "b", "#00ff00"), channel("c", "c", "#ff0000")];
    const planes = (["red", "green", "blue"] as const).map((colour) => plane(`cell.png, ${colour}`, colour));
    expect(assignPlanes(panel, planes).map(({ plane }) => plane)).toEqual([2, 1, 0]);
  });

  it("are guessed by order where nothing tells, and the guess is called one", () => {
    expect(found(["w1.png", "w2.png", "w3.png"])).toEqual([
      [0, "order"],
      [1, "order"],
      [2, "order"],
    ]);
    expect(found(["w1.png", "w2.png"])).toEqual([
      [null, null],
      [null, null],
      [null, null],
    ]);
  });

  it("are left open where two files claim one stain", () => {
    expect(found(["dna a.png", "dna b.png", "er.png", "actin.png"])[0]).toEqual([null, null]);
  });

  it("are found by what the screen calls them, and those that it lacks are not asked for by order", () => {
    const panel = [{ ...channel("ER"), screen: "w2" }, channel("DNA"), { ...channel("RNA"), screen: null }];
    const screen = [
      { name: "w2", stain: "ConA/488" },
      { name: "DNA", stain: "DNA" },
    ];
    const assigned = (names: string[]) =>
      assignPlanes(
        panel,
        names.map((name) => plane(name)),
        screen,
      ).map(({ plane, by }) => [plane, by]);
    expect(assigned(["a_w2.png", "a_dna.png"])).toEqual([
      [0, "name"],
      [1, "name"],
      [null, null],
    ]);
    expect(assigned(["1.png", "2.png"])).toEqual([
      [0, "order"],
      [1, "order"],
      [null, null],
    ]);
  });

  it("are complete when each has a plane, or something stands in for it", () => {
    const some = assignPlanes(PANEL, [plane("dna.png"), plane("er.png")]);
    expect(some[2]).toEqual({ plane: null, by: null });
    expect([isComplete(some, null), isComplete(some, "mean")]).toEqual([false, true]);
    expect(isComplete(assignPlanes(PANEL, []), "zero")).toBe(false);
  });
});
