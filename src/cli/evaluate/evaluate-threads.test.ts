// Threads are started from the built package, as its users have it; `npm test` builds it first.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { SeededRandom } from "../../core/index.ts";
import type { EvaluateJob } from "./evaluate-file.ts";
import { evaluateFiles } from "./evaluate-threads.ts";

const BUILT = fileURLToPath(new URL("../../../dist/cli/evaluate/evaluate-worker.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "gandl-evaluate-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A CSV of 48 wells on three plates, half of each class, whose one feature tells them apart by `shift`. */
function job(name: string, shift: number): EvaluateJob {
  const random = new SeededRandom(3);
  const rows = Array.from({ length: 48 }, (_, i) => {
    const active = i % 2 === 1;
    const plate = `p${Math.floor(i / 16)}`;
    return `${plate},${plate}_w${i},${active ? "Active" : "Mock"},${random.normal() + (active ? shift : 0)}`;
  });
  const file = join(folder, `${name}.csv`);
  writeFileSync(file, ["plate_id,well_id,condition,feature_0", ...rows].join("\n"));
  const params = { negative: { condition: ["Mock"] }, positive: { condition: ["Active"] }, nResamples: 50 };
  return { file, source: {}, taskId: "condition", params, steps: [], seed: 1, allowLeak: false };
}
const aucs = (answers: Awaited<ReturnType<typeof evaluateFiles>>) =>
  answers.map(({ run }) => run.results.flatMap((r) => (r.kind === "score" && r.metric === "AUC" ? [r.value] : []))[0]);

describe.skipIf(!existsSync(BUILT))("files evaluated by threads", () => {
  it("get the answers that they get in place, in the order of the files, with progress of each", async () => {
    const jobs = [job("blind", 0), job("some", 1), job("all", 9)];
    const inPlace = await evaluateFiles(jobs, 0, () => {});
    const told = new Map<string, Set<string>>();
    const inThreads = await evaluateFiles(
      jobs,
      2,
      (file, stage, done, total) => {
        expect(done).toBeLessThanOrEqual(total);
        told.set(file, (told.get(file) ?? new Set()).add(stage));
      },
      BUILT,
    );
    expect(inThreads).toEqual(inPlace);
    const [blind, some, all] = aucs(inThreads);
    expect(blind).toBeLessThan(some!);
    expect(all).toBe(1);
    expect([...told.keys()].sort()).toEqual(["all", "blind", "some"]);
    for (const stages of told.values()) expect(stages).toContain("plates held out");
  });

  it("refuse with the error that is told in place, and the others end", async () => {
    const bad = { ...job("bad", 0), params: { negative: { condition: ["Nobody"] }, positive: {} } };
    const where = async (nThreads: number) =>
      evaluateFiles([bad, job("good", 1)], nThreads, () => {}, BUILT).catch((error: unknown) => error);
    const [inPlace, inThread] = [await where(0), await where(2)];
    expect(inThread).toBeInstanceOf(Error);
    expect(inThread).toMatchObject({ name: "GanDlError", message: (inPlace as Error).message });
    expect((inThread as { code: string }).code).toBe((inPlace as { code: string }).code);
  });

  it("tell of a thread that ends without an answer", async () => {
    const silent = join(folder, "silent.mjs");
    writeFileSync(silent, "");
    await expect(evaluateFiles([job("any", 1)], 1, () => {}, silent)).rejects.toThrow(
      /the thread for .*any\.csv ended with code 0 and no answer/,
    );
  });
});
