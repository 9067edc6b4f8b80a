// In what precision a training's networks keep their feature maps, and how a CUDA device is to compute.
import { z } from "zod";

/** StyleGAN2-ADA's `num_fp16_res`, in bfloat16. */
export const PrecisionConfig = z.strictObject({
  kind: z
    .enum(["float32", "bfloat16"])
    .default("float32")
    .describe(
      "bfloat16: convolutions and activations of the highest resolutions; weights, optimiser, images, losses and penalties stay float32",
    ),
  resolutions: z
    .int()
    .positive()
    .default(4)
    .describe("how many of the highest resolutions, never below 8 px; 4 in StyleGAN2-ADA"),
});
export type PrecisionConfig = z.output<typeof PrecisionConfig>;

/** How a CUDA device computes for the length of a run. */
export const CudaConfig = z.strictObject({
  kernels: z
    .boolean()
    .default(true)
    .describe("our kernels for activations, styles and filters, where they were built; false: LibTorch's operators"),
  tf32: z
    .boolean()
    .default(false)
    .describe("rounds the operands of float32 products and convolutions to 10 bits of mantissa, on cards that can"),
  cudnnBenchmark: z
    .union([z.boolean(), z.literal("auto")])
    .default("auto")
    .describe(
      "cuDNN times its convolutions and takes the fastest, whose sums may round otherwise. auto: not deterministic",
    ),
  deterministic: z
    .boolean()
    .default(false)
    .describe("only operators that repeat bit for bit; one that has no such form ends the run"),
});
