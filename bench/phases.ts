// The phases of a training step one by one, from a Gan's public parts. `Gan.trainStep` runs them together; phases.test.ts holds that
// these leave the same weights, bit for bit, so that what is measured here is what training does.
import { drawLatents } from "gan-dl/models";
import { cat, grad, noGrad, type Rng, type Tensor, tidy } from "gan-dl/tensor";
import { discriminatorLoss, type Gan, generatorLoss, pathLengths, r1Penalty } from "gan-dl/train";
import type { Phase } from "./arithmetic.ts";

/** Each phase as a function of real images `[n,c,r,r]` in [−1, 1]; it updates the Gan's weights. */
export function phasesOf(gan: Gan): Record<Phase, (real: Tensor) => void> {
  return {
    generator: (real) => tidy(() => generatorPhase(gan, real.shape[0] ?? 0)),
    "path-length": (real) => tidy(() => pathLengthPhase(gan, real.shape[0] ?? 0)),
    discriminator: (real) => tidy(() => discriminatorPhase(gan, real)),
    r1: (real) => tidy(() => r1Phase(gan, real)),
  };
}

function drawStyles(gan: Gan, n: number): { ws: Tensor; w: Tensor } {
  const { generator, shape, rng, mixing, config } = gan;
  const w = generator.map(drawLatents(shape, n, rng));
  const mix = mixing.uniform() < config.model.styleMixing;
  const cut = 1 + mixing.integer(generator.numWs - 1);
  const second = mix ? generator.map(drawLatents(shape, n, rng)) : null;
  return { ws: generator.broadcast(w, second, cut), w };
}

const synthesise = ({ generator, config }: Gan, ws: Tensor, rng: Rng): Tensor =>
  generator.synthesise(ws, { noise: config.model.noise, rng });

function generatorPhase(gan: Gan, n: number): void {
  const { ws, w } = drawStyles(gan, n);
  const { score } = gan.discriminator.score(synthesise(gan, ws, gan.rng));
  update(gan, "generator", generatorLoss(score));
  gan.generator.trackStyle(w);
}

function pathLengthPhase(gan: Gan, n: number): void {
  const { weight, everySteps, decay, batchDivisor } = gan.config.pathLength;
  const { ws } = drawStyles(gan, Math.max(1, Math.floor(n / batchDivisor)));
  const lengths = pathLengths(synthesise(gan, ws, gan.rng), ws, gan.rng);
  const mean = lengths
    .mean()
    .mul(decay)
    .add(gan.pathLengthMean * (1 - decay));
  update(
    gan,
    "generator",
    lengths
      .sub(mean)
      .square()
      .mean()
      .mul(weight * everySteps),
  );
}

function discriminatorPhase(gan: Gan, real: Tensor): void {
  const n = real.shape[0] ?? 0;
  const generated = noGrad(() => synthesise(gan, drawStyles(gan, n).ws, gan.rng));
  const { score } = gan.discriminator.score(cat([real, generated]), { parts: 2 });
  update(gan, "discriminator", discriminatorLoss(score.narrow(0, 0, n), score.narrow(0, n, n)));
}

function r1Phase(gan: Gan, real: Tensor): void {
  const { loss } = gan.config;
  if (loss.kind !== "logistic") throw new Error("internal: the bench trains with the logistic loss");
  const image = real.detach().setRequiresGrad(true);
  const penalty = r1Penalty(image, gan.discriminator.score(image).score);
  update(gan, "discriminator", penalty.mul(loss.r1Gamma / 2).mul(loss.r1EverySteps));
}

function update(gan: Gan, which: "generator" | "discriminator", loss: Tensor): void {
  const names = [...gan[which].parameters.keys()];
  const found = grad(loss, [...gan[which].parameters.values()], { allowUnused: true });
  const gradients = new Map<string, Tensor>();
  for (const [i, gradient] of found.entries()) if (gradient !== null) gradients.set(names[i] as string, gradient);
  (which === "generator" ? gan.optimiserG : gan.optimiserD).step(gradients);
}
