// One cell: its outline, nucleus and organelles, and how infection and toxicity change them. Lengths in µm from the image's corner.
import type { SeededRandom } from "../../core/seeded-random.ts";
import { clamp, factor } from "./random-for.ts";
import { TILE_PX } from "./textures.ts";
import { SYNTHETIC_CHANNELS } from "./truth.ts";

export const OUTLINE_STEPS = 128; // a power of two, so that angles wrap by a mask
const GOLGI_SPOTS = 10;
const NUCLEOLI = 3;
const CLUMPS = 5;
const VACUOLES = 7;

/** A round blot; `level` is its height at the centre. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly level: number;
}

/** A closed curve around a centre: radius at `OUTLINE_STEPS` angles. */
export interface Blob {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly outline: Float32Array;
}

/** Everything that the stains of one cell are drawn from. */
export interface Cell {
  readonly body: Blob;
  readonly nucleus: Blob;
  readonly infection: number;
  readonly toxicity: number;
  /** Stain of this cell relative to others, one a channel. */
  readonly gain: Float32Array;
  readonly nuclearLevel: number;
  readonly fibreAngle: number;
  readonly fibreBendPerUm: number;
  /** Where in the texture tiles this cell's patch begins. */
  readonly textureX: number;
  readonly textureY: number;
  readonly nucleoli: readonly Spot[];
  readonly golgi: readonly Spot[];
  readonly clumps: readonly Spot[];
  readonly vacuoles: readonly Spot[];
}

/** Where a cell stands and what has become of it. */
export interface Fate {
  readonly x: number;
  readonly y: number;
  /** Factor on its radius. */
  readonly size: number;
  readonly infection: number;
  readonly toxicity: number;
}

/**
 * Draws one cell.
 *
 * Takes the same number of draws whatever `infection` and `toxicity` are, so that one stream shows the same cell healthy and ill.
 */
export function drawCell(random: SeededRandom, fate: Fate): Cell {
  const { x, y, size, infection, toxicity } = fate;
  const radius = 20 * size * factor(random, 0.13) * (1 - 0.12 * infection) * (1 - 0.28 * toxicity);
  const body = { x, y, radius, outline: bodyOutline(random, infection, toxicity) };
  const nucleus = drawNucleus(random, body, infection, toxicity);
  const condensed = (1 + 0.4 * infection) * (1 - 0.25 * toxicity);
  return {
    body,
    nucleus,
    infection,
    toxicity,
    gain: Float32Array.from(SYNTHETIC_CHANNELS, () => factor(random, 0.15)),
    nuclearLevel: condensed * factor(random, 0.12) * (random.uniform() < 0.12 ? 1.5 : 1), // some have doubled their DNA
    fibreAngle: Math.PI * random.uniform(),
    fibreBendPerUm: 0.008 * random.normal(),
    textureX: random.integer(TILE_PX),
    textureY: random.integer(TILE_PX),
    nucleoli: drawNucleoli(random, nucleus, infection, toxicity),
    golgi: drawGolgi(random, body, nucleus, infection),
    clumps: scatter(random, body, CLUMPS, 0.6, 0.9).map((s) => ({ ...s, radius: 1.5 * s.radius, level: infection })),
    vacuoles: drawVacuoles(random, body, toxicity),
  };
}

const COS = Float64Array.from({ length: OUTLINE_STEPS }, (_, i) => Math.cos((2 * Math.PI * i) / OUTLINE_STEPS));

/** A circle with waves on it: two a turn, three a turn, and so on, of about the given amplitudes. */
function harmonics(random: SeededRandom, amplitudes: readonly number[]): Float32Array {
  const radius = new Float32Array(OUTLINE_STEPS).fill(1);
  for (const [k, amplitude] of amplitudes.entries()) {
    const height = amplitude * (0.4 + 1.2 * random.uniform());
    const phase = random.integer(OUTLINE_STEPS);
    for (let i = 0; i < OUTLINE_STEPS; i++) radius[i]! += height * COS[((k + 2) * i + phase) & (OUTLINE_STEPS - 1)]!;
  }
  return radius;
}

/** Infected cells round up; poisoned ones bleb. */
function bodyOutline(random: SeededRandom, infection: number, toxicity: number): Float32Array {
  const round = 1 - 0.75 * infection;
  const bleb = 0.04 * toxicity;
  return harmonics(random, [0.2 * round, 0.1 * round, 0.06 * round, 0.03, 0.02 + bleb, bleb, bleb]);
}

function drawNucleus(random: SeededRandom, body: Blob, infection: number, toxicity: number): Blob {
  const angle = 2 * Math.PI * random.uniform();
  const shift = 0.16 * body.radius * random.uniform();
  const radius = 7 * factor(random, 0.09) * (1 - 0.2 * infection) * (1 - 0.05 * toxicity);
  return {
    x: body.x + shift * Math.cos(angle),
    y: body.y + shift * Math.sin(angle),
    radius,
    outline: harmonics(random, [0.15 * (1 - 0.5 * infection), 0.035 + 0.1 * toxicity, 0.02 + 0.04 * infection, 0.015]),
  };
}

/** Places within a blob, between two shares of its radius. */
function scatter(random: SeededRandom, blob: Blob, n: number, from: number, to: number): Spot[] {
  return Array.from({ length: n }, () => {
    const angle = 2 * Math.PI * random.uniform();
    const distance = blob.radius * (from + (to - from) * Math.sqrt(random.uniform()));
    return {
      x: blob.x + distance * Math.cos(angle),
      y: blob.y + distance * Math.sin(angle),
      radius: factor(random, 0.25),
      level: factor(random, 0.25),
    };
  });
}

/** Poisoned nuclei keep one swollen nucleolus (nucleolar stress); infected ones lose theirs in part. */
function drawNucleoli(random: SeededRandom, nucleus: Blob, infection: number, toxicity: number): Spot[] {
  return scatter(random, nucleus, NUCLEOLI, 0, 0.6).map((spot, i) => ({
    ...spot,
    radius: 1.5 * spot.radius * (i === 0 ? 1 + 0.7 * toxicity : 1) * (1 - 0.25 * infection),
    level: spot.level * (i === 0 ? 1 : 1 - toxicity) * (1 - 0.35 * infection),
  }));
}

/** A crescent beside the nucleus, which infection scatters over the cell. */
function drawGolgi(random: SeededRandom, body: Blob, nucleus: Blob, infection: number): Spot[] {
  const side = 2 * Math.PI * random.uniform();
  const scattered = scatter(random, body, GOLGI_SPOTS, 0.35, 0.85);
  return scattered.map((spot) => {
    const angle = side + 0.9 * clamp(random.normal(), -1.5, 1.5);
    const distance = nucleus.radius * 1.15 + 2.4 * random.uniform();
    const together = { x: nucleus.x + distance * Math.cos(angle), y: nucleus.y + distance * Math.sin(angle) };
    const moved = clamp(1.3 * infection * (0.5 + random.uniform()));
    return {
      x: together.x + moved * (spot.x - together.x),
      y: together.y + moved * (spot.y - together.y),
      radius: 1.7 * spot.radius * (1 - 0.25 * moved),
      level: spot.level * (1 - 0.3 * moved),
    };
  });
}

/** Holes in the cytoplasm, which open one after the other as toxicity rises. */
function drawVacuoles(random: SeededRandom, body: Blob, toxicity: number): Spot[] {
  return scatter(random, body, VACUOLES, 0.4, 0.8).map((spot, i) => ({
    ...spot,
    radius: 2.6 * spot.radius * clamp(toxicity * 1.6 - (0.8 * i) / VACUOLES),
    level: 1,
  }));
}
