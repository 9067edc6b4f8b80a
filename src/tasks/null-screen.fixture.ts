// A screen in which no compound does anything, without images.
import { SeededRandom } from "../core/seeded-random.ts";
import type { MetadataValue } from "../profiles/lineage.ts";
import { type ProfileTable, profileTable } from "../profiles/profile-table.ts";

export interface NullScreenOptions {
  readonly seed: number;
  readonly nPlates?: number;
  readonly nCompounds?: number;
  readonly nFeatures?: number;
  readonly doses?: readonly number[];
  /** Healthy wells a plate. */
  readonly nHealthy?: number;
  /** Diseased wells a plate. */
  readonly nDiseased?: number;
}

/** Each plate: 8 healthy and 16 diseased wells unless told otherwise, and one well a compound and dose, drawn like the diseased ones; plates shift. */
export function nullScreen(options: NullScreenOptions): ProfileTable {
  const { seed, nPlates = 3, nCompounds = 12, nFeatures = 6, doses = [0.1, 0.3, 1, 3] } = options;
  const { nHealthy = 8, nDiseased = 16 } = options;
  const random = new SeededRandom(seed);
  const features: number[] = [];
  const names = ["plate_id", "well_id", "condition", "treatment", "dose_um"];
  const columns = new Map<string, MetadataValue[]>(names.map((name) => [name, []]));
  const add = (
    plate: number,
    shift: readonly number[],
    diseased: boolean,
    treatment: string | null,
    dose: number | null,
  ) => {
    const well = columns.get("well_id")!.length;
    const severity = diseased ? 1 + 0.15 * random.normal() : 0;
    for (let j = 0; j < nFeatures; j++) features.push(shift[j]! + (j < 2 ? 4 * severity : 0) + random.normal());
    const row = {
      plate_id: `p${plate}`,
      well_id: `w${well}`,
      condition: diseased ? "Active" : "Mock",
      treatment,
      dose_um: dose,
    };
    for (const [name, values] of columns) values.push(row[name as keyof typeof row]);
  };
  for (let plate = 0; plate < nPlates; plate++) {
    const shift = Array.from({ length: nFeatures }, () => 3 * random.normal());
    for (let i = 0; i < nHealthy; i++) add(plate, shift, false, null, null);
    for (let i = 0; i < nDiseased; i++) add(plate, shift, true, null, null);
    for (let c = 0; c < nCompounds; c++) for (const dose of doses) add(plate, shift, true, `Inert ${c}`, dose);
  }
  const featureNames = Array.from({ length: nFeatures }, (_, j) => `feature_${j}`);
  return profileTable({ features: Float32Array.from(features), featureNames, metadata: columns });
}
