// From stored grey levels to what the networks see.
import type { ImageBatch } from "../data/index.ts";
import type { CheckpointHeader } from "../schema/index.ts";
import { op, sendTo, type Tensor } from "../tensor/index.ts";

/** So many standard deviations from the mean are white, or black. */
const STANDARDISED_DEVIATIONS = 3;

/**
 * Grey levels `[n,c,h,w]` (borrowed, and read when this returns) to float32 in [−1, 1] on a device, channels-last in memory. They travel
 * as they are stored: a quarter or half of the bytes that they have as float32.
 */
export function networkInput({ data, shape }: ImageBatch, input: CheckpointHeader["input"], device: string): Tensor {
  const maxLevel = data instanceof Uint8Array ? 255 : 65535;
  const grey = (data instanceof Uint8Array ? sendTo(device, data, shape) : send16Bits(data, shape, device)).to({
    dtype: "float32",
  });
  const image = input === "standardised" ? standardised(grey) : grey.mul_(2 / maxLevel).sub_(1);
  return image.contiguous({ memoryFormat: "channels_last" });
}

/** LibTorch 1 has no unsigned 16-bit type: they arrive as signed ones, whose low 16 bits are the grey level. */
function send16Bits(data: Uint16Array, shape: readonly number[], device: string): Tensor {
  const signed = sendTo(device, new Int16Array(data.buffer, data.byteOffset, data.length), shape);
  return op("aten::bitwise_and", "Scalar", signed.to({ dtype: "int32" }), 0xffff);
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
