// Gathers everything the report shows from the folders of a study.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Dataset } from "../../data/index.ts";
import type { ProfileTable } from "../../profiles/index.ts";
import {
  type ComparedFigure,
  type PlateMap,
  Provenance,
  parseWith,
  type ReportDocument,
  ResolvedTrainConfig,
  type StageTiming,
  type TaskRun,
  type TruthCheck,
} from "../../schema/index.ts";
import { describeIntensity } from "./describe-intensity.ts";
import { embeddingMap } from "./embedding-map.ts";
import { summarySentences } from "./summary-sentences.ts";
import { historyOf, readEvents } from "./training-history.ts";

/** What a report is made from. */
export interface ReportParts {
  readonly dataset: Dataset;
  /** The run folder, or null where the embedding came from elsewhere. */
  readonly run: string | null;
  readonly mainEncoder: string;
  readonly mainTable: ProfileTable | null;
  readonly tasks: readonly TaskRun[];
  readonly plateMaps: readonly PlateMap[];
  readonly comparison: readonly ComparedFigure[];
  readonly unanswered: readonly string[];
  readonly truths: readonly TruthCheck[];
  readonly stages: readonly StageTiming[];
  readonly commands: readonly string[];
}

const GAN_DL_CITATION =
  "Mascolini et al. 2022. Exploiting generative self-supervised learning for the assessment of biological images with lack of annotations. BMC Bioinformatics 23:295 (GAN-DL).";
const STYLEGAN2_CITATION =
  "Karras et al. 2020. Analyzing and improving the image quality of StyleGAN. CVPR (StyleGAN2).";
const MAP_LABELS = ["condition", "plate_id", "role", "treatment", "dose_um"];
/** The licence word that marks data which may not be passed on. */
const PRIVATE = /private|not open/i;

/** Gathers a report. Reads events, provenance and pictures of the run folder. */
export async function reportDocument(parts: ReportParts): Promise<ReportDocument> {
  const { dataset, run, mainEncoder, mainTable } = parts;
  const { manifest } = dataset;
  const events = run === null ? [] : await readEvents(run);
  const sampled = events.filter((event) => event.kind === "sample").at(-1);
  const config =
    run === null
      ? null
      : parseWith(
          ResolvedTrainConfig,
          await readJson(join(run, "config.resolved.json")),
          join(run, "config.resolved.json"),
          "restore the file.",
        );
  const provenance =
    run === null
      ? null
      : parseWith(
          Provenance,
          await readJson(join(run, "provenance.json")),
          join(run, "provenance.json"),
          "restore the file.",
        );
  return {
    title: manifest.title,
    createdAt: new Date().toISOString(),
    synthetic: manifest.synthetic,
    private: PRIVATE.test(manifest.licence),
    summary: summarySentences(parts),
    facts: factsOf(dataset, config),
    stages: [...parts.stages],
    training: historyOf(events),
    stains: manifest.channels.map(({ name, colour }) => ({ name, colour })),
    pictures:
      run === null
        ? []
        : await picturesOf(
            run,
            sampled?.kind === "sample" ? sampled : null,
            manifest.channels.map(({ name }) => name),
          ),
    map: mainTable === null ? null : embeddingMap(mainEncoder, mainTable, MAP_LABELS, config?.seed ?? 1),
    plateMaps: [...parts.plateMaps],
    comparison: [...parts.comparison],
    tasks: [...parts.tasks],
    unanswered: [...parts.unanswered],
    mainEncoder,
    truths: [...parts.truths],
    commands: [...parts.commands],
    provenance:
      provenance === null
        ? {}
        : Object.fromEntries(
            Object.entries({ ...provenance, kernels: kernelsInWords(provenance.kernels) }).map(([key, value]) => [
              key,
              String(value),
            ]),
          ),
    citations: [GAN_DL_CITATION, STYLEGAN2_CITATION, `Images: ${manifest.citation}. Licence: ${manifest.licence}.`],
  };
}

function kernelsInWords({ used, wrong, distrusted }: Provenance["kernels"]): string {
  const whose = used === "own" ? "our own" : "LibTorch's operators";
  const remarks = [
    ...wrong.map((what) => `wrong here: ${what}`),
    ...distrusted.map((what) => `wrong in LibTorch: ${what}`),
  ];
  return [whose, ...remarks].join("; ");
}

const readJson = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, "utf8"));

function factsOf({ manifest }: Dataset, config: ResolvedTrainConfig | null): ReportDocument["facts"] {
  const image = `${manifest.heightPx} × ${manifest.widthPx} px, ${manifest.channels.length} stains (${manifest.channels.map(({ name }) => name).join(", ")})`;
  const facts = [
    { label: "data set", value: `${manifest.id}: ${manifest.nSites} images, ${image}` },
    { label: "licence of the images", value: manifest.licence },
    { label: "grey levels", value: describeIntensity(manifest.intensityMapping) },
    { label: "images left out", value: String(manifest.skipped.length) },
  ];
  if (config === null) return facts;
  const { model, schedule, loss, data } = config;
  return [
    ...facts,
    {
      label: "network",
      value: `StyleGAN2, ${data.resolutionPx} px, channel base ${model.channelBase}, at most ${model.channelMax} channels, ${model.mappingLayers} mapping layers`,
    },
    {
      label: "training",
      value: `${schedule.durationKimg} kimg, batch ${schedule.batchSize}, ${describeLoss(loss)}, learning rate ${config.optimiser.learningRate}, seed ${config.seed}`,
    },
  ];
}

function describeLoss(loss: ResolvedTrainConfig["loss"]): string {
  switch (loss.kind) {
    case "logistic":
      return `logistic loss with R1 γ ${loss.r1Gamma}`;
    case "wgan-gp":
      return `WGAN-GP with λ ${loss.penaltyWeight}`;
    case "relativistic":
      return `relativistic loss with R1 γ ${loss.r1Gamma} and R2 γ ${loss.r2Gamma}`;
  }
}

async function picturesOf(
  run: string,
  sampled: { file: string; kimg: number } | null,
  stains: readonly string[],
): Promise<ReportDocument["pictures"]> {
  const uri = async (file: string) => `data:image/png;base64,${(await readFile(join(run, file))).toString("base64")}`;
  const rows = ["all stains", ...stains];
  const columns = "Each column is one image.";
  const real = {
    ...{
      title: "Real images",
      caption: `Random crops as the networks see them. ${columns}`,
      alt: "Grid of real microscope image crops by stain",
      group: "images",
      rows,
    },
    png: await uri(join("samples", "real.png")),
  };
  if (sampled === null) return [real];
  const generated = {
    ...{
      title: "Generated images",
      caption: `By the generator's moving average at ${sampled.kimg} kimg. ${columns}`,
      alt: "Grid of generated images by stain",
      group: "images",
      rows,
    },
    png: await uri(sampled.file),
  };
  return [real, generated];
}
