// DEEMD's infected regions: the probability of each patch, spread over the pixels that it lies on.
import type { Dataset } from "../../data/index.ts";
import { spreadPatches } from "../../math/index.ts";
import { type BACKBONE_NAMES, Backbone } from "../../models/index.ts";
import { Rng } from "../../tensor/index.ts";
import { DEEMD_STAGE, INFECTED, N_CONTROL_CLASSES } from "../deemd/classes.ts";
import { classProbabilities, scorePatches } from "../deemd/score-patches.ts";
import { splitControls } from "../supervised/control-split.ts";
import { PatchReader } from "../supervised/patch-reader.ts";
import { loadTraining, trainingPath } from "../supervised/training-file.ts";
import type { RegionMapper } from "./define-regions.ts";
import { otherChannels, trainingMissing } from "./errors.ts";

export interface DeemdRegionOptions {
  /** Distance of patches; the smaller, the finer the map and the longer it takes. @default an eighth of the patch */
  readonly stridePx?: number;
  readonly signal?: AbortSignal;
}

/** What a training's settings tell of it. */
interface DeemdSettings {
  readonly backbone: (typeof BACKBONE_NAMES)[number];
  readonly patchPx: number;
  readonly imageChannels: number;
  readonly heldOut: number | readonly string[];
  readonly validationShare: number;
  readonly seed: number;
  /** Of the data set that was learned from. */
  readonly fingerprint: string;
}

/**
 * Opens the network that `gandl baseline deemd` left in its work folder. Its maps are those of the network with the best validation.
 * @param dataset borrowed; stays open; the one learned from, whose held-out plates count, or any other of the same stains. @throws GanDlError `no-training`, `channel-mismatch`, `images-too-small`.
 */
export async function openDeemdRegions(
  dataset: Dataset,
  work: string,
  { stridePx, signal = new AbortController().signal }: DeemdRegionOptions = {},
): Promise<RegionMapper> {
  const file = trainingPath(work, DEEMD_STAGE);
  const saved = await loadTraining(file, null);
  if (!saved?.state.done) throw trainingMissing(file, saved?.state.epoch ?? null);
  const settings = saved.settings as unknown as DeemdSettings;
  const { backbone: name, patchPx, imageChannels } = settings;
  if (imageChannels !== dataset.manifest.channels.length)
    throw otherChannels(file, imageChannels, dataset.manifest.channels.length);
  const stride = stridePx ?? Math.max(1, Math.round(patchPx / 8));
  const reader = new PatchReader(dataset, { patchPx, stridePx: stride, input: "dataset" });
  const network = new Backbone({ name, imageChannels, nClasses: N_CONTROL_CLASSES }, new Rng(0));
  network.loadState(saved.network);
  const scoring = { network, reader, device: "cpu", signal, patchesPerRun: 64 };
  const isItsOwn = settings.fingerprint === dataset.manifest.fingerprint;
  const heldOutPlates = isItsOwn
    ? splitControls(dataset, { id: "deemd", ...settings }).heldOutPlates
    : [...new Set(dataset.sites.map(({ plate_id }) => plate_id))]; // it has seen none of another screen's
  return {
    id: "deemd",
    provenance: { checkpoint: file, patchPx, stridePx: stride, ...saved.state },
    heldOutPlates,
    async mapImage(image) {
      for await (const scored of scorePatches([image], scoring)) {
        const scores = classProbabilities(scored, N_CONTROL_CLASSES, INFECTED);
        return spreadPatches(scores, reader.grid, reader.heightPx, reader.widthPx);
      }
      throw new Error("internal: an image without scores");
    },
    close: () => network.dispose(),
  };
}
