import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Dataset, openDataset } from "../../data/index.ts";
import { drawnDataset, temporaryFolder } from "../baselines.fixture.ts";
import { HeldOut, type LabelledImages, splitControls } from "./control-split.ts";

const folder = temporaryFolder();
let dataset: Dataset;
beforeAll(async () => {
  const compounds = [{ name: "Synthinert", effect: "inert" as const, dosesUm: [1] }];
  const controlWells = { mock: 3, uvInactivated: 2, activeUntreated: 5 };
  const screen = { platesPerExperiment: 4, sitesPerWell: 2, controlWells, compounds };
  dataset = await openDataset(await drawnDataset(join(folder, "a"), screen));
  return () => dataset.close();
});

const plan = { id: "deemd", heldOut: 0.25, validationShare: 0.4, seed: 1 } as const;
const wellsOf = ({ images }: LabelledImages) => new Set([...images].map((i) => dataset.sites[i]!.well_id));

it("HeldOut takes a share, or plates as a user writes them", () => {
  expect([0.5, 0, ["A"], "A, B", "P1", 27801].map((value) => HeldOut.parse(value))).toEqual([
    0.5,
    0,
    ["A"],
    ["A", "B"],
    ["P1"],
    ["27801"],
  ]);
  expect(HeldOut.safeParse(0.95).error?.message).toContain("<=0.9");
  expect(HeldOut.safeParse(true).error?.message).toContain("a share from 0 to 0.9, or plate_id values with commas");
});

describe("splitControls", () => {
  it("labels untreated infected wells 1, mock and inactivated virus 0, and leaves treated wells out", () => {
    const { train, validation, heldOut } = splitControls(dataset, plan);
    const parts = [train, validation, heldOut];
    expect(parts.reduce((sum, { images }) => sum + images.length, 0)).toBe(4 * 10 * 2);
    for (const { images, labels } of parts)
      images.forEach((i, row) => {
        expect(labels[row]).toBe(Number(dataset.sites[i]!.condition === "Active SARS-CoV-2"));
        expect(dataset.sites[i]!.treatment).toBeNull();
      });
  });

  it("holds whole plates out, and validates on whole wells of each class", () => {
    const { train, validation, heldOut, heldOutPlates } = splitControls(dataset, plan);
    expect(heldOutPlates).toHaveLength(2); // a quarter of four, and two at the least
    expect([...heldOut.images].every((i) => heldOutPlates.includes(dataset.sites[i]!.plate_id))).toBe(true);
    expect([...wellsOf(train)].filter((well) => wellsOf(validation).has(well))).toEqual([]);
    expect(validation.labels.filter((label) => label === 1)).toHaveLength(0.4 * 10 * 2);
    expect(validation.labels.filter((label) => label === 0)).toHaveLength(0.4 * 10 * 2);
  });

  it("holds the plates out that are named, draws them alike for equal seeds, and never all of them", () => {
    expect(splitControls(dataset, { ...plan, heldOut: ["SYN-1_3"] }).heldOutPlates).toEqual(["SYN-1_3"]);
    expect(splitControls(dataset, plan)).toEqual(splitControls(dataset, plan));
    expect(splitControls(dataset, { ...plan, heldOut: 0.9 }).heldOutPlates).toHaveLength(3);
    expect(splitControls(dataset, { ...plan, heldOut: 0 }).heldOutPlates).toEqual([]);
  });

  it("refuses plates that are not there, and a screen without infected controls", () => {
    expect(() => splitControls(dataset, { ...plan, heldOut: ["P9"] })).toThrow(
      /no plate P9 to hold out.*\n.*SYN-1_1, SYN-1_2.*\n\s+fix: write plate_id/,
    );
    expect(() => splitControls(dataset, { ...plan, labelOf: () => 0 })).toThrow(
      /deemd finds no image of a positive control.*\n.*40 of role positive_control.*\n\s+fix: run it on a screen/,
    );
  });
});
