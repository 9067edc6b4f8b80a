// The layers that StyleGAN2 is built from.
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
export { type MinibatchStdOptions, minibatchStd, withStatistic } from "./minibatch-std.ts";
export { type ModulatedConvOptions, modulatedConv } from "./modulated-conv.ts";
export {
  convDown2,
  convUp2,
  pointwiseDown2,
  RESAMPLE_FILTER,
  type UpfirdnOptions,
  upfirdn2d,
  upsample2,
} from "./resample.ts";
