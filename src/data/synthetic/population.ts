// Which cells stand where in an image, which of them are infected, and which have been lost.
import type { SeededRandom } from "../../core/seeded-random.ts";
import { type Cell, drawCell } from "./cell.ts";
import { clamp } from "./random-for.ts";

const MARGIN_UM = 26; // cells outside the image reach into it
const CANDIDATES = 10; // best of ten places: an even, not a regular, sheet
const INFECTED_SHARE = 0.9; // of the cells at severity 1
const LOSS = { infection: 0.15, toxicity: 0.45 };

/** What lives in one field of view. */
export interface Field {
  readonly widthUm: number;
  readonly cellsPerMm2: number;
  readonly severity: number;
  readonly toxicity: number;
  /** Factor on the cells' radius. */
  readonly cellSize: number;
}

/**
 * Draws the cells of one field, in an order without meaning.
 *
 * The stream is used alike at every severity and toxicity: cells keep their places, and more of them are infected or missing.
 */
export function drawPopulation(random: SeededRandom, field: Field): Cell[] {
  const places = scatterEvenly(random, field);
  const susceptibility = clustered(random, places);
  const order = places.map((_, i) => i).sort((a, b) => susceptibility[b]! - susceptibility[a]!);
  const nInfected = Math.floor(INFECTED_SHARE * field.severity * places.length + random.uniform());
  const infected = new Set(order.slice(0, nInfected));
  const lost = 1 - (1 - LOSS.infection * field.severity) * (1 - LOSS.toxicity * field.toxicity);
  return places.flatMap(({ x, y }, i) => {
    const infection = clamp(0.65 + 0.18 * random.normal(), 0.25) * (infected.has(i) ? 1 : 0);
    const toxicity = clamp(field.toxicity * (0.7 + 0.6 * random.uniform()));
    const survives = random.uniform() >= lost;
    const cell = drawCell(random, { x, y, size: field.cellSize, infection, toxicity });
    return survives ? [cell] : [];
  });
}

/** True when the cell's nucleus is centred inside the image. */
export function isInside(cell: Cell, widthUm: number): boolean {
  const { x, y } = cell.nucleus;
  return x >= 0 && y >= 0 && x < widthUm && y < widthUm;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Mitchell's best candidate: each cell takes the emptiest of a few places. */
function scatterEvenly(random: SeededRandom, field: Field): Place[] {
  const span = field.widthUm + 2 * MARGIN_UM;
  const n = Math.max(
    1,
    Math.round(field.cellsPerMm2 * span * span * 1e-6 * (1 + 0.04 * clamp(random.normal(), -3, 3))),
  );
  const places: Place[] = [];
  for (let i = 0; i < n; i++) {
    let best: Place = { x: 0, y: 0 };
    let bestDistance = -1;
    for (let c = 0; c < CANDIDATES; c++) {
      const place = { x: span * random.uniform() - MARGIN_UM, y: span * random.uniform() - MARGIN_UM };
      let nearest = Number.POSITIVE_INFINITY;
      for (const p of places) nearest = Math.min(nearest, (p.x - place.x) ** 2 + (p.y - place.y) ** 2);
      if (nearest > bestDistance) [best, bestDistance] = [place, nearest];
    }
    places.push(best);
  }
  return places;
}

/** Infection spreads to neighbours: a smooth random landscape over the field plus each cell's own chance. */
function clustered(random: SeededRandom, places: readonly Place[]): number[] {
  const waves = Array.from({ length: 3 }, () => {
    const angle = 2 * Math.PI * random.uniform();
    const perUm = (2 * Math.PI) / (70 + 60 * random.uniform());
    return { x: perUm * Math.cos(angle), y: perUm * Math.sin(angle), phase: 2 * Math.PI * random.uniform() };
  });
  return places.map(
    ({ x, y }) => waves.reduce((sum, w) => sum + Math.cos(w.x * x + w.y * y + w.phase), 0) + 0.8 * random.normal(),
  );
}
