import { expect, it } from "vitest";
import type { QualityRecord, SetScores } from "../../schema/index.ts";
import { qualityText } from "./quality-text.ts";

const scores = (n: number, frechetDistance: number, standardError: number | null): SetScores => ({
  ...{ nReal: n, nOther: n, frechetDistance, precision: 0.5, recall: 0.1234 },
  kernelDistance: { value: -0.0000123, standardError, subsetSize: 10, nSubsets: 5 },
});
const record: QualityRecord = {
  ...{ kind: "gandl-quality", schemaVersion: 1, channels: ["DNA", "actin"], resolutionPx: 64, seed: 1, truncation: 1 },
  extractor: { id: "random-conv", version: "1", description: "random weights; not Inception", dim: 320 },
  dataset: { id: "table", fingerprint: "f" },
  realHalves: scores(500, 0.01234567, null),
  generated: scores(1000, 3.14149265, 0.002),
  generatedAtHalfSize: scores(500, 4, 0.003),
  pathLength: { value: 123456, nPairs: 7, epsilon: 1e-4 },
};

it("sets generated beside real against real, and says what may be compared", () => {
  const lines = qualityText(record, "runs/a at 12 kimg").split("\n");
  expect(lines[0]).toBe("runs/a at 12 kimg, DNA, actin at 64 px, truncation 1, seed 1");
  expect(lines[1]).toContain("not Inception");
  expect(lines.slice(3, 9).map((line) => line.trim().split(/ {3,}/))).toEqual([
    ["generated", "generated, half", "real halves"],
    ["images on each side", "1000", "500", "500"],
    ["Fréchet distance", "3.141", "4", "0.01235"],
    ["kernel distance", "-1.23e-5 ± 0.002", "-1.23e-5 ± 0.003", "-1.23e-5"],
    ["precision", "50.0 %", "50.0 %", "50.0 %"],
    ["recall", "12.3 %", "12.3 %", "12.3 %"],
  ]);
  expect(lines.join("\n")).toMatch(
    /path length 1\.23e\+5 over 7 pairs[\s\S]*Compare 'generated, half' with 'real halves'/,
  );
  expect(qualityText({ ...record, pathLength: null }, "x")).not.toContain("path length");
});
