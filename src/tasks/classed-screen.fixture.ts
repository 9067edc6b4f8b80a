// A small screen of three cell types, six treatments and three mechanisms on eight plates, without images.
import { SeededRandom } from "../core/seeded-random.ts";
import type { MetadataValue } from "../profiles/lineage.ts";
import { type ProfileTable, profileTable } from "../profiles/profile-table.ts";

/** 8 plates in four experiments, 12 wells a plate, two images a well; a shift for each plate, cell type and treatment. */
export function screen(effects: {
  plate?: number;
  cell?: number;
  treatment?: number;
  cellByPlate?: boolean;
  seed?: number;
}): ProfileTable {
  const random = new SeededRandom(effects.seed ?? 5);
  const f = 10;
  const direction = (n: number) => Array.from({ length: n }, () => Array.from({ length: f }, () => random.normal()));
  const [plates, cells, treatments] = [direction(8), direction(3), direction(6)];
  const names = ["site_id", "plate_id", "well_id", "experiment", "cell_type", "treatment", "moa", "row", "column"];
  const metadata = new Map<string, MetadataValue[]>(names.map((name) => [name, []]));
  const features: number[] = [];
  for (let i = 0; i < 192; i++) {
    const [plate, well] = [Math.floor(i / 24), Math.floor((i % 24) / 2)];
    const cell = effects.cellByPlate ? plate % 2 : well % 3;
    const treatment = well % 6;
    for (let j = 0; j < f; j++) {
      const shift =
        (effects.plate ?? 0) * plates[plate]![j]! +
        (effects.cell ?? 0) * cells[cell]![j]! +
        (effects.treatment ?? 0) * treatments[treatment]![j]!;
      features.push(shift + random.normal());
    }
    const row = [
      `s${i}`,
      `p${plate}`,
      `p${plate}w${well}`,
      `e${plate >> 1}`,
      `cell${cell}`,
      `t${treatment}`,
      `moa${treatment >> 1}`,
      (well * 5 + plate) % 12,
      (well * 7) % 5,
    ];
    names.forEach((name, k) => {
      metadata.get(name)!.push(row[k]!);
    });
  }
  return profileTable({
    features: Float32Array.from(features),
    featureNames: Array.from({ length: f }, (_, j) => `feature_${j}`),
    metadata,
  });
}
