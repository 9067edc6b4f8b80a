import { describe, expect, it } from "vitest";
import { messageOf } from "../files.fixture.ts";
import { resolveSyntheticOptions } from "./options.ts";

describe("resolveSyntheticOptions", () => {
  it("fills the demo screen, whose own output it accepts again", () => {
    const options = resolveSyntheticOptions();
    expect(options.compounds.map((c) => c.effect)).toEqual(["rescue", "rescue", "rescue", "inert", "inert", "toxic"]);
    expect(options.controlWells).toEqual({ mock: 10, uvInactivated: 10, activeUntreated: 16 });
    expect(resolveSyntheticOptions(JSON.parse(JSON.stringify(options)))).toEqual(options);
  });

  it("names every faulty key, and refuses unknown ones", async () => {
    const bad = { sidePx: 7, activeSeverity: 2, colour: "red" } as { sidePx: number };
    const message = await messageOf("bad-synthetic-options", () => resolveSyntheticOptions(bad));
    expect(message).toMatch(/options of the synthetic screen[\s\S]*sidePx[\s\S]*activeSeverity/);
    expect(message).toMatch(/colour/);
    expect(message).toMatch(/fix: correct the keys named above/);
  });

  it("refuses names twice, and names that real experiments have", async () => {
    const twice = () => resolveSyntheticOptions({ experiments: ["SYN-1", "SYN-1"] });
    expect(await messageOf("bad-synthetic-options", twice)).toMatch(/"SYN-1" is named twice[\s\S]*experiments/);
    const real = () => resolveSyntheticOptions({ experiments: ["HRCE-1"] });
    expect(await messageOf("bad-synthetic-options", real)).toMatch(/real experiment/);
    const compound = { name: "A", effect: "inert" } as const;
    const same = () => resolveSyntheticOptions({ compounds: [compound, compound] });
    expect(await messageOf("bad-synthetic-options", same)).toMatch(/"A" is named twice[\s\S]*compounds/);
  });
});
