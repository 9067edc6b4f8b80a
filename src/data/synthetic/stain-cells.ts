// Paints the five stains of a field: what a perfect camera would see, in units where a typical bright structure is 1.
import type { Cell, Spot } from "./cell.ts";
import { eachPixelNear, NOBODY, type Territory } from "./territory.ts";
import { type Textures, texel } from "./textures.ts";
import { type Nuisance, SYNTHETIC_CHANNELS } from "./truth.ts";

const [DNA, ER, ACTIN, RNA, GOLGI] = [0, 1, 2, 3, 4] as const;
type Image = { readonly sidePx: number; readonly pixelSizeUm: number };

/** Paints `[5]` planes of `[h*w]`; new memory. */
export function stainCells(
  cells: readonly Cell[],
  territory: Territory,
  textures: Textures,
  nuisance: Nuisance,
  image: Image,
): Float32Array[] {
  const planes = SYNTHETIC_CHANNELS.map(() => new Float32Array(image.sidePx * image.sidePx));
  paintPixels(planes, cells, territory, textures, nuisance, image);
  for (const [index, cell] of cells.entries()) paintOrganelles(planes, cell, index, territory, nuisance.golgi, image);
  return planes;
}

function paintPixels(
  planes: Float32Array[],
  cells: readonly Cell[],
  territory: Territory,
  textures: Textures,
  nuisance: Nuisance,
  image: Image,
): void {
  const { sidePx, pixelSizeUm } = image;
  const fibresAt = cells.map((cell) => fibrePattern(cell, textures, pixelSizeUm));
  for (let i = 0; i < territory.owner.length; i++) {
    const owner = territory.owner[i]!;
    if (owner === NOBODY) continue;
    const cell = cells[owner]!;
    const column = i % sidePx;
    const row = (i - column) / sidePx;
    const x = column + cell.textureX;
    const y = row + cell.textureY;
    const smooth = texel(textures.smooth, x, y);
    const grain = texel(textures.grain, x, y);
    const net = texel(textures.net, x, y);
    const q = territory.nuclear[i]!;
    paintCytoplasm(planes, i, cell, territory.depthUm[i]!, q, nuisance.halo, {
      fibre: nuisance.fibres * fibresAt[owner]!(column, row),
      smooth,
      grain,
      net,
    });
    if (q < 1.2) paintNucleus(planes, i, cell, q, grain, smooth);
  }
}

/** Stress fibres run in one direction through a cell, slightly bent. */
function fibrePattern(cell: Cell, textures: Textures, pixelSizeUm: number): (column: number, row: number) => number {
  const cos = Math.cos(cell.fibreAngle);
  const sin = Math.sin(cell.fibreAngle);
  const bend = cell.fibreBendPerUm * pixelSizeUm;
  const centreX = cell.body.x / pixelSizeUm;
  const centreY = cell.body.y / pixelSizeUm;
  return (column, row) => {
    const x = column - centreX;
    const y = row - centreY;
    const along = cos * x + sin * y;
    const across = cos * y - sin * x + bend * along * along;
    return texel(textures.fibres, Math.round(along + cell.textureX), Math.round(across + cell.textureY));
  };
}

/** Texture values at one pixel. */
interface Grain {
  readonly fibre: number;
  readonly smooth: number;
  readonly grain: number;
  readonly net: number;
}

function paintCytoplasm(
  planes: Float32Array[],
  i: number,
  cell: Cell,
  depth: number,
  q: number,
  haloLevel: number,
  t: Grain,
): void {
  const { infection, toxicity, gain } = cell;
  const fromNucleus = Math.max(0, q - 1) * cell.nucleus.radius; // µm
  const thick = 1 - Math.exp(-depth / 2.5); // a cell thins out towards its edge
  const inside = q < 1 ? 0.55 : 1; // the nucleus displaces cytoplasm
  const halo = Math.exp(-fromNucleus / (7 - 3.2 * infection));
  const er = 0.16 * (1 - 0.45 * infection) + 0.75 * haloLevel * halo * (1 + 0.6 * infection);
  planes[ER]![i]! += gain[ER]! * thick * inside * er * (0.5 + 0.65 * t.net + 0.08 * t.grain);
  const rna = (0.32 + 0.3 * Math.exp(-fromNucleus / 9)) * (1 - 0.3 * toxicity);
  planes[RNA]![i]! += gain[RNA]! * thick * inside * rna * (1 + 0.12 * t.grain + 0.1 * t.smooth);
  const cortex = Math.exp(-((depth / 1.3) ** 2));
  const fibres = 0.75 * t.fibre * (1 - 0.85 * infection) * (1 - 0.4 * toxicity) * Math.max(0, 0.75 + 0.35 * t.smooth);
  planes[ACTIN]![i]! +=
    gain[ACTIN]! *
    (thick * (0.14 + 0.17 * infection + fibres * (q < 1 ? 0.5 : 1)) + 0.6 * cortex * (1 + 0.6 * toxicity));
  const rim = Math.exp(-((depth / 1.1) ** 2));
  planes[GOLGI]![i]! += gain[GOLGI]! * (0.15 * thick * (1 + 0.25 * t.grain) + 0.36 * rim);
}

function paintNucleus(planes: Float32Array[], i: number, cell: Cell, q: number, grain: number, smooth: number): void {
  const { infection, toxicity, gain } = cell;
  const body = 1 / (1 + Math.exp((q - 1) * 14));
  const chromatin = 1 + (0.2 * grain + 0.14 * smooth) * (1 - 0.6 * infection) + 0.1 * toxicity * grain;
  planes[DNA]![i]! += gain[DNA]! * cell.nuclearLevel * body * Math.max(0.15, chromatin) * (1.05 - 0.25 * q * q);
  planes[RNA]![i]! += gain[RNA]! * 0.16 * body;
  const envelope = Math.exp(-(((q - 1) * cell.nucleus.radius) ** 2)); // WGA binds nuclear pores
  planes[GOLGI]![i]! += gain[GOLGI]! * 0.22 * envelope;
}

function paintOrganelles(
  planes: Float32Array[],
  cell: Cell,
  index: number,
  territory: Territory,
  golgiLevel: number,
  image: Image,
): void {
  const inCell = (i: number) => territory.owner[i] === index;
  const { gain, vacuoles, clumps, golgi, nucleoli } = cell;
  for (const spot of vacuoles) hollow(planes, spot, gain, image, (i) => inCell(i) && territory.nuclear[i]! > 1.05);
  for (const spot of clumps) blot(planes[ACTIN]!, spot, 0.75 * gain[ACTIN]!, image, inCell);
  for (const spot of golgi) blot(planes[GOLGI]!, spot, 0.75 * golgiLevel * gain[GOLGI]!, image, inCell);
  for (const spot of nucleoli) {
    const inNucleus = (i: number) => inCell(i) && territory.nuclear[i]! < 0.9;
    blot(planes[RNA]!, spot, 0.85 * gain[RNA]!, image, inNucleus);
    dim(planes[DNA]!, spot, 0.4, image, inNucleus);
  }
}

/** Adds a Gaussian blot. */
function blot(plane: Float32Array, spot: Spot, gain: number, image: Image, where: (i: number) => boolean): void {
  if (spot.level <= 0.01) return;
  eachPixelNear(spot, 2.5 * spot.radius, image, (i, x, y) => {
    if (where(i)) plane[i]! += gain * spot.level * gauss(spot, x, y);
  });
}

/** Takes a share of the light away. */
function dim(plane: Float32Array, spot: Spot, share: number, image: Image, where: (i: number) => boolean): void {
  if (spot.level <= 0.01) return;
  eachPixelNear(spot, 2.5 * spot.radius, image, (i, x, y) => {
    if (where(i)) plane[i]! *= 1 - Math.min(0.9, share * spot.level) * gauss(spot, x, y);
  });
}

/** A vacuole: empty of ER, RNA and actin, with a rim of membrane. */
function hollow(
  planes: Float32Array[],
  spot: Spot,
  gain: Float32Array,
  image: Image,
  where: (i: number) => boolean,
): void {
  if (spot.radius < 0.4) return;
  eachPixelNear(spot, spot.radius + 1.5, image, (i, x, y) => {
    if (!where(i)) return;
    const r = Math.hypot(x - spot.x, y - spot.y);
    const empty = 0.88 / (1 + Math.exp((r - spot.radius) * 3));
    for (const channel of [ER, ACTIN, RNA]) planes[channel]![i]! *= 1 - empty;
    planes[GOLGI]![i]! += gain[GOLGI]! * 0.4 * Math.exp(-((r - spot.radius) ** 2));
  });
}

function gauss(spot: Spot, x: number, y: number): number {
  return Math.exp(-((x - spot.x) ** 2 + (y - spot.y) ** 2) / (2 * (0.6 * spot.radius) ** 2));
}
