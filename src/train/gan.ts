// Everything that is trained, and one step of it.
import { SeededRandom } from "../core/index.ts";
import type { ImageBatch } from "../data/index.ts";
import { copyOfGenerator, Discriminator, drawLatents, Generator } from "../models/index.ts";
import type { ResolvedTrainConfig, StyleGan2Shape } from "../schema/index.ts";
import {
  Adam,
  cat,
  countNonFinite,
  finiteWhereTerms,
  fromArray,
  grad,
  lerpEach,
  noGrad,
  Rng,
  rand,
  stack,
  type Tensor,
  TensorScope,
  tidy,
} from "../tensor/index.ts";
import { Augmenter } from "./augment/index.ts";
import { networkInput, spreadOf } from "./network-input.ts";
import { type Objective, objectiveOf } from "./objectives/index.ts";
import { pathLengths, squaredSlope } from "./slope.ts";
import type { NonFinite, StepStats } from "./step-stats.ts";

/** Gradients that are not finite are replaced by these and counted (docs/methods.md §2.2). */
const GRADIENT_LIMIT = 1e5;
/** How fast the recorded minibatch statistic forgets: about the last hundred batches. */
const STATISTIC_DECAY = 0.99;

/** The network sizes that a configuration asks for. */
export function shapeOf(config: ResolvedTrainConfig, imageChannels: number, nClasses = 0): StyleGan2Shape {
  const { styleMixing: _mixing, noise: _noise, labels: _labels, ...model } = config.model;
  const shape = { ...model, resolutionPx: config.data.resolutionPx, imageChannels };
  return nClasses > 0 ? { ...shape, nClasses } : shape;
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
  /** Running mean of path lengths. */
  pathLengthMean = 0;
  /** Adaptive augmentation, or null. */
  readonly augmenter: Augmenter | null;
  readonly #objective: Objective;

  /** @param nClasses labels that both networks are told. @default 0 */
  constructor(config: ResolvedTrainConfig, imageChannels: number, nClasses = 0) {
    this.config = config;
    this.shape = shapeOf(config, imageChannels, nClasses);
    this.#objective = objectiveOf(config.loss);
    this.rng = new Rng(config.seed, config.device);
    this.mixing = SeededRandom.forPart(config.seed, "style mixing");
    this.augmenter = config.augment.kind === "ada" ? new Augmenter(config.augment, config.seed) : null;
    this.generator = new Generator(this.shape, this.rng, config.precision);
    this.discriminator = new Discriminator(this.shape, this.rng, config.precision);
    this.generatorEma = copyOfGenerator(this.generator, new Rng(config.seed, config.device));
    const { pathLength } = config;
    this.optimiserG = this.#adam(this.generator, pathLength.weight > 0 ? pathLength.everySteps : 1);
    this.optimiserD = this.#adam(
      this.discriminator,
      this.#objective.penalties.length > 0 ? this.#objective.penaltyEverySteps : 1,
    );
  }

  /** Lazy regularisation makes k + 1 updates in k steps; step size and decays are corrected for it (Karras et al. 2020, app. B). */
  #adam(network: Generator | Discriminator, everySteps: number): Adam {
    const { learningRate, beta1, beta2, epsilon } = this.config.optimiser;
    const c = everySteps > 1 ? everySteps / (everySteps + 1) : 1;
    return new Adam(network.parameters, {
      learningRate: learningRate * c,
      beta1: beta1 ** c,
      beta2: beta2 ** c,
      epsilon,
    });
  }

  dispose(): void {
    for (const part of [this.generator, this.generatorEma, this.discriminator, this.optimiserG, this.optimiserD])
      part.dispose();
  }

  /**
   * Trains on one batch of real images in stored grey levels (borrowed): generator, path length, discriminator, penalties, average.
   * @param classes the class of each image, where the networks are told them.
   * @param whileBusy called once, while a card computes the generator's gradients; the batch is no longer read.
   */
  trainStep(batch: ImageBatch, classes: Int32Array | null = null, whileBusy = () => {}): StepStats {
    using _scope = new TensorScope();
    const real = this.#imagesOf(batch);
    const n = batch.shape[0];
    const labels = classes && this.labelsOf(classes);
    // Each part frees its feature maps before the next one makes its own: the peak is the largest, not the sum.
    const g = tidy(() => this.#generatorStep(real, labels, whileBusy));
    const { pathLength } = this.config;
    const pathDue = pathLength.weight > 0 && this.step % pathLength.everySteps === 0;
    const path = pathDue ? tidy(() => this.#pathLengthStep(n, labels)) : null;
    const penaltyDue = this.#objective.penalties.length > 0 && this.step % this.#objective.penaltyEverySteps === 0;
    const joint = penaltyDue && this.#objective.penaltyEverySteps === 1;
    const d = tidy(() => this.#discriminatorStep(real, labels, joint));
    const lazy = penaltyDue && !joint ? tidy(() => this.#penaltyStep(real, labels)) : null;
    this.step++;
    this.imagesSeen += n;
    this.#updateEma(n);
    return this.#statsOf(g, d, lazy, path);
  }

  /** The minibatch statistic of real images before the first step, so that the untrained encoder has its constant too. */
  measureStatistic(batch: ImageBatch, classes: Int32Array | null = null): void {
    using _scope = new TensorScope();
    const labels = classes && this.labelsOf(classes);
    const { statistic } = noGrad(() => this.discriminator.score(this.#imagesOf(batch), { labels }));
    this.minibatchStdMean = statistic.mean().item();
  }

  /** Classes by number to one 1 a row, `[n,nClasses]`. */
  labelsOf(classes: Int32Array): Tensor {
    const width = this.shape.nClasses ?? 0;
    const rows = new Float32Array(classes.length * width);
    for (const [i, value] of classes.entries()) rows[i * width + value] = 1;
    return fromArray(rows, [classes.length, width]).to({ device: this.config.device });
  }

  #imagesOf(batch: ImageBatch): Tensor {
    return networkInput(batch, this.config.data.input, this.config.device);
  }

  /** Scores of images as the discriminator is shown them: augmented, real and generated ones alike. */
  #score(images: Tensor, options: { parts?: number; labels: Tensor | null }) {
    return this.discriminator.score(this.augmenter ? this.augmenter.augment(images) : images, options);
  }

  /** Styles of n images, with a second latent from a random layer on in a share of the steps (style mixing). */
  #drawStyles(n: number, labels: Tensor | null): { ws: Tensor; w: Tensor } {
    const w = this.generator.map(drawLatents(this.shape, n, this.rng), labels);
    const mix = this.mixing.uniform() < this.config.model.styleMixing;
    const cut = 1 + this.mixing.integer(this.generator.numWs - 1);
    if (!mix) return { ws: this.generator.broadcast(w), w };
    const second = this.generator.map(drawLatents(this.shape, n, this.rng), labels);
    return { ws: this.generator.broadcast(w, second, cut), w };
  }

  #synthesise(ws: Tensor): Tensor {
    return this.generator.synthesise(ws, { noise: this.config.model.noise, rng: this.rng });
  }

  #generatorStep(real: Tensor, labels: Tensor | null, whileBusy: () => void) {
    const n = real.shape[0] ?? 0;
    const { ws, w } = this.#drawStyles(n, labels);
    const { score } = this.#score(this.#synthesise(ws), { labels });
    const realScore = this.#objective.generatorSeesReal ? noGrad(() => this.#score(real, { labels }).score) : score;
    const loss = this.#objective.generator(score, realScore);
    const nonFinite = this.#update(loss, this.generator.parameters, this.optimiserG, "generator", whileBusy);
    this.generator.trackStyle(w);
    return { loss: loss.detach(), nonFinite };
  }

  /** Holds the lengths by which images move with their styles near their running mean (Karras et al. 2020, §3.2). */
  #pathLengthStep(n: number, labels: Tensor | null) {
    const { weight, everySteps, decay, batchDivisor } = this.config.pathLength;
    const part = Math.max(1, Math.floor(n / batchDivisor));
    const { ws } = this.#drawStyles(part, labels?.narrow(0, 0, part) ?? null);
    const lengths = pathLengths(this.#synthesise(ws), ws, this.rng);
    const mean = lengths
      .mean()
      .mul(decay)
      .add(this.pathLengthMean * (1 - decay));
    const penalty = lengths.sub(mean).square().mean();
    const loss = penalty.mul(weight * everySteps);
    const nonFinite = this.#update(loss, this.generator.parameters, this.optimiserG, "generator path length");
    return { mean: mean.detach(), nonFinite };
  }

  #discriminatorStep(real: Tensor, labels: Tensor | null, withPenalties: boolean) {
    const n = real.shape[0] ?? 0;
    const generated = noGrad(() => this.#synthesise(this.#drawStyles(n, labels).ws));
    // One pass over both; the minibatch statistic of each half is its own.
    const both = { parts: 2, labels: labels && cat([labels, labels]) };
    const { score, statistic } = this.#score(cat([real, generated]), both);
    const [realScore, fakeScore] = [score.narrow(0, 0, n), score.narrow(0, n, n)];
    const loss = this.#objective.discriminator(realScore, fakeScore);
    const penalties = withPenalties ? this.#penalties(real, generated, labels) : null;
    const total = penalties === null ? loss : loss.add(penalties.total);
    const nonFinite = this.#update(total, this.discriminator.parameters, this.optimiserD, "discriminator");
    return {
      loss: loss.detach(),
      realScore: realScore.detach(),
      fakeScore: fakeScore.detach(),
      statistic: statistic.detach().narrow(0, 0, n).mean(),
      diversity: noGrad(() => spreadOf(generated).div(spreadOf(real).add(1e-8))),
      penalty: penalties?.first ?? null,
      nonFinite,
    };
  }

  /** Penalties as an update of their own, every so many steps with as many times the weight. */
  #penaltyStep(real: Tensor, labels: Tensor | null) {
    const needsGenerated = this.#objective.penalties.some(({ at }) => at !== "real");
    const generated = needsGenerated
      ? noGrad(() => this.#synthesise(this.#drawStyles(real.shape[0] ?? 0, labels).ws))
      : real;
    const { total, first } = this.#penalties(real, generated, labels);
    const loss = total.mul(this.#objective.penaltyEverySteps);
    const label = `discriminator ${this.#objective.penalties[0]?.name}`;
    return { penalty: first, nonFinite: this.#update(loss, this.discriminator.parameters, this.optimiserD, label) };
  }

  /** The weighted sum of the penalties, and the first one by itself. */
  #penalties(real: Tensor, generated: Tensor, labels: Tensor | null): { total: Tensor; first: Tensor } {
    const values = this.#objective.penalties.map(({ at, of, weight }) => {
      const image = (at === "real" ? real : at === "generated" ? generated : this.#between(real, generated)).detach();
      image.setRequiresGrad(true);
      const value = of(squaredSlope(image, this.#score(image, { labels }).score));
      return { value, weighted: value.mul(weight) };
    });
    const [first, ...others] = values;
    if (first === undefined) throw new Error("internal: a loss without penalties was asked for them");
    return {
      total: others.reduce((sum, { weighted }) => sum.add(weighted), first.weighted),
      first: first.value.detach(),
    };
  }

  /** A random point on the line between each real image and a generated one. */
  #between(real: Tensor, generated: Tensor): Tensor {
    const share = rand([real.shape[0] ?? 0, 1, 1, 1], { rng: this.rng });
    return real.add(generated.sub(real).mul(share));
  }

  /** One optimiser step down `loss`. Gradients that are not finite are replaced and told, never used as they are. */
  #update(
    loss: Tensor,
    parameters: ReadonlyMap<string, Tensor>,
    optimiser: Adam,
    label: string,
    whileBusy = () => {},
  ): NonFinite[] {
    const names = [...parameters.keys()];
    const found = grad(loss, [...parameters.values()], { allowUnused: true });
    const gradients = new Map<string, Tensor>();
    for (const [i, gradient] of found.entries()) if (gradient !== null) gradients.set(names[i] as string, gradient);
    whileBusy(); // a card has all of the gradients to compute, and the next line waits for it
    // A sum is finite only if its terms are: one small read instead of a pass over every gradient.
    const sums = finiteWhereTerms([...gradients.values()]);
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
    const averages = [...this.generatorEma.parameters.values()];
    const ends = [...this.generatorEma.parameters.keys()].map((name) => this.generator.parameters.get(name) as Tensor);
    lerpEach(averages, ends, 1 - beta);
    noGrad(() => {
      for (const [name, buffer] of this.generatorEma.buffers) buffer.copy_(this.generator.buffers.get(name) as Tensor);
    });
  }

  /** The step's only wait for the device, beside the gradients' sums. */
  #statsOf(g: GeneratorPart, d: DiscriminatorPart, lazy: PenaltyPart | null, path: PathPart | null): StepStats {
    const penalty = lazy?.penalty ?? d.penalty;
    const means = [d.realScore, d.fakeScore, d.realScore.sign(), d.fakeScore.sign()].map((score) => score.mean());
    const scalars = [d.loss, g.loss, ...means, d.statistic, d.diversity, path?.mean ?? d.loss, penalty ?? d.loss];
    const values = stack(scalars.map((scalar) => scalar.reshape([]))).toFloat32Array();
    const [dLoss = 0, gLoss = 0, realScore = 0, fakeScore = 0, realSign = 0, fakeSign = 0] = values;
    const [statistic = 0, diversity = 0, pathMean = 0, r1 = 0] = values.subarray(6);
    if (Number.isFinite(statistic))
      this.minibatchStdMean += (1 - STATISTIC_DECAY) * (statistic - this.minibatchStdMean);
    if (path !== null && Number.isFinite(pathMean)) this.pathLengthMean = pathMean;
    if (Number.isFinite(realSign)) this.augmenter?.observe(realSign, d.realScore.size);
    return {
      ...{ dLoss, gLoss, realScore, fakeScore, realSign, fakeSign, diversity },
      r1: penalty === null ? null : r1,
      pathLength: this.config.pathLength.weight > 0 ? this.pathLengthMean : null,
      nonFinite: [g, path, d, lazy].flatMap((part) => part?.nonFinite ?? []),
    };
  }
}

interface Part {
  readonly nonFinite: readonly NonFinite[];
}
interface GeneratorPart extends Part {
  readonly loss: Tensor;
}
interface PathPart extends Part {
  readonly mean: Tensor;
}
interface PenaltyPart extends Part {
  readonly penalty: Tensor;
}
interface DiscriminatorPart extends Part {
  readonly loss: Tensor;
  readonly realScore: Tensor;
  readonly fakeScore: Tensor;
  readonly statistic: Tensor;
  readonly diversity: Tensor;
  readonly penalty: Tensor | null;
}
