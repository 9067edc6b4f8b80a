// The layers that StyleGAN2 is built from.
export { type ActivateOptions, activate, convolve, scaleChannels } from "./fused.ts";
export {
  type Channels,
  KERNEL_ERROR_LIMITS,
  type KernelError,
  type KernelErrorOptions,
  kernelErrors,
  worstKernel,
} from "./kernel-check.ts";
export {
  ACTIVATION_GAIN,
  biasActivation,
  type EqualisedConvOptions,
  type EqualisedLinearOptions,
  equalisedConv,
  equalisedLinear,
  equalisedSkip,
  LEAKY_SLOPE,
  pixelNorm,
  scaledWeight,
} from "./layers.ts";
export { inDtypeOf } from "./map-dtype.ts";
export { type MinibatchStdOptions, minibatchStd, withStatistic } from "./minibatch-std.ts";
export { type ModulatedConvOptions, modulatedConv, type StyledConvOptions, styledConv } from "./modulated-conv.ts";
export {
  convDown2,
  convDown2Folded,
  convUp2,
  convUp2Folded,
  pointwiseDown2,
  pointwiseDown2Folded,
  RESAMPLE_FILTER,
  type UpfirdnOptions,
  upfirdn2d,
  upsample2,
  upsample2Folded,
} from "./resample.ts";
