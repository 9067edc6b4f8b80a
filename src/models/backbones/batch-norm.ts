// Batch normalisation with running statistics (Ioffe & Szegedy 2015), as supervised networks have it and GANs here do not.
import { callOp, noGrad, op, type Tensor } from "../../tensor/index.ts";
import { constant, type ParameterSpec, parameterOf } from "../parameters.ts";

/** PyTorch's defaults, which published weights assume. */
const MOMENTUM = 0.1;
const EPSILON = 1e-5;

/** Scale and shift, which are trained. */
export const normParameters = (name: string, channels: number): ParameterSpec[] => [
  constant(`${name}.weight`, [channels], 1),
  constant(`${name}.bias`, [channels]),
];

/** What is not trained but belongs to the weights. */
export const normBuffers = (name: string, channels: number): ParameterSpec[] => [
  constant(`${name}.running_mean`, [channels]),
  constant(`${name}.running_var`, [channels], 1),
  constant(`${name}.num_batches_tracked`, []),
];

/** Parameters and buffers of one network by name, and whether it is being trained. */
export interface NormState {
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly buffers: ReadonlyMap<string, Tensor>;
  readonly train: boolean;
}

/**
 * x `[n,c,h,w]` normalised over n, h and w, then scaled and shifted. In training by the batch's own statistics, which move the running
 * ones by a tenth; else by the running ones, so that an image's output does not depend on its batch.
 */
export function batchNorm(x: Tensor, name: string, { parameters, buffers, train }: NormState): Tensor {
  const [weight, bias] = [parameterOf(parameters, `${name}.weight`), parameterOf(parameters, `${name}.bias`)];
  const mean = parameterOf(buffers, `${name}.running_mean`);
  const variance = parameterOf(buffers, `${name}.running_var`);
  if (train) noGrad(() => parameterOf(buffers, `${name}.num_batches_tracked`).add_(1));
  return op("aten::batch_norm", "", x, weight, bias, mean, variance, train, MOMENTUM, EPSILON, true);
}

export const relu = (x: Tensor): Tensor => op("aten::relu", "", x);

/** The stem's pooling: 3 × 3, stride 2, padding 1. */
export const maxPool = (x: Tensor): Tensor =>
  callOp("aten::max_pool2d", "", [x, [3, 3], [2, 2], [1, 1], [1, 1], false]) as Tensor;

/** Means of 2 × 2 squares. */
export const averagePool = (x: Tensor): Tensor =>
  callOp("aten::avg_pool2d", "", [x, [2, 2], [2, 2], [0, 0], false, true]) as Tensor;
