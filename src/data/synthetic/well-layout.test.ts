import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../core/seeded-random.ts";
import { messageOf } from "../files.fixture.ts";
import { parseWellName } from "../well-name.ts";
import { layOutWells } from "./well-layout.ts";

const real = join(process.env.GANDL_SHARED_DATA ?? "../shared/data", "rxrx19a-vero/metadata.csv");
const lay = (layout: "randomised" | "confounded", mock = 10, other = 100, seed = 1) =>
  layOutWells(layout, { mock, uvInactivated: 10, other }, new SeededRandom(seed));

describe("layOutWells", () => {
  it("gives every well a place of its own, and names that read back to that place", () => {
    for (const layout of ["randomised", "confounded"] as const) {
      const { mock, uvInactivated, other } = lay(layout, 40, 1000);
      const all = [...mock, ...uvInactivated, ...other];
      expect(new Set(all.map((p) => p.well)).size).toBe(1050);
      for (const { well, row, column } of all) expect(parseWellName(well)).toEqual({ row, column });
    }
  });

  it.skipIf(!existsSync(real))("confounded: Mock and UV stand where RxRx19a has them (shared rxrx19a-vero)", () => {
    const rows = readFileSync(real, "utf8")
      .split("\n")
      .map((line) => line.split(","));
    const realWells = (condition: string) => new Set(rows.filter((r) => r[7] === condition).map((r) => r[5]));
    const { mock, uvInactivated } = lay("confounded", 40);
    expect(new Set(mock.map((p) => p.well))).toEqual(realWells("Mock"));
    for (const { well } of uvInactivated) expect(realWells("UV Inactivated SARS-CoV-2")).toContain(well);
  });

  it("randomised: the same class stands elsewhere on the next plate", () => {
    const columns = new Set(lay("randomised").mock.map((p) => p.column));
    expect(columns.size).toBeGreaterThan(5);
    expect(lay("randomised", 10, 100, 2).mock).not.toEqual(lay("randomised").mock);
  });

  it("says how many wells there are when they do not fit", async () => {
    const message = await messageOf("too-many-wells", () => lay("randomised", 10, 1400));
    expect(message).toMatch(/cannot hold 1400 infected wells[\s\S]*1360 places left[\s\S]*fix: ask for fewer/);
    expect(await messageOf("too-many-wells", () => lay("confounded", 41))).toMatch(/41 Mock wells[\s\S]*40 places/);
  });
});
