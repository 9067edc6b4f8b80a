// From stored grey levels to what the networks see.
import type { ImageBatch } from "../data/index.ts";
import type { CheckpointHeader } from "../schema/index.ts";
import { fromArray, op, type Tensor } from "../tensor/index.ts";

/** So many standard deviations from the mean are white, or black. */
const STANDARDISED_DEVIATIONS = 3;

/** Grey levels `[n,c,h,w]` (borrowed) to float32 in [−1, 1] on a device, channels-last in memory. */
export function networkInput({ data, shape }: ImageBatch, input: CheckpointHeader["input"], device: string): Tensor {
  const eightBit = data instanceof Uint8Array;
  // LibTorch 1.13 has no unsigned 16-bit type, so such pixels widen on the way in.
  const stored = eightBit ? fromArray(data, shape) : fromArray(new Int32Array(data), shape);
  const grey = stored.to({ dtype: "float32", device });
  const image = input === "standardised" ? standardised(grey) : grey.mul_(2 / (eightBit ? 255 : 65535)).sub_(1);
  return image.contiguous({ memoryFormat: "channels_last" });
}

/** Each channel of each image to mean 0 and deviation 1, three of which become 1; clipped to [−1, 1], a constant one is 0. */
function standardised(grey: Tensor): Tensor {
  const centred = grey.sub(grey.mean([2, 3], true));
  const deviation = centred.square().mean([2, 3], true).sqrt();
  return centred.div(deviation.clamp(1e-6, null).mul(STANDARDISED_DEVIATIONS)).clamp(-1, 1);
}

/** Mean difference between each image and the next, cyclically. `[n,…]` → `[]`. */
export const spreadOf = (images: Tensor): Tensor =>
  images
    .sub(op("aten::roll", "", images, [1], [0]))
    .abs()
    .mean();
