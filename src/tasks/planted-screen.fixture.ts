// Profiles with planted truth, drawn without images: what the tasks must find again.
import { SeededRandom } from "../core/seeded-random.ts";
import type { MetadataValue } from "../profiles/lineage.ts";
import { type ProfileTable, profileTable } from "../profiles/profile-table.ts";

export const PLANTED_COMPOUNDS = [
  { name: "Rescue A", effect: "rescue", ec50Um: 0.1, hill: 1.4, strength: 0.95 },
  { name: "Rescue B", effect: "rescue", ec50Um: 0.5, hill: 2, strength: 0.9 },
  { name: "Weak C", effect: "rescue", ec50Um: 15, hill: 1.2, strength: 0.9 },
  { name: "Inert D", effect: "inert", ec50Um: 1, hill: 1, strength: 0 },
  { name: "Inert E", effect: "inert", ec50Um: 1, hill: 1, strength: 0 },
  { name: "Toxin F", effect: "toxic", ec50Um: 0.3, hill: 1.5, strength: 1 },
] as const;
export const PLANTED_DOSES = [0.01, 0.03, 0.1, 0.3, 1, 3];

export interface PlantedOptions {
  readonly seed?: number;
  readonly nPlates?: number;
  readonly nFeatures?: number;
  /** Distance between healthy and diseased means, in standard deviations of a well, spread over the features. */
  readonly effect?: number;
  /** Size of each plate's own shift, same unit. */
  readonly plateEffect?: number;
  /** Adds "Worse G", which doubles the severity at high dose. */
  readonly worsens?: boolean;
}

/** A screen of 10 mock, 10 UV and 16 active wells a plate, six compounds × six doses × 2 wells, two sites a well. */
export function plantedScreen(options: PlantedOptions = {}): ProfileTable {
  const { seed = 1, nPlates = 4, nFeatures = 32, effect = 6, plateEffect = 3, worsens = false } = options;
  const random = new SeededRandom(seed);
  const direction = unitVector(nFeatures, random);
  const toxicDirection = unitVector(nFeatures, random);
  const columns = new Map<string, MetadataValue[]>(
    ["site_id", "well_id", "plate_id", "condition", "role", "treatment", "dose_um"].map((name) => [name, []]),
  );
  const features: number[] = [];
  for (let p = 0; p < nPlates; p++) {
    const shift = Array.from({ length: nFeatures }, () => plateEffect * random.normal());
    wellsOfPlate(worsens).forEach((well, w) => {
      const spread = Array.from({ length: nFeatures }, () => random.normal());
      const severity = Math.max(0, well.severity * (1 + 0.1 * random.normal()));
      for (const site of [1, 2]) {
        for (let j = 0; j < nFeatures; j++) {
          const planted = effect * severity * direction[j]! + 1.5 * effect * well.toxicity * toxicDirection[j]!;
          features.push(planted + spread[j]! + 0.5 * random.normal() + shift[j]!);
        }
        const row: Record<string, MetadataValue> = {
          site_id: `p${p}_w${w}_${site}`,
          well_id: `p${p}_w${w}`,
          plate_id: `p${p}`,
          condition: well.condition,
          role: well.treatment ? "treated" : well.condition === "Active" ? "positive_control" : "negative_control",
          treatment: well.treatment,
          dose_um: well.doseUm,
        };
        for (const [name, values] of columns) values.push(row[name] ?? null);
      }
    });
  }
  return profileTable({
    features: Float32Array.from(features),
    featureNames: Array.from({ length: nFeatures }, (_, j) => `feature_${j}`),
    metadata: columns,
  });
}

interface PlantedWell {
  readonly condition: string;
  readonly treatment: string | null;
  readonly doseUm: number | null;
  readonly severity: number;
  readonly toxicity: number;
}

function wellsOfPlate(worsens: boolean): PlantedWell[] {
  const control = (condition: string, severity: number) => ({
    condition,
    treatment: null,
    doseUm: null,
    severity,
    toxicity: 0,
  });
  const wells: PlantedWell[] = [];
  for (let i = 0; i < 10; i++) wells.push(control("Mock", 0), control("UV", 0));
  for (let i = 0; i < 16; i++) wells.push(control("Active", 1));
  for (const { name, effect, ec50Um, hill, strength } of PLANTED_COMPOUNDS) {
    for (const doseUm of PLANTED_DOSES) {
      const share = strength / (1 + (ec50Um / doseUm) ** hill);
      const severity = effect === "rescue" ? 1 - share : 1;
      const well = { condition: "Active", treatment: name, doseUm, severity, toxicity: effect === "toxic" ? share : 0 };
      wells.push(well, well);
    }
  }
  for (const doseUm of worsens ? PLANTED_DOSES : []) {
    const severity = 1 + 1 / (1 + (0.2 / doseUm) ** 1.5);
    const well = { condition: "Active", treatment: "Worse G", doseUm, severity, toxicity: 0 };
    wells.push(well, well);
  }
  return wells;
}

function unitVector(length: number, random: SeededRandom): number[] {
  const v = Array.from({ length }, () => random.normal());
  const norm = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
  return v.map((x) => x / norm);
}
