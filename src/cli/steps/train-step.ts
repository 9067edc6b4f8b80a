// Training with progress on the screen, the encoder exported beside every checkpoint; used by `gandl train` and `gandl demo`.
import { join } from "node:path";
import { exportEncoderBeside, resolveCheckpoint } from "../../embed/index.ts";
import { type TrainOptions, train } from "../../train/index.ts";
import { type LiveStats, liveStatsOf } from "../live/live-stats.ts";
import { MAX_HISTORY, trainingLine, trainingPanel } from "../live/training-panel.ts";
import type { View } from "../view.ts";

/** What a training came to. */
export interface TrainOutcome {
  readonly kimg: number;
  readonly reason: "duration" | "aborted";
}

/** WGAN's critic has no scale of its own, so that its gap of logits means nothing by itself. */
const hasLogisticScale = (lossKind: string): boolean => !/wgan|wasserstein/.test(lossKind);

/** Trains, showing progress. @throws as `train`. */
export async function trainWithProgress(view: View, options: TrainOptions): Promise<TrainOutcome> {
  let totalKimg = options.config.schedule.durationKimg;
  let outcome: TrainOutcome = { kimg: 0, reason: "aborted" };
  const logistic = hasLogisticScale(options.config.loss.kind);
  const history: LiveStats[] = [];
  const badSteps = new Set<number>();
  const show = (isLast: boolean) => {
    if (history.length === 0) return;
    const state = { totalKimg, history, logistic };
    view.panel(
      (width) => trainingPanel(state, width),
      () => trainingLine(state),
      isLast,
    );
  };
  try {
    for await (const event of train(options)) {
      view.event(event);
      switch (event.kind) {
        case "started":
          totalKimg = event.totalKimg;
          view.line(
            event.resumed ? `going on at ${event.kimg} kimg` : `training for ${totalKimg} kimg into ${options.out}`,
          );
          break;
        case "tick":
          history.push(liveStatsOf(event, badSteps.size));
          if (history.length > MAX_HISTORY) history.shift();
          badSteps.clear();
          show(event.kimg >= totalKimg);
          break;
        case "non-finite":
          badSteps.add(event.step);
          view.line(
            `warning: step ${event.step}: ${event.count} gradients of ${event.tensor} are not finite; replaced`,
          );
          break;
        case "checkpoint":
          await exportEncoderBeside(await resolveCheckpoint(options.out, String(event.kimg)));
          view.line(`checkpoint ${join(options.out, event.file)} with its .onnx encoder`);
          break;
        case "checkpoint-ignored":
          view.line(`warning: ${event.file} is not whole and was passed over`);
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
