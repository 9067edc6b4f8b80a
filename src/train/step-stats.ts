// What a step of training tells of itself.

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
  /** Mean sign of the scores. */
  readonly realSign: number;
  readonly fakeSign: number;
  /** Mean difference between generated images over that between real ones. */
  readonly diversity: number;
  /** The first penalty on the slope, unweighted, at steps where it is due, else null. */
  readonly r1: number | null;
  /** Running mean of path lengths; null where that regularisation is off. */
  readonly pathLength: number | null;
  readonly nonFinite: readonly NonFinite[];
}
