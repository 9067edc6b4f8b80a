// Everything that is trained, and one step of it.
import { SeededRandom } from "../core/index.ts";
import type { ImageBatch } from "../data/index.ts";
import { copyOfGenerator, Discriminator, drawLatents, Generator } from "../models/index.ts";
import type { ResolvedTrainConfig, StyleGan2Shape } from "../schema/index.ts";
import {
  Adam,
  cat,
  countNonFinite,
  fromArray,
  grad,
  noGrad,
  Rng,
  stack,
  type Tensor,
  TensorScope,
  tidy,
} from "../tensor/index.ts";
import { discriminatorLoss, generatorLoss, r1Penalty } from "./losses.ts";

/** Gradients that are not finite are replaced by these and counted (METHODS.md §2.2). */
const GRADIENT_LIMIT = 1e5;
/** How fast the recorded minibatch statistic forgets: about the last hundred batches. */
const STATISTIC_DECAY = 0.99;

/** A gradient that was not finite. */
export interface NonFinite {
  readonly tensor: string;
  readonly count: number;
}

/** What one step measured. */
export interface StepStats {
  readonly dLoss: number;
  readonly gLoss: number;
  readonly realScore: number;
  readonly fakeScore: number;
  /** At R1 steps, else null. */
  readonly r1: number | null;
  readonly nonFinite: readonly NonFinite[];
}

/** The network sizes that a configuration asks for. */
export function shapeOf(config: ResolvedTrainConfig, imageChannels: number): StyleGan2Shape {
  const { styleMixing: _, ...model } = config.model;
  return { ...model, resolutionPx: config.data.resolutionPx, imageChannels };
}

/**
 * Generator, its moving average, discriminator, optimisers and random state. Owns all of it. Make it outside of any scope.
 */
export class Gan {
  readonly config: ResolvedTrainConfig;
  readonly shape: StyleGan2Shape;
  readonly generator: Generator;
  readonly generatorEma: Generator;
  readonly discriminator: Discriminator;
  readonly optimiserG: Adam;
  readonly optimiserD: Adam;
  readonly rng: Rng;
  mixing: SeededRandom;
  step = 0;
  imagesSeen = 0;
  /** Running mean of the minibatch statistic over real batches. */
  minibatchStdMean = 0;

  constructor(config: ResolvedTrainConfig, imageChannels: number) {
    this.config = config;
    this.shape = shapeOf(config, imageChannels);
    this.rng = new Rng(config.seed, config.device);
    this.mixing = SeededRandom.forPart(config.seed, "style mixing");
    this.generator = new Generator(this.shape, this.rng);
    this.discriminator = new Discriminator(this.shape, this.rng);
    this.generatorEma = copyOfGenerator(this.generator, new Rng(config.seed, config.device));
    const { learningRate, beta1, beta2, epsilon } = config.optimiser;
    // Lazy regularisation makes k + 1 updates in k steps; step size and decay are corrected for it (Karras et al. 2020, app. B).
    const { r1EverySteps } = config.loss;
    const lazy = this.#hasR1 ? r1EverySteps / (r1EverySteps + 1) : 1;
    this.optimiserG = new Adam(this.generator.parameters, { learningRate, beta1, beta2, epsilon });
    this.optimiserD = new Adam(this.discriminator.parameters, {
      learningRate: learningRate * lazy,
      beta1: beta1 ** lazy,
      beta2: beta2 ** lazy,
      epsilon,
    });
  }

  get #hasR1(): boolean {
    return this.config.loss.r1Gamma > 0;
  }

  dispose(): void {
    for (const part of [this.generator, this.generatorEma, this.discriminator, this.optimiserG, this.optimiserD])
      part.dispose();
  }

  /** Trains on one batch of real images in stored grey levels (borrowed): generator, discriminator, R1 when it is due, average. */
  trainStep(batch: ImageBatch): StepStats {
    using _scope = new TensorScope();
    const real = this.#imagesOf(batch);
    const n = batch.shape[0];
    // Each part frees its feature maps before the next one makes its own: the peak is the largest, not the sum.
    const g = tidy(() => this.#generatorStep(n));
    const d = tidy(() => this.#discriminatorStep(real, n));
    const r1Due = this.#hasR1 && this.step % this.config.loss.r1EverySteps === 0;
    const r1 = r1Due ? tidy(() => this.#r1Step(real)) : null;
    this.step++;
    this.imagesSeen += n;
    this.#updateEma(n);
    return this.#statsOf(g, d, r1);
  }

  /** The minibatch statistic of real images before the first step, so that the untrained encoder has its constant too. */
  measureStatistic(batch: ImageBatch): void {
    using _scope = new TensorScope();
    const { statistic } = noGrad(() => this.discriminator.score(this.#imagesOf(batch)));
    this.minibatchStdMean = statistic.mean().item();
  }

  /** Stored grey levels to [−1, 1] on the training device. */
  #imagesOf(batch: ImageBatch): Tensor {
    const { data, shape } = batch;
    const eightBit = data instanceof Uint8Array;
    // LibTorch 1.13 has no unsigned 16-bit type, so such pixels widen on the way in.
    const stored = eightBit ? fromArray(data, shape) : fromArray(new Int32Array(data), shape);
    const image = stored.to({ dtype: "float32", device: this.config.device });
    return image
      .mul_(2 / (eightBit ? 255 : 65535))
      .sub_(1)
      .contiguous({ memoryFormat: "channels_last" });
  }

  /** Styles of n images, with a second latent from a random layer on in a share of the steps (style mixing). */
  #drawStyles(n: number): { ws: Tensor; w: Tensor } {
    const w = this.generator.map(drawLatents(this.shape, n, this.rng));
    const mix = this.mixing.uniform() < this.config.model.styleMixing;
    const cut = 1 + this.mixing.integer(this.generator.numWs - 1);
    if (!mix) return { ws: this.generator.broadcast(w), w };
    const second = this.generator.map(drawLatents(this.shape, n, this.rng));
    return { ws: this.generator.broadcast(w, second, cut), w };
  }

  #generatorStep(n: number) {
    const { ws, w } = this.#drawStyles(n);
    const { score } = this.discriminator.score(this.generator.synthesise(ws, { rng: this.rng }));
    const loss = generatorLoss(score);
    const nonFinite = this.#update(loss, this.generator.parameters, this.optimiserG, "generator");
    this.generator.trackStyle(w);
    return { loss: loss.detach(), nonFinite };
  }

  #discriminatorStep(real: Tensor, n: number) {
    const fake = noGrad(() => this.generator.synthesise(this.#drawStyles(n).ws, { rng: this.rng }));
    // One pass over both; the minibatch statistic of each half is its own.
    const { score, statistic } = this.discriminator.score(cat([real, fake]), { parts: 2 });
    const [realScore, fakeScore] = [score.narrow(0, 0, n), score.narrow(0, n, n)];
    const loss = discriminatorLoss(realScore, fakeScore);
    const nonFinite = this.#update(loss, this.discriminator.parameters, this.optimiserD, "discriminator");
    return {
      loss: loss.detach(),
      realScore: realScore.detach().mean(),
      fakeScore: fakeScore.detach().mean(),
      statistic: statistic.detach().narrow(0, 0, n).mean(),
      nonFinite,
    };
  }

  #r1Step(real: Tensor) {
    const { r1Gamma, r1EverySteps } = this.config.loss;
    const image = real.detach().setRequiresGrad(true);
    const penalty = r1Penalty(image, this.discriminator.score(image).score);
    const nonFinite = this.#update(
      penalty.mul((r1Gamma / 2) * r1EverySteps),
      this.discriminator.parameters,
      this.optimiserD,
      "discriminator R1",
    );
    return { penalty: penalty.detach(), nonFinite };
  }

  /** One optimiser step down `loss`. Gradients that are not finite are replaced and told, never used as they are. */
  #update(loss: Tensor, parameters: ReadonlyMap<string, Tensor>, optimiser: Adam, label: string): NonFinite[] {
    const names = [...parameters.keys()];
    const found = grad(loss, [...parameters.values()], { allowUnused: true });
    const gradients = new Map<string, Tensor>();
    for (const [i, gradient] of found.entries()) if (gradient !== null) gradients.set(names[i] as string, gradient);
    // A sum is finite only if its terms are: one small read instead of a pass over every gradient.
    const sums = stack([...gradients.values()].map((gradient) => gradient.detach().sum())).toFloat32Array();
    const nonFinite: NonFinite[] = [];
    for (const [i, [name, gradient]] of [...gradients].entries()) {
      if (Number.isFinite(sums[i])) continue;
      const count = countNonFinite(gradient);
      if (count === 0) continue; // only the sum overflowed
      nonFinite.push({ tensor: `${label}: ${name}`, count });
      noGrad(() => gradient.nanToNum_(0, GRADIENT_LIMIT, -GRADIENT_LIMIT));
    }
    optimiser.step(gradients);
    return nonFinite;
  }

  /** θ_ema ← β θ_ema + (1 − β) θ, with β from the half-life, shorter at the start. */
  #updateEma(batchSize: number): void {
    const { halfLifeKimg, rampUp } = this.config.ema;
    const halfLifeImages = Math.min(halfLifeKimg * 1000, this.imagesSeen * rampUp);
    const beta = 0.5 ** (batchSize / Math.max(halfLifeImages, 1e-8));
    noGrad(() => {
      for (const [name, average] of this.generatorEma.parameters)
        average.lerp_(this.generator.parameters.get(name) as Tensor, 1 - beta);
      for (const [name, buffer] of this.generatorEma.buffers) buffer.copy_(this.generator.buffers.get(name) as Tensor);
    });
  }

  /** The step's only wait for the device, beside the gradients' sums. */
  #statsOf(
    g: { loss: Tensor; nonFinite: NonFinite[] },
    d: { loss: Tensor; realScore: Tensor; fakeScore: Tensor; statistic: Tensor; nonFinite: NonFinite[] },
    r1: { penalty: Tensor; nonFinite: NonFinite[] } | null,
  ): StepStats {
    const scalars = [d.loss, g.loss, d.realScore, d.fakeScore, d.statistic, ...(r1 ? [r1.penalty] : [])];
    const values = stack(scalars.map((scalar) => scalar.reshape([]))).toFloat32Array();
    const [dLoss = 0, gLoss = 0, realScore = 0, fakeScore = 0, statistic = 0, penalty = null] = values;
    if (Number.isFinite(statistic))
      this.minibatchStdMean += (1 - STATISTIC_DECAY) * (statistic - this.minibatchStdMean);
    const nonFinite = [...g.nonFinite, ...d.nonFinite, ...(r1?.nonFinite ?? [])];
    return { dLoss, gLoss, realScore, fakeScore, r1: penalty, nonFinite };
  }
}
