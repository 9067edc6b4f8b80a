import { describe, expect, it } from "vitest";
import { DrawRequest } from "../../../src/schema/draw.ts";
import { imageLabel, planOf, requestOf } from "./draw-plan.ts";

const plan = (given: Record<string, string>, classes: string[] = [], conditions: string[] = []) =>
  planOf((key) => given[key] ?? null, classes, conditions);

describe("a plan for images", () => {
  it("is read from an address, faults and gaps taking usual values", () => {
    expect(plan({})).toMatchObject({
      kind: "seeds",
      seed: 1,
      n: 8,
      truncation: 1,
      checkpoint: "latest",
      className: "",
    });
    expect(plan({ seed: "-4", n: "999", truncation: "7", steps: "x" })).toMatchObject({
      seed: 0,
      n: 64,
      truncation: 1,
      steps: 8,
    });
    expect(plan({ kind: "classes" }).kind).toBe("seeds"); // the run was told none
    expect(plan({ kind: "classes", "from-class": "b", "to-class": "gone" }, ["a", "b"])).toMatchObject({
      ...{ kind: "classes", fromClass: "b", toClass: "b" },
    });
  });

  it("is a request that the server takes, whatever the address says", () => {
    const addresses: Record<string, string>[] = [
      {},
      { kind: "walk", seed: "5", to: "9", steps: "3", truncation: "0.7" },
      { kind: "classes", seed: "2" },
      { seed: "4294967295", n: "64" },
      { class: "a" },
    ];
    for (const address of addresses) {
      const request = requestOf(plan(address, ["a", "b"]));
      expect(DrawRequest.parse(request)).toEqual(request);
    }
    expect(requestOf(plan({ kind: "walk", seed: "5", to: "9", steps: "3" })).what).toEqual({
      ...{ kind: "walk", from: 5, to: 9, steps: 3, space: "w", className: null },
    });
    expect(requestOf(plan({ class: "a" }, ["a"])).what).toMatchObject({ className: "a" });
  });

  it("walks between a data set's conditions where the run was told none, controls first", () => {
    const conditions = ["Active", "Mock", "UV"];
    const walk = plan({ kind: "conditions", seed: "4", steps: "3" }, [], conditions);
    expect(walk).toMatchObject({ kind: "conditions", fromClass: "Mock", toClass: "Active" });
    expect(requestOf(walk).what).toEqual({ kind: "conditions", seed: 4, from: "Mock", to: "Active", steps: 3 });
    expect(DrawRequest.parse(requestOf(walk))).toEqual(requestOf(walk));
    expect([0, 1, 2].map((i) => imageLabel(walk, i))).toEqual(["like Mock", "50 %", "like Active"]);
    const chosen = { kind: "conditions", "from-class": "UV", "to-class": "gone" };
    expect(plan(chosen, [], conditions)).toMatchObject({ fromClass: "UV", toClass: "Active" });
    expect(plan(chosen, ["a", "b"], conditions).kind).toBe("seeds"); // that run was told classes
  });

  it("names each image by where it stands", () => {
    const walk = plan({ kind: "walk", seed: "5", to: "9", steps: "3" });
    expect([0, 1, 2].map((i) => imageLabel(walk, i))).toEqual(["seed 5", "50 %", "seed 9"]);
    expect(imageLabel(plan({ seed: "5" }), 2)).toBe("seed 7");
    expect(imageLabel(plan({ kind: "classes" }, ["Mock", "Active"]), 7)).toBe("Active");
  });
});
