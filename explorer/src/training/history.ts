// What a run's events add up to: curves, pictures, and where the run stands.
import type { TrainEvent } from "../../../src/schema/run.ts";

type Tick = Extract<TrainEvent, { kind: "tick" }>;
type Quality = Extract<TrainEvent, { kind: "quality" }>;

/** A training as far as its events tell. */
export interface History {
  readonly ticks: readonly Tick[];
  readonly qualities: readonly Quality[];
  /** Newest last. */
  readonly samples: readonly { readonly kimg: number; readonly file: string }[];
  readonly checkpoints: readonly { readonly kimg: number; readonly file: string }[];
  readonly totalKimg: number | null;
  readonly nNonFinite: number;
  /** Null while no `finished` event came after the last `started`. */
  readonly ended: "duration" | "aborted" | null;
  /** Time of the newest event, ISO 8601; null before the first. */
  readonly lastTime: string | null;
}

export const EMPTY_HISTORY: History = {
  ...{ ticks: [], qualities: [], samples: [], checkpoints: [] },
  ...{ totalKimg: null, nNonFinite: 0, ended: null, lastTime: null },
};

/** The history with some more events; the old one stays as it was. */
export function withEvents(before: History, events: readonly TrainEvent[]): History {
  if (events.length === 0) return before;
  const next = {
    ...{ ticks: [...before.ticks], qualities: [...before.qualities], samples: [...before.samples] },
    ...{ checkpoints: [...before.checkpoints], totalKimg: before.totalKimg, nNonFinite: before.nNonFinite },
    ...{ ended: before.ended, lastTime: events.at(-1)!.time },
  };
  for (const event of events) {
    switch (event.kind) {
      case "started":
        next.totalKimg = event.totalKimg;
        next.ended = null;
        break;
      case "tick":
        next.ticks.push(event);
        break;
      case "quality":
        next.qualities.push(event);
        break;
      case "sample":
        next.samples.push({ kimg: event.kimg, file: event.file });
        break;
      case "checkpoint":
        next.checkpoints.push({ kimg: event.kimg, file: event.file });
        break;
      case "non-finite":
        next.nNonFinite++;
        break;
      case "finished":
        next.ended = event.reason;
        break;
      case "checkpoint-ignored":
      case "kernels":
        break;
      default:
        event satisfies never;
    }
  }
  return next;
}

/** A line of a chart: its name and `[kimg, value]` in order of kimg. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A chart of the training page. */
export interface TrainingChart {
  readonly title: string;
  /** One sentence on how to read it. */
  readonly hint: string;
  readonly series: readonly Series[];
}

/** The charts that a history has figures for. */
export function chartsOf({ ticks, qualities }: History): TrainingChart[] {
  const ofTicks = (name: string, value: (tick: Tick) => number | null): Series => ({
    name,
    points: ticks.flatMap((tick) => {
      const y = value(tick);
      return y !== null && Number.isFinite(y) ? [[tick.kimg, y] as const] : [];
    }),
  });
  const ofQualities = (name: string, value: (quality: Quality) => number): Series => ({
    name,
    points: qualities.map((quality) => [quality.kimg, value(quality)] as const),
  });
  const charts: TrainingChart[] = [
    {
      title: "Losses",
      hint: "Neither should run away from the other; falling losses are not the aim of a GAN.",
      series: [ofTicks("discriminator", (t) => t.dLoss), ofTicks("generator", (t) => t.gLoss)],
    },
    {
      title: "Mean score",
      hint: "What the discriminator gives real and generated images; a gap that keeps growing means that it learns its images by heart.",
      series: [ofTicks("real", (t) => t.realScore), ofTicks("generated", (t) => t.fakeScore)],
    },
    {
      title: "Kernel distance",
      hint: "Generated against real images, lower is better; the second line is one half of the real images against the other.",
      series: [
        ofQualities("generated", (q) => q.kernelDistance),
        ofQualities("real halves", (q) => q.realKernelDistance),
      ],
    },
    { title: "Gradient penalty", hint: "R1, unweighted, when it was last due.", series: [ofTicks("R1", (t) => t.r1)] },
    {
      title: "Augmentation probability",
      hint: "Rises where the discriminator begins to know its images by heart.",
      series: [ofTicks("p", (t) => t.augmentP)],
    },
    {
      title: "Diversity",
      hint: "How much generated images differ, beside real ones: 1 is as much, near 0 is a collapse.",
      series: [ofTicks("generated / real", (t) => t.diversity)],
    },
    {
      title: "Images a second",
      hint: "Real images shown to the discriminator.",
      series: [ofTicks("speed", (t) => t.imagesPerSecond)],
    },
  ];
  return charts
    .map((chart) => ({ ...chart, series: chart.series.filter(({ points }) => points.length > 0) }))
    .filter(({ series }) => series.length > 0);
}

/** At most about `max` points, each the mean of neighbours: what a chart a few hundred pixels wide can show. */
export function thinned(points: Series["points"], max: number): Series["points"] {
  const step = Math.ceil(points.length / max);
  if (step <= 1) return points;
  return Array.from({ length: Math.ceil(points.length / step) }, (_, i) => {
    const some = points.slice(i * step, (i + 1) * step);
    const mean = (of: 0 | 1) => some.reduce((sum, point) => sum + point[of], 0) / some.length;
    return [mean(0), mean(1)] as const;
  });
}

/** Without an event for so long, a run that has not ended is taken for gone. */
const SILENT_MS = 10 * 60_000;

/** Where a run stands, in words. @param now milliseconds. */
export function standing(history: History, now: number): "waiting" | "running" | "silent" | "finished" | "stopped" {
  if (history.lastTime === null) return "waiting";
  if (history.ended === "duration") return "finished";
  if (history.ended === "aborted") return "stopped";
  return now - Date.parse(history.lastTime) > SILENT_MS ? "silent" : "running";
}
