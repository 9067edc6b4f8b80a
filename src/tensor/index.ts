// Tensors on LibTorch. The native addon is loaded at the first call, not at import.
export { Adam, type AdamOptions } from "./adam.ts";
export { finiteWhereTerms, lerpEach } from "./all-at-once.ts";
export { type GradOptions, grad, gradEnabled, noGrad } from "./autograd.ts";
export {
  arange,
  type FromArrayOptions,
  fromArray,
  full,
  mapFile,
  ones,
  type Placement,
  rand,
  randint,
  randn,
  sendTo,
  zeros,
} from "./create.ts";
export { deviceSwitches, loopOnCpu, setDeviceSwitches, worksBlocked, worksByElement } from "./device-switches.ts";
export { bytesPerElement, type DType, type TypedArray } from "./dtype.ts";
export { countNonFinite, expectFinite, expectShape } from "./expect.ts";
export type { DeviceSwitches, SystemInfo, TensorStats } from "./native.ts";
export {
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  cat,
  conv2d,
  convTranspose2d,
  einsum,
  linear,
  pad,
  split,
  stack,
} from "./ops.ts";
export { Rng } from "./rng.ts";
export {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  type SafetensorsContent,
  type StoredTensor,
  storedOf,
  tensorFromStored,
  writeSafetensors,
} from "./safetensors.ts";
export { TensorScope, tidy } from "./scope.ts";
export { ScriptModule } from "./script.ts";
export {
  distrustedConvolutions,
  setThreads,
  spoilConvolutions,
  systemInfo,
  tensorStats,
  threads,
} from "./system.ts";
export { callOp, type Operand, op, Tensor } from "./tensor.ts";
