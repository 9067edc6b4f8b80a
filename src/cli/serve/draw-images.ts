// Drawing for the explorer: the server may not know LibTorch, so the command hands it this.
import { resolveCheckpoint } from "../../embed/index.ts";
import type { Generator } from "../../models/index.ts";
import type { CheckpointHeader, DrawnImages, DrawRequest } from "../../schema/index.ts";
import {
  classWalk,
  encodeComposite,
  generateImages,
  type ImageRecipe,
  loadGenerator,
  maxLevelOf,
  seedTable,
  TablePicture,
  walkTable,
} from "../../train/index.ts";
import { type ChosenDisplay, chooseDisplay } from "../generate/choose-display.ts";
import { unknownClass } from "../generate/errors.ts";

interface Loaded {
  readonly key: string;
  readonly generator: Generator;
  readonly header: CheckpointHeader;
  readonly display: ChosenDisplay;
}

/**
 * Draws images of runs, one request at a time; the last generator is kept, because people ask for one run again and again. `close()` it.
 */
export class ImageDrawer {
  #loaded: Loaded | null = null;

  /**
   * Composite PNGs of the images asked for. @param run the run folder.
   * @throws GanDlError `addon-missing` without LibTorch, `no-such-checkpoint`, `unknown-class`, `image-not-finite`; the signal's reason.
   */
  async draw(run: string, request: DrawRequest, signal: AbortSignal): Promise<DrawnImages> {
    const { generator, header, display } = await this.#load(run, request.checkpoint);
    const { recipes, classNumber } = plan(request, header);
    const side = generator.shape.resolutionPx;
    const layout = { nRows: 1, nColumns: 1, heightPx: side, widthPx: side, panels: ["composite"] as const };
    const options = { maxLevel: maxLevelOf(header.dtype), signal, ...(classNumber === null ? {} : { classNumber }) };
    const images: { name: string; png: string }[] = [];
    for await (const { recipe, data } of generateImages(generator, recipes, options)) {
      const table = new TablePicture(layout, display.channels);
      table.place(0, 0, data);
      images.push({ name: recipe.name, png: (await encodeComposite(table.picture)).toString("base64") });
    }
    signal.throwIfAborted();
    return { kimg: header.kimg, range: display.source, sidePx: side, images };
  }

  close(): void {
    this.#loaded?.generator.dispose();
    this.#loaded = null;
  }

  async #load(run: string, which: string): Promise<Loaded> {
    const { stem, header } = await resolveCheckpoint(run, which);
    const key = `${stem} ${header.weightsSha256}`;
    if (this.#loaded?.key === key) return this.#loaded;
    this.close();
    const generator = await loadGenerator(stem, header);
    try {
      const display = await chooseDisplay({ run, range: { kind: "auto" } }, generator, header);
      this.#loaded = { key, generator, header, display };
      return this.#loaded;
    } catch (error) {
      generator.dispose();
      throw error;
    }
  }
}

function plan({ what, truncation }: DrawRequest, header: CheckpointHeader): Plan {
  const numberOf = (name: string | null): number | null => {
    if (name === null) return null;
    const found = header.labels?.classes.indexOf(name) ?? -1;
    if (found < 0) throw unknownClass(name, header.labels);
    return found;
  };
  const flat = (rows: readonly (readonly (ImageRecipe | null)[])[]) => rows.flat().flatMap((recipe) => recipe ?? []);
  switch (what.kind) {
    case "seeds": {
      const seeds = Array.from({ length: what.n }, (_, i) => what.first + i);
      return {
        recipes: flat(seedTable(seeds, { truncations: [truncation] }).rows),
        classNumber: numberOf(what.className),
      };
    }
    case "walk": {
      const walk = walkTable([what.from, what.to], {
        nSteps: what.steps,
        space: what.space,
        truncations: [truncation],
      });
      return { recipes: flat(walk.rows), classNumber: numberOf(what.className) };
    }
    case "classes": {
      const [from, to] = [numberOf(what.from)!, numberOf(what.to)!];
      return { recipes: classWalk(what.seed, { from, to, nSteps: what.steps, truncation }), classNumber: null };
    }
  }
}

interface Plan {
  readonly recipes: readonly ImageRecipe[];
  readonly classNumber: number | null;
}
