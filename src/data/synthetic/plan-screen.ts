// Decides everything about a screen before a pixel is drawn: plates, wells, doses and what each of them will show.
import { doseEffect } from "./dose-effect.ts";
import type { SyntheticOptions } from "./options.ts";
import { clamp, factor, randomFor } from "./random-for.ts";
import { CONDITION, type PlateTruth, SYNTHETIC_CHANNELS, type WellTruth } from "./truth.ts";
import { LAST_COLUMN, layOutWells, type WellPosition } from "./well-layout.ts";

const SPREAD = {
  plateGain: 0.16, // sd of the log of a plate's stain; half of its variance is shared by the plates of an experiment
  plateOffset: 1.5, // grey levels
  plateDensity: 0.08,
  illumination: 0.12,
  columnGain: 0.06,
  wellGain: 0.08, // staining differs from well to well; it hides part of the phenotype from mean intensity
  wellDensity: 0.06,
  cellSize: 0.03,
  texture: 0.2,
  severity: 0.05,
};
const DARKNESS = 9; // grey level of an unlit pixel, far enough from 0 that read noise is not clipped
const VIGNETTE = 0.12;

/** A planned well: what truth.json keeps of it. */
type WellRole = Pick<WellTruth, "condition" | "treatment" | "dose_um" | "expectedSeverity"> & { toxicity: number };

/**
 * The planted truth of plates and wells, in the order of `metadata.csv`; pure and quick.
 * @throws GanDlError `too-many-wells`.
 */
export function planScreen(options: SyntheticOptions): { plates: PlateTruth[]; wells: WellTruth[] } {
  const plates = options.experiments.flatMap((experiment) =>
    Array.from({ length: options.platesPerExperiment }, (_, i) => planPlate(options, experiment, String(i + 1))),
  );
  return { plates, wells: plates.flatMap((plate) => planWells(options, plate)) };
}

function planPlate(options: SyntheticOptions, experiment: string, plate: string): PlateTruth {
  const plateId = `${experiment}_${plate}`;
  const shared = randomFor(options.seed, `experiment/${experiment}`);
  const random = randomFor(options.seed, `plate/${plateId}`);
  const k = options.plateEffect;
  const gainSd = k * SPREAD.plateGain * Math.SQRT1_2;
  return {
    plate_id: plateId,
    experiment,
    plate,
    gain: SYNTHETIC_CHANNELS.map(() => factor(shared, gainSd) * factor(random, gainSd)),
    offset: SYNTHETIC_CHANNELS.map(() => DARKNESS + clamp(k * SPREAD.plateOffset * random.normal(), -3, 12)),
    cellDensity: factor(random, k * SPREAD.plateDensity),
    illumination: {
      x: clamp(k * SPREAD.illumination * random.normal(), -0.5, 0.5),
      y: clamp(k * SPREAD.illumination * random.normal(), -0.5, 0.5),
      vignette: VIGNETTE * Math.min(k, 2),
    },
    columnGain: clamp(k * SPREAD.columnGain * random.normal(), -0.5, 0.5),
  };
}

function planWells(options: SyntheticOptions, plate: PlateTruth): WellTruth[] {
  const { mock, uvInactivated, activeUntreated } = options.controlWells;
  const untreated = (condition: WellTruth["condition"], expectedSeverity: number): WellRole => ({
    condition,
    treatment: null,
    dose_um: null,
    expectedSeverity,
    toxicity: 0,
  });
  const active = untreated(CONDITION.active, options.activeSeverity);
  const others = [...Array.from({ length: activeUntreated }, () => active), ...treatedRoles(options)];
  const places = layOutWells(
    options.layout,
    { mock, uvInactivated, other: others.length },
    randomFor(options.seed, `layout/${plate.plate_id}`),
  );
  const plan = (role: WellRole) => (place: WellPosition) => planWell(options, plate, place, role);
  return [
    ...places.mock.map(plan(untreated(CONDITION.mock, 0))),
    ...places.uvInactivated.map(plan(untreated(CONDITION.uvInactivated, 0))),
    ...places.other.map((place, i) => planWell(options, plate, place, others[i]!)),
  ].sort((a, b) => a.row - b.row || a.column - b.column);
}

function treatedRoles(options: SyntheticOptions): WellRole[] {
  return options.compounds.flatMap((compound) =>
    compound.dosesUm.flatMap((doseUm) => {
      const { severity, toxicity } = doseEffect(compound, doseUm, options.activeSeverity);
      const role = { condition: CONDITION.active, treatment: compound.name, dose_um: doseUm, toxicity };
      return Array.from({ length: options.replicates }, () => ({ ...role, expectedSeverity: severity }));
    }),
  );
}

function planWell(options: SyntheticOptions, plate: PlateTruth, place: WellPosition, role: WellRole): WellTruth {
  const wellId = `${plate.plate_id}_${place.well}`;
  const random = randomFor(options.seed, `well/${wellId}`);
  const { expectedSeverity, toxicity } = role;
  const spread = (value: number) => (value > 0 ? clamp(value + SPREAD.severity * random.normal()) : 0);
  const positionGain = 1 + plate.columnGain * (place.column / (LAST_COLUMN - 1) - 0.5);
  return {
    well_id: wellId,
    plate_id: plate.plate_id,
    ...place,
    condition: role.condition,
    treatment: role.treatment,
    dose_um: role.dose_um,
    expectedSeverity,
    severity: spread(expectedSeverity),
    toxicity: toxicity > 0 ? clamp(toxicity * factor(random, SPREAD.severity)) : 0,
    gain: SYNTHETIC_CHANNELS.map(() => positionGain * factor(random, SPREAD.wellGain)),
    cellDensity: factor(random, SPREAD.wellDensity),
    nuisance: {
      cellSize: factor(random, SPREAD.cellSize),
      fibres: factor(random, SPREAD.texture),
      halo: factor(random, SPREAD.texture),
      golgi: factor(random, SPREAD.texture),
    },
  };
}
