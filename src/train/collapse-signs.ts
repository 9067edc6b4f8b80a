// Signs that a training goes wrong, read from the figures of its last ticks. They warn; they stop nothing.

/** The figures of one tick that signs are read from; those a loop does not measure are left out or null. */
export interface SignFigures {
  readonly kimg: number;
  readonly dLoss: number;
  /** Mean logit of real and of generated images. */
  readonly realScore: number;
  readonly fakeScore: number;
  /** Mean sign of the logits, −1 to 1. */
  readonly realSign?: number | null;
  readonly fakeSign?: number | null;
  /** Probability of each augmentation, where it adapts. */
  readonly augmentP?: number | null;
  /** Mean distance between generated images over that between real ones. */
  readonly diversity?: number | null;
  readonly gradientNorm?: number | null;
  /** Steps since the tick before whose gradients were not finite. */
  readonly nonFiniteSteps?: number;
}

/** What is read from the figures. */
export type SignName =
  | "discriminator-wins"
  | "discriminator-blind"
  | "overfitting"
  | "augmentation-saturated"
  | "low-diversity"
  | "gradient-jump"
  | "non-finite";

/** One sign, in the reader's words. */
export interface CollapseSign {
  readonly sign: SignName;
  /** What is seen, with its figure. */
  readonly text: string;
  /** What to try. */
  readonly advice: string;
}

/** Signs are read from the median of so many ticks: single batches of a GAN swing wildly without meaning anything. */
const WINDOW = 8;
/**
 * At this distance of mean logits the discriminator gives e⁵ ≈ 150 to 1 for the right answer on both sides. Its own gradient, σ(−5), is
 * then under 1 % of what it is at indifference, and what it tells the generator rests on the few images that it still gets wrong.
 */
const WIDE_GAP = 10;
/** Logistic loss of a discriminator that always says ½: 2 ln 2. Within 1 % of it, with no gap, it has not learned to tell anything. */
const BLIND_LOSS = 2 * Math.LN2;
const BLIND_GAP = 0.05;
/** Every network starts blind; a hundredth of the usual minimum of 1,000 kimg is enough to see something. */
const BLIND_AFTER_KIMG = 10;
/** Karras et al. (2020, ADA) steer augmentation towards 0.6, where real images are not yet known by heart; 0.9 means 95 % of real images are called real. */
const OVERFIT_SIGN = 0.9;
/** Above p ≈ 0.8 augmentations start to leak into generated images (ADA's practical limit). */
const LEAKY_P = 0.8;
/** An untrained generator makes near copies, so a low figure alone means nothing early on. */
const DIVERSITY_AFTER_KIMG = 20;
/** Generated images differ less than a third as much as real ones: more than truncation to 0.5 would do. */
const LOW_DIVERSITY = 0.33;
/** A fall to half of the best so far is a sign at any time: variety that was there is going. What was more than real images' was noise. */
const DIVERSITY_FALL = 0.5;
/** Adam divides by the gradient's usual size, so that a jump by this factor is that many steps' worth in one. */
const GRADIENT_JUMP = 20;
const MIN_HISTORY = 3;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

/** The measured values of one figure, in order. */
const valuesOf = (history: readonly SignFigures[], key: keyof SignFigures): number[] =>
  history.map((figures) => figures[key]).filter((value): value is number => Number.isFinite(value));

/** Median over the last ticks; null where the figure was hardly measured. */
function recent(history: readonly SignFigures[], key: keyof SignFigures): number | null {
  const values = valuesOf(history, key).slice(-WINDOW);
  return values.length >= MIN_HISTORY ? median(values) : null;
}

type Reader = (history: readonly SignFigures[], logistic: boolean) => CollapseSign | null;

const discriminatorWins: Reader = (history, logistic) => {
  const [real, fake] = [recent(history, "realScore"), recent(history, "fakeScore")];
  if (!logistic || real === null || fake === null || real - fake < WIDE_GAP) return null;
  return {
    sign: "discriminator-wins",
    text: `logits of real and generated images lie ${(real - fake).toFixed(1)} apart: the discriminator wins`,
    advice: "raise loss.r1Gamma, or lower optimiser.learningRate",
  };
};

const discriminatorBlind: Reader = (history, logistic) => {
  const [real, fake, loss] = [recent(history, "realScore"), recent(history, "fakeScore"), recent(history, "dLoss")];
  if (!logistic || real === null || fake === null || loss === null) return null;
  if (history.at(-1)!.kimg < BLIND_AFTER_KIMG) return null;
  if (Math.abs(real - fake) > BLIND_GAP || Math.abs(loss / BLIND_LOSS - 1) > 0.01) return null;
  return {
    sign: "discriminator-blind",
    text: `the discriminator cannot tell real from generated images (loss ${loss.toFixed(2)})`,
    advice: "lower loss.r1Gamma, unless the samples look real",
  };
};

const overfitting: Reader = (history) => {
  const [real, fake, p] = [recent(history, "realSign"), recent(history, "fakeSign"), recent(history, "augmentP")];
  if (real === null || real < OVERFIT_SIGN || (fake !== null && fake > -OVERFIT_SIGN)) return null;
  if (p !== null && p < LEAKY_P) return null; // the augmentation is still on its way up
  return {
    sign: "overfitting",
    text: `${Math.round((100 * (real + 1)) / 2)} % of real images are called real: the discriminator may know them by heart`,
    advice: p === null ? 'set augment.kind to "adaptive", or import more images' : "import more images, or stop here",
  };
};

const augmentationSaturated: Reader = (history) => {
  const p = recent(history, "augmentP");
  if (p === null || p < LEAKY_P) return null;
  return {
    sign: "augmentation-saturated",
    text: `augmentation probability is ${p.toFixed(2)}; above ${LEAKY_P} it leaks into generated images`,
    advice: "import more images, or take a checkpoint from before",
  };
};

const lowDiversity: Reader = (history) => {
  const now = recent(history, "diversity");
  if (now === null) return null;
  const best = Math.max(...valuesOf(history, "diversity"));
  const isLow = history.at(-1)!.kimg >= DIVERSITY_AFTER_KIMG && now < LOW_DIVERSITY;
  const hasFallen = now < DIVERSITY_FALL * Math.min(best, 1) && history.length > WINDOW;
  if (!isLow && !hasFallen) return null;
  return {
    sign: "low-diversity",
    text: `generated images differ ${now.toFixed(2)} times as much as real ones${hasFallen ? `, from ${best.toFixed(2)}` : ""}: they grow alike`,
    advice: "look at the samples; go back to an earlier checkpoint with a higher loss.r1Gamma",
  };
};

const gradientJump: Reader = (history) => {
  const norms = valuesOf(history, "gradientNorm");
  const before = norms.slice(-1 - WINDOW, -1);
  const now = norms.at(-1);
  if (now === undefined || before.length < MIN_HISTORY || now < GRADIENT_JUMP * median(before)) return null;
  return {
    sign: "gradient-jump",
    text: `gradients are ${Math.round(now / median(before))} times as large as before`,
    advice: "lower optimiser.learningRate if it comes again",
  };
};

const nonFinite: Reader = (history) => {
  const count = valuesOf(history.slice(-WINDOW), "nonFiniteSteps").reduce((sum, n) => sum + n, 0);
  if (count === 0) return null;
  return {
    sign: "non-finite",
    text: `${count} recent ${count === 1 ? "step" : "steps"} had gradients that are not finite`,
    advice: "lower optimiser.learningRate; a long row of them ends the run",
  };
};

const READERS: readonly Reader[] = [
  ...[nonFinite, discriminatorWins, lowDiversity, augmentationSaturated, overfitting, gradientJump, discriminatorBlind],
];

/**
 * Signs of collapse in a run's ticks, the gravest first; empty when all is well or too little is known yet.
 * @param history ticks, oldest first; a few hundred are plenty.
 * @param options `logistic`: false for losses whose logits have no scale of their own (WGAN-GP). @default true
 * @example
 * ```ts
 * import { collapseSigns } from "gan-dl/train";
 * const tick = { kimg: 40, dLoss: 0.01, realScore: 9, fakeScore: -8 };
 * const [sign] = collapseSigns([tick, tick, tick]);
 * console.assert(sign?.sign === "discriminator-wins" && sign.text.includes("17.0 apart"));
 * ```
 */
export function collapseSigns(
  history: readonly SignFigures[],
  { logistic = true }: { readonly logistic?: boolean } = {},
): CollapseSign[] {
  if (history.length === 0) return [];
  return READERS.map((read) => read(history, logistic)).filter((sign) => sign !== null);
}
