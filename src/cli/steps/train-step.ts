// Training with progress on the screen, the encoder exported beside every checkpoint; used by `gandl train` and `gandl demo`.
import { join } from "node:path";
import { exportEncoderBeside, resolveCheckpoint } from "../../embed/index.ts";
import type { KernelRecord } from "../../schema/index.ts";
import { threads } from "../../tensor/index.ts";
import { type TrainOptions, train } from "../../train/index.ts";
import { CROWDED, Crowd } from "../live/crowd.ts";
import { type LiveStats, liveStatsOf } from "../live/live-stats.ts";
import { MAX_HISTORY, trainingLine, trainingPanel } from "../live/training-panel.ts";
import { readEvents } from "../study/training-history.ts";
import type { View } from "../view.ts";

/** What a training came to. */
export interface TrainOutcome {
  readonly kimg: number;
  readonly reason: "duration" | "aborted";
}

/** WGAN's critic has no scale of its own, so that its gap of logits means nothing by itself. */
const hasLogisticScale = (lossKind: string): boolean => !/wgan|wasserstein/.test(lossKind);

/** The figures of a run so far, so that its curves go on where they were. */
async function historyBefore(out: string): Promise<LiveStats[]> {
  const events = await readEvents(out).catch(() => []); // of an older version: then the curves begin anew, and nothing else is lost
  return events.flatMap((event) => (event.kind === "tick" ? [liveStatsOf(event, 0)] : [])).slice(-MAX_HISTORY);
}

/** Trains, showing progress. @throws as `train`. */
export async function trainWithProgress(view: View, options: TrainOptions): Promise<TrainOutcome> {
  let totalKimg = options.config.schedule.durationKimg;
  let outcome: TrainOutcome = { kimg: 0, reason: "aborted" };
  const logistic = hasLogisticScale(options.config.loss.kind);
  const history: LiveStats[] = [];
  const crowd = new Crowd(options.config.device === "cpu" ? threads() : 1);
  const badSteps = new Set<number>();
  let shown: LiveStats | undefined;
  const show = (isLast: boolean) => {
    const now = history.at(-1);
    if (now === shown) return; // the end came with a tick that is shown already
    const state = { totalKimg, history, logistic };
    const marked = <T>(drawn: T): T => {
      shown = now;
      return drawn;
    };
    view.panel(
      (width) => marked(trainingPanel(state, width)),
      () => marked(trainingLine(state)),
      isLast,
    );
  };
  try {
    for await (const event of train(options)) {
      view.event(event);
      switch (event.kind) {
        case "started":
          totalKimg = event.totalKimg;
          if (event.resumed) history.push(...(await historyBefore(options.out)));
          view.line(
            event.resumed ? `going on at ${event.kimg} kimg` : `training for ${totalKimg} kimg into ${options.out}`,
          );
          break;
        case "tick":
          if (crowd.isCrowded()) view.line(CROWDED);
          history.push(liveStatsOf(event, badSteps.size));
          if (history.length > MAX_HISTORY) history.shift();
          badSteps.clear();
          show(false);
          break;
        case "non-finite":
          // One line a step: a step that fails, fails in dozens of tensors, and each has its own event.
          if (!badSteps.has(event.step))
            view.line(
              `warning: step ${event.step}: ${event.count} gradients of ${event.tensor} are not finite; replaced`,
            );
          badSteps.add(event.step);
          break;
        case "checkpoint":
          await exportEncoderBeside(await resolveCheckpoint(options.out, String(event.kimg)));
          view.line(`checkpoint ${join(options.out, event.file)} with its .onnx encoder`);
          break;
        case "kernels":
          for (const line of kernelWarnings(event)) view.line(line);
          break;
        case "checkpoint-ignored":
          view.line(`warning: ${event.file} is not whole and was passed over`);
          break;
        case "quality":
          view.line(
            `quality ${event.features}: kernel distance ${event.kernelDistance.toPrecision(3)} (real halves ${event.realKernelDistance.toPrecision(3)}), ` +
              `Fréchet ${event.frechetDistance.toPrecision(4)} (${event.realFrechetDistance.toPrecision(4)})${event.isBest ? ", the best so far" : ""}`,
          );
          break;
        case "sample":
          view.line(`samples ${join(options.out, event.file)}`);
          break;
        case "finished":
          outcome = { kimg: event.kimg, reason: event.reason };
          show(true);
          break;
        default:
          event satisfies never;
      }
    }
  } finally {
    view.endProgress();
  }
  return outcome;
}

/** What a person must know of kernels that are wrong here; the same stands in `provenance.json`. */
function kernelWarnings({ used, wrong, distrusted }: KernelRecord): string[] {
  const [first, ...others] = distrusted;
  return [
    ...(used === "libtorch"
      ? [
          `warning: our kernels are WRONG on this machine, so LibTorch's operators take their place, more slowly: ${wrong.join("; ")}`,
          "         please report this with what `gandl doctor` says",
        ]
      : []),
    ...(first === undefined
      ? []
      : [
          `warning: this LibTorch computes WRONG convolutions of ${distrusted.length} shape${distrusted.length > 1 ? "s" : ""}; products of matrices take their place, more slowly: ${first}`,
          ...(others.length > 0 ? [`         and ${others.length} more, in provenance.json`] : []),
        ]),
  ];
}
