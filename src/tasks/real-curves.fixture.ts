// What LL.4 gives on sixteen real data sets, all rows of a file as one curve, by another implementation than ours.
//
// Obtained with SciPy 1.17.1: for 60 steepnesses (0.05 to 30, logarithmic) × 181 EC50s (over three times the range of ln dose) both
// levels by linear least squares; from ten of the two hundred best of these, `scipy.optimize.least_squares` at tolerances of 1e-15;
// the best of those. Standard errors: 2·rss/(n − 4) times the inverse of the Hessian of the sum of squares in (b, c, d, e), by
// central differences extrapolated once: what drc prints. R and drc themselves were not run.

/** A fit in drc's letters: steepness b, level c at infinite dose, level d at dose 0, EC50 e. */
export interface RealCurve {
  readonly file: string;
  readonly dose: string;
  readonly response: string;
  readonly n: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  /** Of b, c, d, e. */
  readonly errors: readonly [number, number, number, number];
}

export const REAL_CURVES: readonly RealCurve[] = [
  {
    ...{ file: "M.bahia.csv", dose: "conc", response: "dryweight", n: 40 },
    ...{ b: 3.6729511, c: 0.246912703, d: 0.632895789, e: 1.71666536 },
    errors: [0.94467, 0.022603, 0.015719, 0.26971],
  },
  {
    ...{ file: "P.promelas.csv", dose: "conc", response: "dryweight", n: 24 },
    ...{ b: 0.793696851, c: -589.394076, d: 0.71119515, e: 9668463.14 },
    errors: [0.26588, 52871, 0.02565, 1.0943e9],
  },
  {
    ...{ file: "S.alba.csv", dose: "Dose", response: "DryMatter", n: 68 },
    ...{ b: 2.61650134, c: 0.790372476, d: 3.88832499, e: 39.4532867 },
    errors: [0.68431, 0.14863, 0.12217, 4.0872],
  },
  {
    ...{ file: "algae.csv", dose: "conc", response: "vol", n: 14 },
    ...{ b: 1.27277828, c: -1.4556923, d: 105.483866, e: 6.06167588 },
    errors: [0.19311, 2.402, 2.8096, 0.69425],
  },
  {
    ...{ file: "barley.csv", dose: "Dose", response: "weight", n: 18 },
    ...{ b: 9.77095763, c: 11.1282884, d: 52.0459154, e: 286.548083 },
    errors: [46.028, 3.7804, 3.2662, 222.08],
  },
  {
    ...{ file: "drc_test3_dat1.csv", dose: "conc", response: "response", n: 24 },
    ...{ b: 1.33290855, c: 3.51081131, d: 0.331671075, e: 202.924831 },
    errors: [0.045367, 0.08225, 0.01165, 8.9753],
  },
  {
    ...{ file: "drc_test3_dat2.csv", dose: "conc", response: "response", n: 24 },
    ...{ b: 1.2463412, c: 3.84221778, d: 0.344972314, e: 210.530853 },
    errors: [0.038054, 0.086764, 0.011557, 9.2883],
  },
  {
    ...{ file: "heartrate.csv", dose: "pressure", response: "rate", n: 18 },
    ...{ b: 23.6782991, c: 143.468418, d: 336.583856, e: 75.4224707 },
    errors: [4.3207, 7.9506, 6.0571, 0.51477],
  },
  {
    ...{ file: "leaflength.csv", dose: "Dose", response: "DW", n: 42 },
    ...{ b: 0.914385871, c: 1.40683628, d: 16.789776, e: 26.2590615 },
    errors: [0.40567, 3.2414, 1.1009, 28.531],
  },
  {
    ...{ file: "lemna.csv", dose: "conc", response: "frond.num", n: 44 },
    ...{ b: 0.803780151, c: 25.1253889, d: 65.674215, e: 10.0538335 },
    errors: [0.13342, 4.1003, 1.091, 3.21],
  },
  {
    ...{ file: "lettuce.csv", dose: "conc", response: "weight", n: 14 },
    ...{ b: 1.38331216, c: 0.372179773, d: 1.10107132, e: 8.60712825 },
    errors: [0.64727, 0.14119, 0.064231, 5.1755],
  },
  {
    ...{ file: "nasturtium.csv", dose: "conc", response: "wt", n: 42 },
    ...{ b: 1.39677846, c: 22.7332419, d: 896.590477, e: 1.50924387 },
    errors: [0.3077, 130.83, 15.796, 0.38914],
  },
  {
    ...{ file: "secalonic.csv", dose: "dose", response: "rootl", n: 7 },
    ...{ b: 2.65418519, c: 0.0917775602, d: 5.52975397, e: 0.0803547112 },
    errors: [0.69623, 0.37473, 0.20103, 0.007883],
  },
  {
    ...{ file: "spinach.csv", dose: "DOSE", response: "SLOPE", n: 105 },
    ...{ b: 1.44429037, c: 0.286907463, d: 1.74774166, e: 0.235403204 },
    errors: [0.29496, 0.055131, 0.062857, 0.045659],
  },
  {
    ...{ file: "terbuthylazin.csv", dose: "dose", response: "rgr", n: 30 },
    ...{ b: 1.24772475, c: 0.000860118331, d: 0.306933468, e: 189.105071 },
    errors: [0.23538, 0.024889, 0.0096071, 37.699],
  },
  {
    ...{ file: "vinclozolin.csv", dose: "conc", response: "effect", n: 53 },
    ...{ b: 0.607568729, c: 191.666532, d: 1960.73062, e: 0.0551069757 },
    errors: [0.32894, 334.15, 163.54, 0.041214],
  },
];
