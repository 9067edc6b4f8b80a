import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { measureRow } from "../measure.ts";
import { drawnScreen, TASK_JOBS } from "../task-jobs.ts";
import { taskRow } from "./tasks.ts";

const folder = mkdtempSync(join(tmpdir(), "gandl-bench-tasks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const context = { peer: null, device: "cpu", precision: "float32", threads: 1, folder: () => folder } as const;

describe("the tasks' rows", () => {
  it("tell the seconds, the processor's and the peak of memory of a process of their own, once, and hold bars on both", async () => {
    const script = join(folder, "process.mjs");
    writeFileSync(
      script,
      `const [job, rows, features] = process.argv.slice(2);
       process.stdout.write(JSON.stringify({ seconds: Number(rows), cpuSeconds: Number(features), peakGb: job.length }));`,
    );
    const row = taskRow("hits", "tiny", { rows: 301, features: 12 }, script);
    expect(row.name).toBe("tasks/tiny/hits");
    const result = await measureRow(row, context, { rounds: row.rounds });
    expect(result).toMatchObject({ median: 301, unit: "s", rounds: 1, peakGb: 4, note: "12.0 s of processor time" });
    expect(result.bars?.map(({ of, met }) => [of, met])).toEqual([
      ["median", false],
      ["peakGb", true],
    ]);
  });

  const table = drawnScreen({ rows: 56 * 4 * 46, features: 8 });
  for (const job of ["hits", "dose-response", "retrieval", "plate-identity", "standardise", "sphere", "tvn"]) {
    it(`${job} answers on the drawn screen`, () => {
      expect(TASK_JOBS[job]!(table)).toBeDefined();
    });
  }

  it("has controls and doses on every plate of the drawn screen", () => {
    const plates = table.metadata.get("plate_id")!;
    const healthy = new Set(plates.filter((_, i) => table.metadata.get("condition")![i] === "Mock"));
    expect(healthy.size).toBe(56);
    expect(new Set(table.metadata.get("dose_um")).size).toBe(8);
  });
});
