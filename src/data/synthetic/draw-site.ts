// One image of one well, from the plan to grey levels.
import type { SeededRandom } from "../../core/seeded-random.ts";
import { type Exposure, photograph } from "./camera.ts";
import type { Cell } from "./cell.ts";
import type { SyntheticOptions } from "./options.ts";
import { drawPopulation, isInside } from "./population.ts";
import { randomFor } from "./random-for.ts";
import { stainCells } from "./stain-cells.ts";
import { shareOut } from "./territory.ts";
import { makeTextures, type Textures } from "./textures.ts";
import type { PlateTruth, SiteTruth, WellTruth } from "./truth.ts";

/** Draws any site of a screen; holds the textures, nothing that changes. */
export class SiteArtist {
  readonly #options: SyntheticOptions;
  readonly #textures: Textures;

  constructor(options: SyntheticOptions) {
    this.#options = options;
    this.#textures = makeTextures(options.pixelSizeUm);
  }

  /**
   * Draws one site.
   * @param plate where `well` lies: its gain, offset, illumination and cell density apply.
   * @returns `planes` `[5,h,w]` uint8, owned by the caller, and what was planted in them. The same bits for the same arguments, in any order.
   */
  draw(plate: PlateTruth, well: WellTruth, site: number): { planes: Uint8Array; truth: SiteTruth } {
    const { seed, sidePx, pixelSizeUm } = this.#options;
    const siteId = `${well.well_id}_${site}`;
    const random = randomFor(seed, `site/${siteId}`);
    const widthUm = sidePx * pixelSizeUm;
    const cells = this.#population(random, plate, well);
    const light = stainCells(cells, shareOut(cells, this.#options), this.#textures, well.nuisance, this.#options);
    const blurUm = 0.45 + 0.3 * Math.abs(random.normal());
    const exposure: Exposure = { ...plate, blurUm, gain: plate.gain.map((gain, c) => gain * well.gain[c]!) };
    const planes = photograph(light, sidePx, pixelSizeUm, exposure, randomFor(seed, `noise/${siteId}`));
    const seen = cells.filter((cell) => isInside(cell, widthUm));
    const nInfected = seen.filter((cell) => cell.infection > 0).length;
    return { planes, truth: { site_id: siteId, well_id: well.well_id, nCells: seen.length, nInfected, blurUm } };
  }

  /**
   * What each pixel of that site shows: 0 background, 1 a healthy cell, 2 an infected one; `[h*w]`, owned by the caller. The cells are
   * those that {@link SiteArtist.draw} draws.
   */
  cellMap(plate: PlateTruth, well: WellTruth, site: number): Uint8Array {
    const cells = this.#population(randomFor(this.#options.seed, `site/${well.well_id}_${site}`), plate, well);
    const { owner } = shareOut(cells, this.#options);
    return Uint8Array.from(owner, (index) => {
      const cell = cells[index];
      return cell === undefined ? 0 : cell.infection > 0 ? 2 : 1;
    });
  }

  #population(random: SeededRandom, plate: PlateTruth, well: WellTruth): Cell[] {
    const { sidePx, pixelSizeUm, cellsPerMm2 } = this.#options;
    return drawPopulation(random, {
      widthUm: sidePx * pixelSizeUm,
      cellsPerMm2: cellsPerMm2 * plate.cellDensity * well.cellDensity,
      severity: well.severity,
      toxicity: well.toxicity,
      cellSize: well.nuisance.cellSize,
    });
  }
}
