// The training loop: steps, events, checkpoints, samples, and an end that loses nothing.
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { BatchSampler, type BatchSamplerOptions, type Dataset, openDataset } from "../data/index.ts";
import { parseWith, ResolvedTrainConfig, type TrainEvent } from "../schema/index.ts";
import { setDeviceSwitches } from "../tensor/index.ts";
import { BatchAhead, classesOf } from "./batch-ahead.ts";
import { disownWeights, loadLatest, saveCheckpoint } from "./checkpoint.ts";
import { switchesOf } from "./cuda-switches.ts";
import { configChanged, datasetChanged, diverged, noRun, runExists } from "./errors.ts";
import { Gan, shapeOf } from "./gan.ts";
import { initialiseFrom } from "./init-from.ts";
import { chooseKernels, KernelWatch } from "./kernel-choice.ts";
import { type Labels, labelsOf } from "./labels.ts";
import { Meter } from "./meter.ts";
import { objectiveOf } from "./objectives/index.ts";
import { QualityWatch } from "./quality-watch.ts";
import { differingKeys } from "./resolve-config.ts";
import { cutEvents, EventLog, jsonOrNull, lockRun, provenanceOf, removePartials, writeWhole } from "./run-folder.ts";
import { type GridOptions, generatedGridPng, realGridPng } from "./samples.ts";
import { watchForStop } from "./stop-request.ts";

/** So many steps in a row with gradients that are not finite end the run. */
const MAX_NON_FINITE_STEPS = 100;
/** A longer schedule is what people resume for, and folders move; everything else must stay, or the run would be another. */
const MAY_CHANGE: readonly string[] = ["schedule.durationKimg", "data.dataset"];

export interface TrainOptions {
  readonly config: ResolvedTrainConfig;
  /** The run folder to write. */
  readonly out: string;
  /** Go on with the run in `out`. @default false */
  readonly resume?: boolean;
  /** Stops after the current step, with a checkpoint; so does a file `stop.request` in the run folder. */
  readonly signal?: AbortSignal;
}

/**
 * Trains, yielding what happens; the same events stand in `events.jsonl`. Equal configurations on one device and thread count give
 * equal weights, bit for bit on the CPU, also when the run was stopped or killed and resumed.
 * @throws GanDlError `run-exists`, `no-run`, `no-checkpoint`, `config-changed`, `dataset-changed`, `run-locked`, `cannot-write`,
 * `diverged`, `kernels-wrong`, and those of `openDataset` and `BatchSampler`.
 * @example
 * ```ts no-run
 * import { resolveTrainConfig, train } from "gan-dl/train";
 * const config = resolveTrainConfig({ data: { dataset: "screen", resolutionPx: 64 }, schedule }, "config.json");
 * const stop = new AbortController();
 * process.once("SIGINT", () => stop.abort());
 * for await (const event of train({ config, out: "runs/first", signal: stop.signal })) console.log(event);
 * ```
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent> {
  const { config, out, resume = false } = options;
  using dataset = await openDataset(config.data.dataset);
  if (resume && (await storedConfig(out)) === null) throw noRun(out); // before the lock makes the folder
  const unlock = await lockRun(out);
  const before = setDeviceSwitches(switchesOf(config));
  try {
    await checkFolder(options);
    await using stop = await watchForStop(out, options.signal);
    const labels = labelsOf(dataset, config.model.labels);
    const [channels, nClasses] = [dataset.manifest.channels.length, labels?.classes.length];
    const kernels = new KernelWatch(out, chooseKernels(config, shapeOf(config, channels, nClasses)));
    const gan = new Gan(config, channels, nClasses);
    try {
      const begin = resume ? resumeRun : startRun;
      const start = await begin(options, dataset, gan, labels, kernels);
      const log = new EventLog(out);
      try {
        for await (const event of loop({ ...options, signal: stop.signal }, dataset, gan, start, kernels)) {
          log.append(event);
          yield event;
        }
      } finally {
        log.close();
      }
    } finally {
      gan.dispose();
    }
  } finally {
    setDeviceSwitches(before);
    await unlock();
  }
}

const samplerOptions = ({ data, schedule, augment, seed }: ResolvedTrainConfig): BatchSamplerOptions => ({
  batchSize: schedule.batchSize,
  resolutionPx: data.resolutionPx,
  augment: augment.kind === "ada" ? (augment.dihedralAlways ? "dihedral" : "none") : augment.kind,
  seed,
  excludePlates: data.excludePlates,
});

const gridOptions = ({ seed, data: { input } }: ResolvedTrainConfig): GridOptions => ({ seed, input });

async function storedConfig(out: string): Promise<ResolvedTrainConfig | null> {
  const path = join(out, "config.resolved.json");
  const text = await readFile(path, "utf8").catch(() => null);
  return text === null
    ? null
    : parseWith(ResolvedTrainConfig, jsonOrNull(text), path, "restore the file, or start a new run in another folder.");
}

/** Refuses to start where a run is, and to go on with a run of another configuration. */
async function checkFolder({ config, out, resume = false }: TrainOptions): Promise<void> {
  const stored = await storedConfig(out);
  if (stored === null) return;
  if (!resume) throw runExists(out);
  const changed = differingKeys(stored, config).filter((key) => !MAY_CHANGE.includes(key));
  if (changed.length > 0) throw configChanged(out, changed);
}

/** Where a run begins or goes on. */
interface RunStart {
  readonly sampler: BatchSampler;
  readonly labels: Labels | null;
  /** Checkpoints passed over because they are not whole. */
  readonly ignored: readonly string[];
}

async function startRun(
  { config, out }: TrainOptions,
  dataset: Dataset,
  gan: Gan,
  labels: Labels | null,
  kernels: KernelWatch,
): Promise<RunStart> {
  if (config.initFrom !== null) await initialiseFrom(config.initFrom, gan, dataset.manifest);
  const sampler = new BatchSampler(dataset, samplerOptions(config));
  const probe = new BatchSampler(dataset, { ...samplerOptions(config), residentBytes: 0 }).next();
  gan.measureStatistic(probe, classesOf(probe, labels));
  await writeWhole(
    join(out, "samples", "real.png"),
    await realGridPng(dataset, config.data.resolutionPx, gridOptions(config)),
  );
  const provenance = { ...(await provenanceOf(config, dataset.manifest)), kernels: kernels.record };
  await writeWhole(join(out, "provenance.json"), JSON.stringify(provenance, null, 2));
  await writeWhole(join(out, "config.resolved.json"), JSON.stringify(config, null, 2));
  return { sampler, labels, ignored: [] };
}

async function resumeRun(
  { config, out }: TrainOptions,
  dataset: Dataset,
  gan: Gan,
  labels: Labels | null,
): Promise<RunStart> {
  await removePartials(out);
  const { checkpoint, sampler, ignored } = await loadLatest(out, gan);
  if (checkpoint.header.datasetFingerprint !== dataset.manifest.fingerprint) throw datasetChanged(out);
  await disownWeights(out, ignored);
  await cutEvents(out, checkpoint.header.step);
  await writeWhole(join(out, "config.resolved.json"), JSON.stringify(config, null, 2));
  return { sampler: BatchSampler.restore(dataset, samplerOptions(config), sampler), labels, ignored };
}

/** Whether a multiple of `everyKimg` was passed by the last batch. */
const passed = (imagesSeen: number, batchSize: number, everyKimg: number): boolean =>
  Math.floor(imagesSeen / (everyKimg * 1000)) > Math.floor((imagesSeen - batchSize) / (everyKimg * 1000));

async function* loop(
  { config, out, resume = false, signal }: TrainOptions,
  dataset: Dataset,
  gan: Gan,
  { sampler, labels, ignored }: RunStart,
  kernels: KernelWatch,
): AsyncGenerator<TrainEvent> {
  const { schedule } = config;
  const totalImages = schedule.durationKimg * 1000;
  const stamp = () => ({ time: new Date().toISOString(), kimg: gan.imagesSeen / 1000, step: gan.step });
  const batches = new BatchAhead(sampler, labels);
  const watch = await QualityWatch.open(out, config, dataset, labels, signal);
  const checkpoint = async function* (): AsyncGenerator<TrainEvent> {
    const { weights } = await saveCheckpoint(
      out,
      gan,
      batches.state(),
      dataset.manifest,
      labels,
      schedule.keepCheckpoints,
    );
    const file = join("checkpoints", basename(weights));
    yield { kind: "checkpoint", ...stamp(), file };
    // The untrained network is no candidate, and an abort has no time for it.
    if (watch !== null && gan.step > 0 && !signal?.aborted) yield await watch.score(gan, file, stamp());
  };
  const sample = async (): Promise<TrainEvent> => {
    const file = join("samples", `kimg-${(gan.imagesSeen / 1000).toFixed(3).padStart(10, "0")}.png`);
    await writeWhole(join(out, file), await generatedGridPng(gan.generatorEma, dataset.manifest, gridOptions(config)));
    return { kind: "sample", ...stamp(), file };
  };

  yield { kind: "started", ...stamp(), totalKimg: schedule.durationKimg, resumed: resume };
  for (const file of ignored) yield { kind: "checkpoint-ignored", ...stamp(), file: join("checkpoints", file) };
  yield* kernels.news(stamp());
  if (gan.step === 0) yield* checkpoint(); // the untrained network is a baseline of every later question
  const meter = new Meter(objectiveOf(config.loss).penaltyEverySteps);
  let saved = true;
  let due = false;
  let badSteps = 0;
  while (gan.imagesSeen < totalImages && !signal?.aborted) {
    const start = performance.now();
    const { batch, classes } = batches.take();
    const isLast = gan.imagesSeen + schedule.batchSize >= totalImages;
    const stats = gan.trainStep(batch, classes, () => isLast || batches.draw());
    meter.add(stats, schedule.batchSize, performance.now() - start);
    saved = false;
    for (const bad of stats.nonFinite) yield { kind: "non-finite", ...stamp(), ...bad };
    badSteps = stats.nonFinite.length > 0 ? badSteps + 1 : 0;
    if (badSteps >= MAX_NON_FINITE_STEPS) throw diverged(badSteps, stats.nonFinite[0]?.tensor ?? "");
    const tick =
      gan.step % schedule.tickEverySteps === 0 || isLast
        ? meter.tick(stamp(), totalImages - gan.imagesSeen, gan.augmenter?.p ?? null)
        : null;
    if (tick !== null) yield* kernels.news(stamp());
    if (tick !== null) yield tick;
    if (passed(gan.imagesSeen, schedule.batchSize, schedule.sampleEveryKimg) || isLast) yield await sample();
    due ||= passed(gan.imagesSeen, schedule.batchSize, schedule.checkpointEveryKimg);
    if (due && badSteps === 0) {
      // a diverging run must not push out the checkpoints from before
      yield* checkpoint();
      saved = true;
      due = false;
    }
    await breathe(); // steps are synchronous; microtasks alone never let Ctrl-C or timers in
  }
  if (!saved) yield* checkpoint();
  yield { kind: "finished", ...stamp(), reason: gan.imagesSeen >= totalImages ? "duration" : "aborted" };
}
