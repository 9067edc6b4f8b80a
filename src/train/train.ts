// The training loop: steps, events, checkpoints, samples, and an end that loses nothing.
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { BatchSampler, type BatchSamplerOptions, type Dataset, openDataset } from "../data/index.ts";
import { parseWith, ResolvedTrainConfig, type TrainEvent } from "../schema/index.ts";
import { disownWeights, loadLatest, saveCheckpoint } from "./checkpoint.ts";
import { configChanged, datasetChanged, diverged, noRun, runExists } from "./errors.ts";
import { Gan, type StepStats } from "./gan.ts";
import { differingKeys } from "./resolve-config.ts";
import { cutEvents, EventLog, jsonOrNull, lockRun, provenanceOf, removePartials, writeWhole } from "./run-folder.ts";
import { generatedGridPng, realGridPng } from "./samples.ts";

/** So many steps in a row with gradients that are not finite end the run. */
const MAX_NON_FINITE_STEPS = 100;
/** A longer schedule is what people resume for, and folders move; everything else must stay, or the run would be another. */
const MAY_CHANGE: readonly string[] = ["schedule.durationKimg", "data.dataset"];
/** Speed is told over about the last steps, not since the start. */
const SPEED_DECAY = 0.9;

export interface TrainOptions {
  readonly config: ResolvedTrainConfig;
  /** The run folder to write. */
  readonly out: string;
  /** Go on with the run in `out`. @default false */
  readonly resume?: boolean;
  /** Stops after the current step, with a checkpoint. */
  readonly signal?: AbortSignal;
}

/**
 * Trains, yielding what happens; the same events stand in `events.jsonl`. Equal configurations on one device and thread count give
 * equal weights, bit for bit on the CPU, also when the run was stopped or killed and resumed.
 * @throws GanDlError `run-exists`, `no-run`, `no-checkpoint`, `config-changed`, `dataset-changed`, `run-locked`, `cannot-write`,
 * `diverged`, and those of `openDataset` and `BatchSampler`.
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
  try {
    await checkFolder(options);
    const gan = new Gan(config, dataset.manifest.channels.length);
    try {
      const start = resume ? await resumeRun(options, dataset, gan) : await startRun(options, dataset, gan);
      const log = new EventLog(out);
      try {
        for await (const event of loop(options, dataset, gan, start)) {
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
    await unlock();
  }
}

const samplerOptions = ({ data, schedule, augment, seed }: ResolvedTrainConfig): BatchSamplerOptions => ({
  batchSize: schedule.batchSize,
  resolutionPx: data.resolutionPx,
  augment: augment.kind,
  seed,
  excludePlates: data.excludePlates,
});

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
  /** Checkpoints passed over because they are not whole. */
  readonly ignored: readonly string[];
}

async function startRun({ config, out }: TrainOptions, dataset: Dataset, gan: Gan): Promise<RunStart> {
  const sampler = new BatchSampler(dataset, samplerOptions(config));
  const probe = new BatchSampler(dataset, { ...samplerOptions(config), residentBytes: 0 });
  gan.measureStatistic(probe.next());
  await writeWhole(join(out, "samples", "real.png"), await realGridPng(dataset, config.data.resolutionPx, config.seed));
  await writeWhole(join(out, "provenance.json"), JSON.stringify(await provenanceOf(config, dataset.manifest), null, 2));
  await writeWhole(join(out, "config.resolved.json"), JSON.stringify(config, null, 2));
  return { sampler, ignored: [] };
}

async function resumeRun({ config, out }: TrainOptions, dataset: Dataset, gan: Gan): Promise<RunStart> {
  await removePartials(out);
  const { checkpoint, sampler, ignored } = await loadLatest(out, gan);
  if (checkpoint.header.datasetFingerprint !== dataset.manifest.fingerprint) throw datasetChanged(out);
  await disownWeights(out, ignored);
  await cutEvents(out, checkpoint.header.step);
  await writeWhole(join(out, "config.resolved.json"), JSON.stringify(config, null, 2));
  return { sampler: BatchSampler.restore(dataset, samplerOptions(config), sampler), ignored };
}

/** Whether a multiple of `everyKimg` was passed by the last batch. */
const passed = (imagesSeen: number, batchSize: number, everyKimg: number): boolean =>
  Math.floor(imagesSeen / (everyKimg * 1000)) > Math.floor((imagesSeen - batchSize) / (everyKimg * 1000));

async function* loop(
  { config, out, resume = false, signal }: TrainOptions,
  dataset: Dataset,
  gan: Gan,
  { sampler, ignored }: RunStart,
): AsyncGenerator<TrainEvent> {
  const { schedule } = config;
  const totalImages = schedule.durationKimg * 1000;
  const stamp = () => ({ time: new Date().toISOString(), kimg: gan.imagesSeen / 1000, step: gan.step });
  const checkpoint = async (): Promise<TrainEvent> => {
    const { weights } = await saveCheckpoint(out, gan, sampler.state(), dataset.manifest, schedule.keepCheckpoints);
    return { kind: "checkpoint", ...stamp(), file: join("checkpoints", basename(weights)) };
  };
  const sample = async (): Promise<TrainEvent> => {
    const file = join("samples", `kimg-${(gan.imagesSeen / 1000).toFixed(3).padStart(10, "0")}.png`);
    await writeWhole(join(out, file), await generatedGridPng(gan.generatorEma, dataset.manifest, config.seed));
    return { kind: "sample", ...stamp(), file };
  };

  yield { kind: "started", ...stamp(), totalKimg: schedule.durationKimg, resumed: resume };
  for (const file of ignored) yield { kind: "checkpoint-ignored", ...stamp(), file: join("checkpoints", file) };
  if (gan.step === 0) yield await checkpoint(); // the untrained network is a baseline of every later question
  const meter = new Meter(config.loss.r1EverySteps);
  let saved = true;
  let due = false;
  let badSteps = 0;
  while (gan.imagesSeen < totalImages && !signal?.aborted) {
    const start = performance.now();
    const stats = gan.trainStep(sampler.next());
    meter.add(stats, schedule.batchSize, performance.now() - start);
    saved = false;
    for (const bad of stats.nonFinite) yield { kind: "non-finite", ...stamp(), ...bad };
    badSteps = stats.nonFinite.length > 0 ? badSteps + 1 : 0;
    if (badSteps >= MAX_NON_FINITE_STEPS) throw diverged(badSteps, stats.nonFinite[0]?.tensor ?? "");
    const last = gan.imagesSeen >= totalImages;
    const tick =
      gan.step % schedule.tickEverySteps === 0 || last ? meter.tick(stamp(), totalImages - gan.imagesSeen) : null;
    if (tick !== null) yield tick;
    if (passed(gan.imagesSeen, schedule.batchSize, schedule.sampleEveryKimg) || last) yield await sample();
    due ||= passed(gan.imagesSeen, schedule.batchSize, schedule.checkpointEveryKimg);
    if (due && badSteps === 0) {
      // a diverging run must not push out the checkpoints from before
      yield await checkpoint();
      saved = true;
      due = false;
    }
    await breathe(); // steps are synchronous; microtasks alone never let Ctrl-C or timers in
  }
  if (!saved) yield await checkpoint();
  yield { kind: "finished", ...stamp(), reason: gan.imagesSeen >= totalImages ? "duration" : "aborted" };
}

/** Turns steps into ticks: means over the steps since the last tick whose losses were finite, speed smoothed. */
class Meter {
  readonly #r1EverySteps: number;
  #steps: StepStats[] = [];
  #r1: number | null = null;
  #imagesPerMs = 0;

  constructor(r1EverySteps: number) {
    this.#r1EverySteps = r1EverySteps;
  }

  add(stats: StepStats, images: number, elapsedMs: number): void {
    if (Number.isFinite(stats.dLoss + stats.gLoss)) this.#steps.push(stats);
    if (stats.r1 !== null && Number.isFinite(stats.r1)) this.#r1 = stats.r1;
    // R1 steps cost about twice as much; averaging over at least one period keeps the speed steady.
    const decay = Math.max(SPEED_DECAY, 1 - 1 / this.#r1EverySteps);
    const now = images / elapsedMs;
    this.#imagesPerMs = this.#imagesPerMs === 0 ? now : 1 / (decay / this.#imagesPerMs + (1 - decay) / now);
  }

  /** Null when no step was finite: there is nothing to average, and the `non-finite` events tell why. */
  tick(stamp: { time: string; kimg: number; step: number }, imagesLeft: number): TrainEvent | null {
    if (this.#steps.length === 0) return null;
    const mean = (pick: (stats: StepStats) => number) =>
      this.#steps.reduce((sum, stats) => sum + pick(stats), 0) / this.#steps.length;
    const event: TrainEvent = {
      kind: "tick",
      ...stamp,
      imagesPerSecond: this.#imagesPerMs * 1000,
      secondsLeft: Math.max(0, imagesLeft) / this.#imagesPerMs / 1000,
      dLoss: mean((s) => s.dLoss),
      gLoss: mean((s) => s.gLoss),
      realScore: mean((s) => s.realScore),
      fakeScore: mean((s) => s.fakeScore),
      r1: this.#r1,
      memoryBytes: process.memoryUsage().rss,
    };
    this.#steps = [];
    return event;
  }
}
