import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { doseResponseCurve } from "./dose-response-curve.ts";
import { fitLogLogistic, logLogistic } from "./log-logistic.ts";

const folder = join(process.env.GANDL_SHARED_DATA ?? "../shared/data", "reference/dose-response");
const columns = (file: string, x: string, y: string) => {
  const [head, ...lines] = readFileSync(join(folder, file), "utf8").trim().split(/\r?\n/);
  const names = head!.split(",");
  const rows = lines.map((line) => line.split(",")).filter((row) => row[names.indexOf(y)] !== "");
  const pick = (name: string) => rows.map((row) => Number(row[names.indexOf(name)]));
  return [pick(x), pick(y)] as const;
};
/** Equal to as many digits as the reference prints. */
const near = (got: number, want: number, relative = 2e-5) => expect(Math.abs(got / want - 1)).toBeLessThan(relative);

describe.skipIf(!existsSync(folder))("against published fits (reference/dose-response)", () => {
  const published = existsSync(folder) ? JSON.parse(readFileSync(join(folder, "published_values.json"), "utf8")) : {};

  it("ryegrass LL.4: estimates, standard errors, AIC and the EC50's error equal R's drc", () => {
    const [dose, response] = columns("ryegrass.csv", "conc", "rootl");
    const want = published.ryegrass_LL4;
    const fit = fitLogLogistic(dose, response)!;
    near(fit.hill, want.estimate.b);
    near(fit.atInfinity, want.estimate.c);
    near(fit.atZero, want.estimate.d);
    near(fit.ec50, want.estimate.e);
    near(fit.standardErrors!.hill, want.std_error.b, 2e-4);
    near(fit.standardErrors!.atInfinity, want.std_error.c, 2e-4);
    near(fit.standardErrors!.atZero, want.std_error.d, 2e-4);
    near(fit.standardErrors!.ec50, want.std_error.e, 2e-4);
    near(Math.sqrt(fit.rss / (fit.nPoints - 4)), want.residual_se, 1e-6);
    const n = fit.nPoints;
    near(n * Math.log((2 * Math.PI * fit.rss) / n) + n + 2 * 5, want.AIC, 1e-6);
  });

  it("ryegrass LL.3, the lower level held at 0, equals R's drc", () => {
    const [dose, response] = columns("ryegrass.csv", "conc", "rootl");
    const fit = fitLogLogistic(dose, response, { fixed: { atInfinity: 0 } })!;
    near(fit.hill, published.ryegrass_LL3.estimate.b);
    near(fit.atZero, published.ryegrass_LL3.estimate.d);
    near(fit.ec50, published.ryegrass_LL3.estimate.e);
    near(fit.standardErrors!.ec50, published.ryegrass_LL3.std_error.e, 2e-4);
  });

  it("NIST Rat42 equals the certified values to 8 digits", () => {
    const [x, y] = columns("NIST_Rat42.csv", "x", "y");
    const { b1, b2, b3 } = published.NIST_Rat42.estimate;
    const fit = fitLogLogistic(x.map(Math.exp), y, { fixed: { atZero: 0 }, hillRange: [0.01, 1] })!;
    near(fit.atInfinity, b1, 1e-8);
    near(fit.hill, b3, 1e-8);
    near(Math.log(fit.ec50), b2 / b3, 1e-8);
    near(fit.rss, published.NIST_Rat42.rss, 1e-9);
  });

  it("gives ryegrass an EC50 whose interval holds drc's estimate", () => {
    const curve = doseResponseCurve(...columns("ryegrass.csv", "conc", "rootl"));
    expect(curve.refused).toBeNull();
    near(curve.ec50!, 3.05795);
    near(curve.ec50Ci95![0], 3.05795 * Math.exp(-2.085963 * (0.18573 / 3.05795)), 1e-4);
  });

  it("refuses the ill-posed trout set, where only the last dose responds", () => {
    const curve = doseResponseCurve(...columns("ill_posed_O.mykiss.csv", "conc", "weight"));
    expect(curve.ec50).toBeNull();
    expect(curve.refused!.reason.length).toBeGreaterThan(20);
  });

  it("on sixteen further real data sets always answers or refuses, with finite numbers", () => {
    const xy: Record<string, [string, string]> = {
      "M.bahia.csv": ["conc", "dryweight"],
      "P.promelas.csv": ["conc", "dryweight"],
      "S.alba.csv": ["Dose", "DryMatter"],
      "algae.csv": ["conc", "vol"],
      "barley.csv": ["Dose", "weight"],
      "drc_test3_dat1.csv": ["conc", "response"],
      "drc_test3_dat2.csv": ["conc", "response"],
      "heartrate.csv": ["pressure", "rate"],
      "leaflength.csv": ["Dose", "DW"],
      "lemna.csv": ["conc", "frond.num"],
      "lettuce.csv": ["conc", "weight"],
      "nasturtium.csv": ["conc", "wt"],
      "secalonic.csv": ["dose", "rootl"],
      "spinach.csv": ["DOSE", "SLOPE"],
      "terbuthylazin.csv": ["dose", "rgr"],
      "vinclozolin.csv": ["conc", "effect"],
    };
    for (const file of readdirSync(join(folder, "more"))) {
      const [dose, response] = columns(`more/${file}`, ...xy[file]!);
      const curve = doseResponseCurve(dose, response);
      expect(curve.refused === null, file).toBe(curve.ec50 !== null);
      if (curve.ec50Ci95) expect(curve.ec50Ci95.every(Number.isFinite), file).toBe(true);
      if (curve.fit) expect(Number.isFinite(curve.fit.rss), file).toBe(true);
    }
  });
});

const DOSES = [0, 0.01, 0.03, 0.1, 0.3, 1, 3];
const planted = fc.record({
  atZero: fc.double({ min: -3, max: 3, noNaN: true }),
  change: fc.double({ min: 0.5, max: 4, noNaN: true }),
  falls: fc.boolean(),
  ec50: fc.double({ min: 0.03, max: 1, noNaN: true }),
  hill: fc.double({ min: 0.6, max: 3, noNaN: true }),
});

describe("fitLogLogistic", () => {
  it("finds a planted curve again, rising or falling, in any unit of dose and response", () => {
    fc.assert(
      fc.property(planted, fc.constantFrom(1, 1e-6, 1e3), (p, unit) => {
        const curve = { ...p, atInfinity: p.atZero + (p.falls ? -p.change : p.change), ec50: p.ec50 * unit };
        const dose = DOSES.map((d) => d * unit);
        const fit = fitLogLogistic(
          dose,
          dose.map((d) => unit * logLogistic(curve, d)),
        )!;
        near(fit.ec50, curve.ec50, 1e-6);
        near(fit.hill, curve.hill, 1e-6);
        expect(Math.abs(fit.atZero / unit - curve.atZero)).toBeLessThan(1e-6);
        expect(Math.abs(fit.atInfinity / unit - curve.atInfinity)).toBeLessThan(1e-5);
      }),
    );
  });

  it("holds steepness at its limit and says so", () => {
    const curve = { atZero: 1, atInfinity: 0, ec50: 0.2, hill: 9 };
    const fit = fitLogLogistic(
      DOSES,
      DOSES.map((d, i) => logLogistic(curve, d) + (i % 2) * 0.01),
    )!;
    expect(fit.hillAtLimit).toBe(true);
    expect(fit.hill).toBeCloseTo(5, 5);
    expect(fit.nFree).toBe(3);
    expect(fit.ec50).toBeGreaterThan(0.1);
    expect(fit.ec50).toBeLessThan(0.3);
  });

  it("returns null where there is nothing to fit", () => {
    expect(fitLogLogistic([0, 0, 1, 1], [1, 2, 3, 4])).toBeNull(); // one dose
    expect(fitLogLogistic([1, 2, 3], [1, 2, 3])).toBeNull(); // fewer points than parameters
    expect(fitLogLogistic([1, 2, 3, 4], [2, 2, 2, 2])).toBeNull(); // no response
    expect(fitLogLogistic([], [])).toBeNull();
  });
});

/** Wells of a compound over the doses, with noise. */
const wells = (curve: Parameters<typeof logLogistic>[0], noise: number, seed: number, replicates = 8) => {
  const random = new SeededRandom(seed);
  const dose = DOSES.flatMap((d) => new Array<number>(replicates).fill(d));
  return [dose, dose.map((d) => logLogistic(curve, d) + noise * random.normal())] as const;
};

describe("doseResponseCurve", () => {
  it("its 95 % interval holds the planted EC50 in about 95 of 100 noisy screens", () => {
    const curve = { atZero: 1, atInfinity: 0.1, ec50: 0.2, hill: 1.3 };
    let held = 0;
    let given = 0;
    for (let seed = 0; seed < 100; seed++) {
      const found = doseResponseCurve(...wells(curve, 0.1, seed));
      if (!found.ec50Ci95) continue;
      given++;
      if (found.ec50Ci95[0] < 0.2 && 0.2 < found.ec50Ci95[1]) held++;
    }
    expect(given).toBeGreaterThan(95); // a clear curve is seldom refused
    expect(held / given).toBeGreaterThan(0.9);
    expect(held / given).toBeLessThan(1); // an interval that never fails is too wide
  });

  it("gives at most one EC50 in fifty flat responses", () => {
    const flat = { atZero: 1, atInfinity: 1, ec50: 0.2, hill: 1 };
    let called = 0;
    for (let seed = 0; seed < 50; seed++) if (doseResponseCurve(...wells(flat, 0.15, seed)).ec50 !== null) called++;
    expect(called).toBeLessThanOrEqual(1);
  });

  it.each([
    ["too-few-doses", [0, 1, 2, 3], [1, 0.8, 0.4, 0.1], /3 doses in 4 wells; a curve needs 4 doses and 6 wells/],
    ["flat", DOSES, [1, 1, 1, 1, 1, 1, 1], /does not vary at all/],
    ["flat", DOSES, [1, 1.2, 0.9, 1.1, 1, 0.8, 1.05], /a flat line explains the wells as well \(F-test p = 0\.\d+\)/],
    [
      "outside-range",
      DOSES,
      [1, 0.99, 1, 0.99, 0.985, 0.955, 0.83],
      /half of the change lies above the highest dose, 3/,
    ],
    [
      "outside-range",
      DOSES,
      [1, 0.12, 0.1, 0.11, 0.09, 0.1, 0.1],
      /half of the change lies below the lowest dose, 0\.01/,
    ],
  ] as const)("refuses: %s", (code, dose, response, reason) => {
    const curve = doseResponseCurve(dose, response);
    expect(curve.refused?.code).toBe(code);
    expect(curve.refused?.reason).toMatch(reason);
    expect(curve.ec50).toBeNull();
  });
});
