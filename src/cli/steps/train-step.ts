// Training with progress on the screen, the encoder exported beside every checkpoint; used by `gandl train` and `gandl demo`.
import { join } from "node:path";
import { exportEncoderBeside, resolveCheckpoint } from "../../embed/index.ts";
import type { TrainEvent } from "../../schema/index.ts";
import { type TrainOptions, train } from "../../train/index.ts";
import { formatBytes, formatDuration, type View } from "../view.ts";

type Tick = Extract<TrainEvent, { kind: "tick" }>;

/** `1.23 / 4 kimg  21.3 img/s  2 min 10 s left  D 1.21  G 0.93 …`. */
function describeTick(event: Tick, totalKimg: number): string {
  const r1 = event.r1 === null ? "" : `  R1 ${event.r1.toPrecision(2)}`;
  const scores = `logits ${event.realScore.toFixed(2)} / ${event.fakeScore.toFixed(2)}`;
  const speed = `${event.imagesPerSecond.toFixed(1)} img/s  ${formatDuration(event.secondsLeft)} left`;
  return `${event.kimg.toFixed(2)} / ${totalKimg} kimg  ${speed}  D ${event.dLoss.toFixed(2)}  G ${event.gLoss.toFixed(2)}  ${scores}${r1}  ${formatBytes(event.memoryBytes)}`;
}

/** What a training came to. */
export interface TrainOutcome {
  readonly kimg: number;
  readonly reason: "duration" | "aborted";
}

/** Trains, showing progress. @throws as `train`. */
export async function trainWithProgress(view: View, options: TrainOptions): Promise<TrainOutcome> {
  let total = options.config.schedule.durationKimg;
  let outcome: TrainOutcome = { kimg: 0, reason: "aborted" };
  for await (const event of train(options)) {
    switch (event.kind) {
      case "started":
        total = event.totalKimg;
        view.line(event.resumed ? `going on at ${event.kimg} kimg` : `training for ${total} kimg into ${options.out}`);
        break;
      case "tick":
        view.progress("training", event.kimg, total, describeTick(event, total));
        break;
      case "non-finite":
        view.line(`warning: step ${event.step}: ${event.count} gradients of ${event.tensor} are not finite; replaced`);
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
        break;
      default:
        event satisfies never;
    }
  }
  view.endProgress();
  return outcome;
}
