// What 27 intensity statistics tell of real crops, held against the figures of an independent implementation that come with the
// data. Minutes; `npm run test:science`.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importDataset, openDataset } from "../data/index.ts";
import {
  balancedAccuracy,
  confusionMatrix,
  decisionValues,
  fitLinearSvm,
  fitOneVsRest,
  predictClasses,
  rocAuc,
} from "../math/index.ts";
import {
  applyStandardise,
  fitStandardise,
  type ProfileTable,
  rowsWhere,
  selectRows,
  textColumn,
} from "../profiles/index.ts";
import { intensityProfiles } from "./intensity.ts";

const crops = join(process.env.GANDL_SHARED_DATA ?? "../shared/data", "bbbc021-crops.zip");
const DOSED = ["Week4_27801", "Week4_27821"];
const C = 0.01;

describe.skipIf(!existsSync(crops))("intensity statistics on BBBC021 crops (bbbc021-crops.zip)", () => {
  const folder = mkdtempSync(join(tmpdir(), "gandl-bbbc021-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let table: ProfileTable;
  beforeAll(async () => {
    const out = join(folder, "dataset");
    for await (const event of importDataset({ source: crops, out, dataset: "bbbc021-crops" })) void event;
    using dataset = await openDataset(out);
    table = await intensityProfiles(dataset);
  });

  /** Single-cell AUC on `plate` of an SVM that learned from all other plates. */
  const aucOn = (plate: string, negative: readonly number[], positive: readonly number[]): number => {
    const plateOf = textColumn(table, "plate_id");
    const rows = [...negative, ...positive];
    const isPositive = new Set(positive);
    const [train, test] = [rows.filter((i) => plateOf[i] !== plate), rows.filter((i) => plateOf[i] === plate)];
    const learned = selectRows(table, train);
    const scale = fitStandardise(learned);
    const { features, nRows, nFeatures } = applyStandardise(learned, scale);
    const positives = train.map((i) => isPositive.has(i));
    const svm = fitLinearSvm({ features, nRows, nFeatures, positive: positives }, { c: C, classWeights: "balanced" });
    const scores = decisionValues(svm, applyStandardise(selectRows(table, test), scale).features);
    return rocAuc(
      scores,
      test.map((i) => isPositive.has(i)),
    );
  };

  it("are 27 a crop, of 3,528 crops on five plates", () => {
    expect([table.nRows, table.nFeatures]).toEqual([3528, 27]);
    expect(new Set(textColumn(table, "plate_id")).size).toBe(5);
  });

  it("tell drug from DMSO almost without error: 0.995 and 0.996", () => {
    const [dmso, drug] = [rowsWhere(table, { treatment: [null] }), rowsWhere(table, { role: ["treated"] })];
    const found = DOSED.map((plate) => aucOn(plate, dmso, drug));
    expect(Math.abs(found[0]! - 0.995)).toBeLessThan(0.005);
    expect(Math.abs(found[1]! - 0.996)).toBeLessThan(0.005);
  });

  it("tell 15 from 50 µM no better than chance: about 0.4 on both plates", () => {
    const [low, high] = [rowsWhere(table, { dose_um: [15] }), rowsWhere(table, { dose_um: [50] })];
    for (const plate of DOSED) {
      const found = aucOn(plate, low, high);
      expect(found).toBeGreaterThan(0.3);
      expect(found).toBeLessThan(0.6);
    }
  });

  it("name the plate of a DMSO cell in about 0.53 to 0.55 of the cases, where chance is 0.2", () => {
    const dmso = rowsWhere(table, { treatment: [null] });
    const plates = textColumn(table, "plate_id");
    const names = [...new Set(plates)];
    const [truth, called]: [number[], number[]] = [[], []];
    // Cells of one field share more than their plate: whole fields are held out.
    const site = textColumn(table, "site");
    const fieldOf = dmso.map((i) => `${plates[i]} ${site[i]!.split("_")[0]}`);
    const fields = names.map((name) => [...new Set(fieldOf)].filter((field) => field.startsWith(`${name} `)));
    const foldOf = new Map(fields.flatMap((own) => own.map((field, i) => [field, i % 5] as const)));
    for (let fold = 0; fold < 5; fold++) {
      const isOut = (_: number, at: number) => foldOf.get(fieldOf[at]!) === fold;
      const [train, test] = [dmso.filter((row, at) => !isOut(row, at)), dmso.filter(isOut)];
      const learned = selectRows(table, train);
      const scale = fitStandardise(learned);
      const classes = (rows: readonly number[]) => rows.map((i) => names.indexOf(plates[i]!));
      const { features, nRows, nFeatures } = applyStandardise(learned, scale);
      const model = fitOneVsRest({ features, nRows, nFeatures }, classes(train), names.length, {
        c: C,
        classWeights: "balanced",
      });
      truth.push(...classes(test));
      called.push(...predictClasses(model, applyStandardise(selectRows(table, test), scale).features));
    }
    expect(truth).toHaveLength(dmso.length);
    const found = balancedAccuracy(confusionMatrix(truth, called, names.length));
    expect(found).toBeGreaterThan(0.49);
    expect(found).toBeLessThan(0.59);
  });
});
