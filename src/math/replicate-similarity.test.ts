import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/seeded-random.ts";
import { averagePrecision } from "./average-precision.ts";
import {
  gritScores,
  percentReplicating,
  precisionRecallAtK,
  replicateReproducibility,
} from "./replicate-similarity.ts";
import { eachSimilarity, type SimilarityKind, unitRows } from "./similarity.ts";

const folder = join(process.env.GANDL_SHARED_DATA ?? "../shared/data", "lincs-a549");

/** The plate as columns: text before the features, numbers in them. */
function readPlate() {
  const text = gunzipSync(readFileSync(join(folder, "SQ00015054_normalized_feature_select.csv.gz"))).toString("utf8");
  const [head, ...lines] = text.trim().split(/\r?\n/);
  const names = head!.split(",");
  const rows = lines.map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain ?? ""),
  );
  const at = names.flatMap((name, i) => (name.startsWith("Metadata_") ? [] : [i]));
  const features = Float64Array.from(rows.flatMap((row) => at.map((i) => Number(row[i]))));
  const text0 = (name: string) => rows.map((row) => row[names.indexOf(name)]!);
  return { features, f: at.length, text: text0 };
}

describe.skipIf(!existsSync(folder))("against published counts of a real plate (lincs-a549)", () => {
  const published = existsSync(folder) ? JSON.parse(readFileSync(join(folder, "published_values.json"), "utf8")) : {};
  const { features, f, text } = existsSync(folder)
    ? readPlate()
    : { features: new Float64Array(), f: 1, text: () => [] };
  const compound = text("Metadata_broad_sample");
  const dose = text("Metadata_mg_per_ml");
  const group = compound.map((name, i) => `${name} ${dose[i]}`);
  const eval_ = published.published_cytominer_eval;

  it("has 384 wells of 454 features", () => {
    expect([compound.length, f]).toEqual([384, 454]);
  });

  it.each([
    ["pearson", 0.5],
    ["pearson", 0.95],
    ["spearman", 0.5],
    ["spearman", 0.95],
  ] as [SimilarityKind, number][])("replicate reproducibility, %s above the %s quantile", (kind, q) => {
    const got = replicateReproducibility(unitRows(features, f, kind), f, group, { quantileOverNull: q });
    const key = "replicate_reproducibility [fraction, null quantile threshold, n replicate pairs]";
    const [fraction, threshold, nPairs] = published.recomputed_here_numpy[key][`${kind}_${q}`];
    expect(got.nPairs).toBe(nPairs);
    expect(got.nAbove).toBe(Math.round(fraction * nPairs));
    expect(got.threshold).toBeCloseTo(threshold, 6);
    expect(got.fraction.toFixed(3)).toBe(
      eval_["replicate_reproducibility(groups=broad_sample+mg_per_ml)"][kind][`q${q}`].toFixed(3),
    );
  });

  it("precision and recall at k: the number of groups with all right", () => {
    const units = unitRows(features, f, "pearson");
    const want = eval_["precision_recall_pearson(groups=broad_sample)"];
    for (const k of [1, 5, 10, 50, 5000]) {
      const got = precisionRecallAtK(units, f, compound, k);
      expect(got.filter((g) => g.precision === 1).length, `precision at ${k}`).toBe(want.n_groups_with_precision_1[k]);
      expect(got.filter((g) => g.recall === 1).length, `recall at ${k}`).toBe(want.n_groups_with_recall_1[k]);
    }
  });

  it("grit: the top compound and its score", () => {
    const isControl = compound.map((name) => name === "DMSO");
    const scores = gritScores(unitRows(features, f, "pearson"), f, {
      profile: compound,
      group: text("Metadata_moa"),
      isControl,
    });
    const [name, moa, score] = eval_["grit(moa, control DMSO, mean)_top"];
    const top = scores.filter((s) => Number.isFinite(s.grit)).sort((a, b) => b.grit - a.grit)[0]!;
    expect([top.profile, top.group]).toEqual([name, moa]);
    expect(top.grit.toFixed(3)).toBe(score.toFixed(3));
  });

  it("mAP of compound × dose against DMSO equals a plain writing of average precision to 1e-12", () => {
    const units = unitRows(features, f, "cosine");
    const controls = compound.flatMap((name, i) => (name === "DMSO" ? [i] : []));
    let checked = 0;
    eachSimilarity(units, units, f, (i, similarities) => {
      if (compound[i] === "DMSO") return;
      const kin = group.flatMap((g, j) => (g === group[i] && j !== i ? [j] : []));
      if (kin.length === 0) return;
      const cosine = (j: number) => {
        let [xy, xx, yy] = [0, 0, 0];
        for (let c = 0; c < f; c++) {
          const [x, y] = [features[i * f + c]!, features[j * f + c]!];
          xy += x * y;
          xx += x * x;
          yy += y * y;
        }
        return xy / Math.sqrt(xx * yy);
      };
      const items = [
        ...kin.map((j) => ({ s: cosine(j), kin: true })),
        ...controls.map((j) => ({ s: cosine(j), kin: false })),
      ];
      const plain = items
        .filter((item) => item.kin)
        .reduce((sum, item) => {
          const above = items.filter((other) => other.s >= item.s);
          return sum + above.filter((other) => other.kin).length / above.length / kin.length;
        }, 0);
      const used = [...kin, ...controls];
      const got = averagePrecision(
        used.map((j) => similarities[j]!),
        used.map((j) => group[j] === group[i]),
      );
      expect(Math.abs(got - plain)).toBeLessThan(1e-12);
      checked++;
    });
    expect(checked).toBe(24); // the two compounds with twelve wells a dose
  });
});

describe("replicates that were planted", () => {
  const planted = (effect: number) => {
    const random = new SeededRandom(4);
    const f = 12;
    const groupOf = Array.from({ length: 120 }, (_, i) => `g${i % 40}`);
    const centres = Array.from({ length: 40 * f }, () => random.normal());
    const x = Float64Array.from(
      { length: 120 * f },
      (_, at) => effect * centres[(Math.floor(at / f) % 40) * f + (at % f)]! + random.normal(),
    );
    return { units: unitRows(x, f, "cosine"), f, groupOf };
  };

  it("all replicate where the effect is large, about one in twenty where there is none", () => {
    const { units, f, groupOf } = planted(10);
    expect(percentReplicating(units, f, groupOf).fraction).toBe(1);
    const none = planted(0);
    expect(percentReplicating(none.units, f, none.groupOf).fraction).toBeLessThan(0.2);
    expect(replicateReproducibility(none.units, f, none.groupOf).fraction).toBeLessThan(0.12);
  });

  it("groups of more rows than there are groups are not judged: no chance group has their size", () => {
    const { units, f } = planted(10);
    const three = Array.from({ length: 120 }, (_, i) => (i < 2 ? "pair" : i % 2 === 0 ? "even" : "odd"));
    const { fraction, replicates } = percentReplicating(units, f, three);
    expect([...replicates.keys()]).toEqual(["pair"]);
    expect(fraction).toBe(Number(replicates.get("pair")));
    const one = three.map(() => "all");
    expect(percentReplicating(units, f, one).fraction).toBeNaN();
    expect(replicateReproducibility(units, f, one).fraction).toBeNaN(); // nor are there pairs of different groups
  });

  it("groups of one have no recall and no grit, and no pair gives no share", () => {
    const { units, f } = planted(1);
    const alone = Array.from({ length: 120 }, (_, i) => `w${i}`);
    expect(replicateReproducibility(units, f, alone).fraction).toBeNaN();
    expect(precisionRecallAtK(units, f, alone, 5)[0]).toEqual({ group: "w0", precision: 0, recall: Number.NaN });
    const isControl = alone.map((_, i) => i > 100);
    expect(gritScores(units, f, { profile: alone, group: alone, isControl })[0]!.grit).toBeNaN();
  });
});
