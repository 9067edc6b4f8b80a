// One image of one well, from the plan to grey levels.

import { type Exposure, photograph } from "./camera.ts";
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
    const { seed, sidePx, pixelSizeUm, cellsPerMm2 } = this.#options;
    const siteId = `${well.well_id}_${site}`;
    const random = randomFor(seed, `site/${siteId}`);
    const widthUm = sidePx * pixelSizeUm;
    const cells = drawPopulation(random, {
      widthUm,
      cellsPerMm2: cellsPerMm2 * plate.cellDensity * well.cellDensity,
      severity: well.severity,
      toxicity: well.toxicity,
      cellSize: well.nuisance.cellSize,
    });
    const light = stainCells(cells, shareOut(cells, this.#options), this.#textures, well.nuisance, this.#options);
    const blurUm = 0.45 + 0.3 * Math.abs(random.normal());
    const exposure: Exposure = { ...plate, blurUm, gain: plate.gain.map((gain, c) => gain * well.gain[c]!) };
    const planes = photograph(light, sidePx, pixelSizeUm, exposure, randomFor(seed, `noise/${siteId}`));
    const seen = cells.filter((cell) => isInside(cell, widthUm));
    const nInfected = seen.filter((cell) => cell.infection > 0).length;
    return { planes, truth: { site_id: siteId, well_id: well.well_id, nCells: seen.length, nInfected, blurUm } };
  }
}
