// Drawing for the explorer: the server may not know LibTorch, so the command hands it this.
import { basename } from "node:path";
import { openDataset } from "../../data/index.ts";
import { type Checkpoint, resolveCheckpoint } from "../../embed/index.ts";
import type { Generator } from "../../models/index.ts";
import type { CheckpointHeader, DrawnImages, DrawRequest } from "../../schema/index.ts";
import {
  classWalk,
  encodeComposite,
  generateImages,
  type ImageRecipe,
  loadGenerator,
  maxLevelOf,
  movedWalk,
  seedTable,
  TablePicture,
  walkTable,
} from "../../train/index.ts";
import { type ChosenDisplay, chooseDisplay } from "../generate/choose-display.ts";
import { type ConditionEnds, conditionsOf, findConditionEnds } from "../generate/condition-ends.ts";
import { noTrainingData, unknownClass } from "../generate/errors.ts";

interface Loaded {
  readonly key: string;
  readonly generator: Generator;
  readonly checkpoint: Checkpoint;
  readonly header: CheckpointHeader;
  readonly display: ChosenDisplay;
}

/** The folder of a data set by its fingerprint; null where it is not served. */
export type FindDataset = (fingerprint: string) => Promise<string | null>;

/**
 * Draws images of runs, one request at a time; the last generator is kept, because people ask for one run again and again. `close()` it.
 */
export class ImageDrawer {
  readonly #datasetOf: FindDataset;
  #loaded: Loaded | null = null;
  /** Of the last walk between conditions: its steps and seed change more often than its ends. */
  #ends: { readonly key: string; readonly ends: ConditionEnds } | null = null;

  /** @param datasetOf finds the data set that a run was trained on; null where it is not at hand. */
  constructor(datasetOf: FindDataset = async () => null) {
    this.#datasetOf = datasetOf;
  }

  /** Names of the conditions that a walk of this run may lead between; none where its data set is not at hand. */
  async conditionsOf(run: string): Promise<string[]> {
    const { header } = await resolveCheckpoint(run, "latest");
    const folder = await this.#datasetOf(header.datasetFingerprint);
    if (folder === null) return [];
    using dataset = await openDataset(folder);
    return conditionsOf(dataset);
  }

  /**
   * Composite PNGs of the images asked for. @param run the run folder.
   * @throws GanDlError `addon-missing` without LibTorch, `no-such-checkpoint`, `unknown-class`, `image-not-finite`; the signal's reason.
   */
  async draw(run: string, request: DrawRequest, signal: AbortSignal): Promise<DrawnImages> {
    const loaded = await this.#load(run, request.checkpoint);
    const { generator, header, display } = loaded;
    const ends = request.what.kind === "conditions" ? await this.#endsOf(run, loaded, request, signal) : null;
    const { recipes, classNumber } = plan(request, header, ends);
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
    return { kimg: header.kimg, range: display.source, sidePx: side, images, ...(ends ? { told: ends.told } : {}) };
  }

  close(): void {
    this.#loaded?.generator.dispose();
    this.#loaded = null;
    this.#ends = null;
  }

  async #endsOf(
    run: string,
    { key: of, generator, checkpoint, header }: Loaded,
    request: DrawRequest,
    signal: AbortSignal,
  ) {
    const { what, truncation } = request;
    if (what.kind !== "conditions") throw new Error("internal: no walk between conditions");
    const { from, to } = what;
    const key = JSON.stringify([of, from, to, truncation]);
    if (this.#ends?.key === key) return this.#ends.ends;
    const folder = await this.#datasetOf(header.datasetFingerprint);
    if (folder === null) throw noTrainingData(basename(run));
    using dataset = await openDataset(folder);
    const ends = await findConditionEnds(generator, checkpoint, dataset, { from, to, truncation, signal });
    this.#ends = { key, ends };
    return ends;
  }

  async #load(run: string, which: string): Promise<Loaded> {
    const checkpoint = await resolveCheckpoint(run, which);
    const { stem, header } = checkpoint;
    const key = `${stem} ${header.weightsSha256}`;
    if (this.#loaded?.key === key) return this.#loaded;
    this.close();
    const generator = await loadGenerator(stem, header);
    try {
      const data = (await this.#datasetOf(header.datasetFingerprint)) ?? undefined;
      const display = await chooseDisplay({ run, data, range: { kind: "auto" } }, generator, header);
      this.#loaded = { key, generator, checkpoint, header, display };
      return this.#loaded;
    } catch (error) {
      generator.dispose();
      throw error;
    }
  }
}

function plan({ what, truncation }: DrawRequest, header: CheckpointHeader, ends: ConditionEnds | null): Plan {
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
    case "conditions":
      if (!ends) throw new Error("internal: a walk without ends");
      return { recipes: movedWalk(what.seed, { ...ends, nSteps: what.steps, truncation }), classNumber: null };
  }
}

interface Plan {
  readonly recipes: readonly ImageRecipe[];
  readonly classNumber: number | null;
}
