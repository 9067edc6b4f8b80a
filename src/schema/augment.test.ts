import { describe, expect, it } from "vitest";
import { z } from "zod";
import { AugmentConfig, AugmentState } from "./augment.ts";
import { parseWith } from "./parse.ts";

describe("AugmentConfig", () => {
  it("takes the plain kinds as before", () => {
    for (const kind of ["dihedral", "none"]) expect(AugmentConfig.parse({ kind })).toEqual({ kind });
  });
  it("fills ADA's own numbers", () => {
    expect(AugmentConfig.parse({ kind: "ada" })).toEqual({
      kind: "ada",
      target: 0.6,
      kimg: 500,
      interval: 4,
      initialP: 0,
      maxP: 0.8,
      dihedralAlways: true,
      ops: {
        flipX: true,
        flipY: true,
        quarterTurns: true,
        integerShift: { on: true, maxShare: 0.125 },
        scale: { on: true, sigmaLog2: 0.2 },
        rotation: { on: true, maxDegrees: 180 },
        stretch: { on: true, sigmaLog2: 0.2 },
        fractionalShift: { on: true, sigmaShare: 0.125 },
        brightness: { on: true, sigma: 0.2 },
        contrast: { on: true, sigmaLog2: 0.5, pivot: 0 },
        noise: { on: false, sigma: 0.1 },
        cutout: { on: false, share: 0.5 },
      },
    });
  });
  it("reads back what it filled in", () => {
    const filled = AugmentConfig.parse({ kind: "ada", fixed: 1, ops: { cutout: { on: true } } });
    expect(AugmentConfig.parse(JSON.parse(JSON.stringify(filled)))).toEqual(filled);
  });
  it("names what is wrong and where", () => {
    for (const [input, message] of [
      [{ kind: "ada", ops: { scale: { sigma: 1 } } }, /Unrecognized key: "sigma"[\s\S]*ops\.scale/],
      [{ kind: "ada", initialP: 0.9 }, /must not exceed maxP[\s\S]*initialP/],
      [{ kind: "ada", fixed: 1.1 }, /<=1[\s\S]*fixed/],
      [{ kind: "ada", kimg: 0 }, />0[\s\S]*kimg/],
      [{ kind: "mirror" }, /kind/],
    ] as const)
      expect(() => parseWith(AugmentConfig, input, "a.json", "mend it.")).toThrow(message);
  });
  it("describes every key that a user may set", () => {
    const missing: string[] = [];
    const walk = (node: z.core.JSONSchema.BaseSchema, path: string): void => {
      for (const [key, child] of Object.entries(node.properties ?? {})) {
        const at = `${path}.${key}`;
        const schema = child as z.core.JSONSchema.BaseSchema;
        const plain = key === "kind" || key === "on" || key === "ops";
        if (!plain && schema.description === undefined) missing.push(at);
        walk(schema, at);
      }
      for (const member of [...(node.anyOf ?? []), ...(node.oneOf ?? [])])
        walk(member as z.core.JSONSchema.BaseSchema, path);
    };
    walk(z.toJSONSchema(AugmentConfig, { io: "input" }), "augment");
    expect(missing).toEqual([]);
  });
});

it("AugmentState refuses a state that is not whole", () => {
  const state = { p: 0.1, signSum: 1, images: 4, steps: 1, random: { generator: [1, 2, 3, 4], spareNormal: null } };
  expect(AugmentState.parse(state)).toEqual(state);
  expect(() => AugmentState.parse({ ...state, random: { generator: [1.5] } })).toThrow(/random/);
});
