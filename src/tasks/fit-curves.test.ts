import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { fitCurves } from "./fit-curves.ts";
import { REAL_CURVES } from "./real-curves.fixture.ts";

const folder = join(process.env.GANDL_SHARED_DATA ?? "../shared/data", "reference/dose-response");
function columns(file: string, ...wanted: string[]): string[][] {
  const [head, ...lines] = readFileSync(join(folder, file), "utf8").trim().split(/\r?\n/);
  const names = head!.split(",");
  return wanted.map((name) => lines.map((line) => line.split(",")[names.indexOf(name)]!));
}

describe.skipIf(!existsSync(folder))("plain tables (reference/dose-response)", () => {
  it("ryegrass: estimates and observed-Hessian errors as R's drc prints them", () => {
    const published = JSON.parse(readFileSync(join(folder, "published_values.json"), "utf8")).ryegrass_LL4;
    const [dose, response] = columns("ryegrass.csv", "conc", "rootl");
    const [fit] = fitCurves({ dose: dose!, response: response! });
    expect(fit).toMatchObject({ curve: null, n: 24, direction: "falls", refused: null });
    for (const [ours, theirs] of [
      ["hill", "b"],
      ["bottom", "c"],
      ["top", "d"],
      ["ec50", "e"],
    ] as const) {
      expect(fit![ours]! / published.estimate[theirs]).toBeCloseTo(1, 4);
      expect(fit!.standardErrors![ours] / published.std_error[theirs]).toBeCloseTo(1, 3);
    }
  });

  it("NIST Rat42 with the lower level held at 0: the certified values to 8 digits", () => {
    const published = JSON.parse(readFileSync(join(folder, "published_values.json"), "utf8")).NIST_Rat42.estimate;
    const [x, response] = columns("NIST_Rat42.csv", "x", "y");
    const [fit] = fitCurves(
      { dose: x!.map((v) => Math.exp(Number(v))), response: response! },
      { fixed: { bottom: 0 } },
    );
    expect(Math.abs(fit!.hill! / published.b3 - 1)).toBeLessThan(1e-8);
    expect(Math.abs(fit!.top! / published.b1 - 1)).toBeLessThan(1e-8);
    expect(Math.abs(Math.log(fit!.ec50!) / (published.b2 / published.b3) - 1)).toBeLessThan(1e-8);
    expect(fit).toMatchObject({ bottom: 0, direction: "rises", refused: null });
  });

  it("fits the two herbicides of S.alba, whose EC50s drc's manual prints, and refuses the ill-posed set", () => {
    const [dose, response, curve] = columns("more/S.alba.csv", "Dose", "DryMatter", "Herbicide");
    const fits = fitCurves({ dose: dose!, response: response!, curve: curve! });
    expect(fits.map((fit) => fit.curve)).toEqual(["Glyphosate", "Bentazone"]);
    expect(fits.every((fit) => fit.refused === null && fit.ec50Ci95![0] < fit.ec50!)).toBe(true);
    const [conc, weight] = columns("ill_posed_O.mykiss.csv", "conc", "weight");
    const [ill] = fitCurves({ dose: conc!, response: weight! });
    expect(ill).toMatchObject({ n: 61, ec50: null, ec50Ci95: null, standardErrors: null, hill: null });
    expect(ill!.refused).toMatch(/half of the change lies above the highest dose, 46/);
  });
});

describe.skipIf(!existsSync(folder))("sixteen real data sets (reference/dose-response/more)", () => {
  const near = (got: number, want: number, relative: number) => expect(Math.abs(got / want - 1)).toBeLessThan(relative);
  for (const want of REAL_CURVES) {
    // SciPy's best fit has its EC50 four orders of magnitude above the highest dose, with an error a hundred times as large.
    const refused = want.file === "P.promelas.csv";
    it(`${want.file}: ${refused ? "no EC50, and why" : "estimates and errors of an independent fit"}`, () => {
      const [dose, response] = columns(`more/${want.file}`, want.dose, want.response);
      const [fit] = fitCurves({ dose: dose!, response: response! });
      expect(fit!.n).toBe(want.n);
      if (refused) {
        expect(fit!.ec50).toBeNull();
        expect(fit!.refused).toMatch(/half of the change lies above the highest dose, 512/);
        return;
      }
      const falls = want.c < want.d;
      expect(fit!.refused).toBeNull();
      expect(fit!.direction).toBe(falls ? "falls" : "rises");
      near(fit!.ec50!, want.e, 1e-4);
      near(fit!.hill!, want.b, 1e-4);
      const scale = Math.abs(want.d - want.c);
      expect(Math.abs(fit!.bottom! - Math.min(want.c, want.d)) / scale).toBeLessThan(1e-4);
      expect(Math.abs(fit!.top! - Math.max(want.c, want.d)) / scale).toBeLessThan(1e-4);
      const errors = fit!.standardErrors!;
      const ours = [errors.hill, falls ? errors.bottom : errors.top, falls ? errors.top : errors.bottom, errors.ec50];
      ours.forEach((error, i) => {
        near(error, want.errors[i]!, 2e-3);
      });
    });
  }
});

describe("fitCurves", () => {
  it("holds the planted EC50 in its interval in at least nine of ten repeats, and refuses inert curves", () => {
    const random = new SeededRandom(8);
    const doses = [0, 0, 0, 0, ...[0.01, 0.03, 0.1, 0.3, 1, 3].flatMap((d) => [d, d, d])];
    let [held, given, falselyGiven] = [0, 0, 0];
    for (let repeat = 0; repeat < 200; repeat++) {
      const noisy = (of: (d: number) => number) => doses.map((d) => of(d) + 0.1 * random.normal());
      const [fit] = fitCurves({ dose: doses, response: noisy((d) => 1 / (1 + (d / 0.2) ** 1.5)) });
      if (fit!.ec50Ci95) {
        given++;
        if (fit!.ec50Ci95[0] <= 0.2 && 0.2 <= fit!.ec50Ci95[1]) held++;
      }
      if (fitCurves({ dose: doses, response: noisy(() => 1) })[0]!.ec50 !== null) falselyGiven++;
    }
    expect(given).toBeGreaterThan(195);
    expect(held / given).toBeGreaterThanOrEqual(0.9);
    expect(falselyGiven).toBeLessThanOrEqual(2);
  }, 60_000);

  it("rising curves too, with a level held; rows without values are left out", () => {
    const dose = ["0", "0", "", "1", "2", "4", "8", "16", "32", "NA"];
    const response = dose.map((d) =>
      d === "" ? "7" : String(2 + 3 / (1 + (6 / (Number(d) || 0)) ** 2) + 0.001 * Number(d === "4")),
    );
    const [fit] = fitCurves({ dose, response }, { fixed: { bottom: 2 } });
    expect(fit).toMatchObject({ n: 8, bottom: 2, direction: "rises" });
    expect(fit!.ec50!).toBeCloseTo(6, 1);
  });

  it.each([
    ["a dose that is no number", { dose: ["a"], response: [1] }, /the dose of row 1 is "a"/],
    ["a negative dose", { dose: [1, -2], response: [1, 2] }, /the dose of row 2 is -2/],
    ["a response that is no number", { dose: [1], response: ["x"] }, /the response of row 1 is "x"/],
    ["nothing", { dose: [null], response: [1] }, /no row with a dose and a response/],
  ])("refuses %s", (_, given, message) => {
    expect(() => fitCurves(given)).toThrow(message);
  });
});
