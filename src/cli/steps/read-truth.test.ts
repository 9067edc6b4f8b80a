import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Dataset, importDataset, openDataset, writeSyntheticScreen } from "../../data/index.ts";
import { readTruth, readTruthOf } from "./read-truth.ts";

const folder = mkdtempSync(join(tmpdir(), "gandl-truth-"));
const LAYOUT = {
  ...{ experiments: ["SYN-1"], platesPerExperiment: 1, sitesPerWell: 1, sidePx: 32 },
  controlWells: { mock: 2, uvInactivated: 0, activeUntreated: 2 },
};
const compound = (name: string) => ({ name, effect: "inert" }) as const;
let dataset: Dataset;

beforeAll(async () => {
  for (const [name, seed] of [
    ["Synthinert D", 1],
    ["Synthinert E", 2],
  ] as const)
    for await (const _ of writeSyntheticScreen(join(folder, name), { ...LAYOUT, compounds: [compound(name)], seed }));
  for await (const _ of importDataset({ source: join(folder, "Synthinert D"), out: join(folder, "data") }));
  dataset = await openDataset(join(folder, "data"));
});
afterAll(() => {
  dataset[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

it("reads what was planted in the screen that a data set was imported from", async () => {
  const truth = await readTruthOf(join(folder, "Synthinert D", "truth.json"), dataset);
  expect(truth.options.compounds.map(({ name }) => name)).toEqual(["Synthinert D"]);
});

it("refuses what was planted in another screen", async () =>
  expect(readTruthOf(join(folder, "Synthinert E", "truth.json"), dataset)).rejects.toThrow(
    /truth\.json does not tell what was planted in .*\n\s+why: it has no well with the treatment of site .*\n\s+fix: name the truth\.json beside/,
  ));

it("names a file that is not there, or tells something else", async () => {
  await expect(readTruth("no/truth.json")).rejects.toThrow(
    /no\/truth\.json cannot be read.*\n\s+why: ENOENT.*\n\s+fix: name the truth\.json/,
  );
  writeFileSync(join(folder, "other.json"), '{"a": 1}');
  await expect(readTruth(join(folder, "other.json"))).rejects.toThrow(
    /other\.json[\s\S]*fix: name the truth\.json of a synthetic screen\./,
  );
});
