import { describe, expect, it } from "vitest";
import { nextQuestion } from "./next-question.ts";

const sites = (...roles: ("negative_control" | "positive_control" | "treated" | "unknown")[]) =>
  roles.flatMap((role) => ["P1", "P2"].map((plate_id) => ({ role, plate_id })));

describe("nextQuestion", () => {
  it("asks healthy against infected, else against treated, else for a picture", () => {
    expect(nextQuestion("a.parquet", sites("treated", "negative_control", "positive_control"), null)).toBe(
      "gandl evaluate condition --embedding a.parquet --negative 'role=negative_control' --positive 'role=positive_control'",
    );
    expect(nextQuestion("a.parquet", sites("treated", "negative_control"), null)).toContain(
      "--positive 'role=treated'",
    );
    const picture = "gandl profiles a.parquet --map pca --out a-map.csv";
    expect(nextQuestion("a.parquet", sites("unknown"), null)).toBe(picture);
    expect(nextQuestion("a.parquet", sites("negative_control"), null)).toBe(picture);
    const onePlate = sites("negative_control", "positive_control").filter(({ plate_id }) => plate_id === "P1");
    expect(nextQuestion("a.parquet", onePlate, null)).toBe(picture);
  });

  it("tests what learned from labels on the plates that it did not learn from, or says that it leaks", () => {
    const controls = sites("negative_control", "positive_control");
    expect(nextQuestion("a.parquet", controls, ["P1", "P2"])).toMatch(
      /--negative 'role=negative_control,learned_from=' --positive 'role=positive_control,learned_from='$/,
    );
    expect(nextQuestion("a.parquet", controls, ["P1"])).toMatch(/'role=positive_control' --allow-leak$/);
  });
});
