// From a data set and a run to answers, page and summary: embed trained and untrained, measure brightness, ask, render.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { intensityProfiles } from "../../baselines/index.ts";
import { openDataset, readFeatureTable } from "../../data/index.ts";
import type { SyntheticTruth } from "../../data/synthetic/index.ts";
import { embeddingPath, resolveCheckpoint } from "../../embed/index.ts";
import { type ProfileTable, profileTable } from "../../profiles/index.ts";
import { renderReport, summaryOf } from "../../report/index.ts";
import {
  EmbeddingHeader,
  parseWith,
  type ReportDocument,
  type StageTiming,
  type Summary,
  type Tap,
  type TruthCheck,
} from "../../schema/index.ts";
import { compareToTruth, type PlantedCompound, type TruthRuns } from "../../tasks/index.ts";
import { embedWithProgress } from "../steps/embed-step.ts";
import type { View } from "../view.ts";
import { type Answers, askAll, type EncoderProfiles } from "./ask.ts";
import { hitTruth } from "./hit-truth.ts";
import { plateMapsOf } from "./plate-maps.ts";
import { planFor } from "./questions.ts";
import { reportDocument } from "./report-document.ts";
import { Stages } from "./stages.ts";

export interface StudyOptions {
  readonly data: string;
  readonly run: string;
  /** Folder of the embeddings; those there that fit are used again. */
  readonly embeddings: string;
  readonly seed: number;
  /** What was done before, for the page. */
  readonly stages: readonly StageTiming[];
  /** Of a synthetic screen. */
  readonly truth: SyntheticTruth | null;
  readonly commands: readonly string[];
}

export interface Study {
  readonly document: ReportDocument;
  readonly html: string;
  readonly summary: Summary;
  readonly answers: Answers;
  /** The table of the encoder that the page is about, `.parquet`. */
  readonly mainEmbedding: string;
}

/** The layers compared; the first, trained, is the encoder that the page is about (intermediate layers separate best, docs/methods.md §7.3). */
const TAPS: readonly Tap[] = ["blocks_gap", "fc512"];
const LABELS = { latest: "trained", first: "untrained" } as const;

/** Embeds, asks, renders. Writes embeddings; the caller writes page and summary. */
export async function writeStudy(view: View, options: StudyOptions): Promise<Study> {
  using dataset = await openDataset(options.data);
  const stages = new Stages(options.stages);
  const nImages = dataset.sites.length;
  const trained = await stages.time("embed, trained", nImages, () => embedTaps(view, options, "latest"));
  const untrained = await stages.time("embed, untrained", nImages, () => embedTaps(view, options, "first"));
  const intensity = await stages.time("intensity statistics", nImages, async () => ({
    encoder: "intensity statistics",
    table: await intensityProfiles(dataset),
  }));
  const plan = planFor(dataset);
  const encoders: readonly EncoderProfiles[] = [...trained, ...untrained, intensity];
  const answers = await stages.time("evaluate", null, async () => askAll(view, plan.questions, encoders, options.seed));
  const main = encoders[0] as EncoderProfiles;
  const truths = options.truth === null ? [] : truthsOf(answers, main.encoder, options.truth.options.compounds);
  const tasks = answers.runs.map(({ run }) => run);
  const parts = {
    dataset,
    run: options.run,
    mainEncoder: main.encoder,
    mainTable: main.table,
    tasks,
    plateMaps: plateMapsOf(plan, { main: main.table, intensity: intensity.table }),
    comparison: answers.comparison,
    unanswered: answers.unanswered,
    truths,
    commands: options.commands,
  };
  const document = await reportDocument({ ...parts, stages: stages.all });
  const start = performance.now();
  renderReport(document);
  const timed = {
    ...document,
    stages: [
      ...document.stages,
      { name: "report", seconds: (performance.now() - start) / 1000, imagesPerSecond: null },
    ],
  };
  const mainEmbedding = `${stemOf(options.embeddings, "latest", TAPS[0]!)}.parquet`;
  return { document: timed, html: renderReport(timed), summary: summaryOf(timed), answers, mainEmbedding };
}

/** Where an embedding lies, without its ending. */
const stemOf = (embeddings: string, checkpoint: "latest" | "first", tap: Tap): string =>
  embeddingPath(outOf(embeddings, checkpoint), tap, TAPS);
const outOf = (embeddings: string, checkpoint: "latest" | "first"): string =>
  join(embeddings, `${LABELS[checkpoint]}-{tap}`);

async function embedTaps(
  view: View,
  { run, data, embeddings }: StudyOptions,
  checkpoint: "latest" | "first",
): Promise<EncoderProfiles[]> {
  const out = outOf(embeddings, checkpoint);
  const name = `${LABELS[checkpoint]} discriminator`;
  const stems = TAPS.map((tap) => ({ tap, stem: stemOf(embeddings, checkpoint, tap) }));
  const taps: Tap[] = [];
  for (const { tap, stem } of stems) if (!(await fits(stem, run, checkpoint, data))) taps.push(tap);
  if (taps.length > 0)
    await embedWithProgress(view, { run, checkpoint, data, out, taps, runtime: "onnxruntime", name });
  const profiles: EncoderProfiles[] = [];
  for (const { tap, stem } of stems)
    profiles.push({ encoder: `${name}, ${tap}`, table: await readProfiles(`${stem}.parquet`) });
  return profiles;
}

const readProfiles = async (file: string): Promise<ProfileTable> => profileTable(await readFeatureTable(file));

/** Whether an embedding was made by this checkpoint of this data set. */
async function fits(out: string, run: string, checkpoint: string, data: string): Promise<boolean> {
  if (!existsSync(`${out}.json`) || !existsSync(`${out}.parquet`)) return false;
  const header = parseWith(
    EmbeddingHeader,
    JSON.parse(await readFile(`${out}.json`, "utf8")),
    `${out}.json`,
    "delete it; it is made again.",
  );
  const { header: wanted } = await resolveCheckpoint(run, checkpoint);
  using dataset = await openDataset(data);
  return (
    header.checkpoint?.sha256 === wanted.weightsSha256 &&
    header.datasetFingerprint === dataset.manifest.fingerprint &&
    header.tiling?.layout !== "grid" // before there were layouts, every embedding had one
  );
}

function truthsOf(answers: Answers, encoder: string, compounds: readonly PlantedCompound[]): TruthCheck[] {
  const hits = answers.runs.find(({ run }) => run.task === "hits" && run.encoder === encoder);
  const called = hits ? hitTruth(hits.run, compounds) : null;
  return [...compareToTruth(truthRuns(answers, encoder), compounds), ...(called ? [called] : [])];
}

function truthRuns({ runs }: Answers, encoder: string): TruthRuns {
  const found = new Map(
    runs.filter(({ run }) => run.encoder === encoder).map(({ question, run }) => [question.id, run]),
  );
  return Object.fromEntries(
    ["separable", "inseparable", "doseResponse", "plateBefore", "plateAfter"].flatMap((id) =>
      found.has(id as "separable") ? [[id, found.get(id as "separable")]] : [],
    ),
  );
}
