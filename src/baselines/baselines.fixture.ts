// A small drawn screen as a data set, and ways to run a system over it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { importDataset, type SyntheticOptionsInput, writeSyntheticScreen } from "../data/index.ts";
import type { Baseline } from "./define-baseline.ts";
import { type BaselineFiles, type RunBaselineEvent, type RunBaselineOptions, runBaseline } from "./run-baseline.ts";

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gandl-baselines-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Draws and imports a screen: by default one plate of two mock and two infected wells, one field each, 32 px. */
export async function drawnDataset(folder: string, options: Partial<SyntheticOptionsInput> = {}): Promise<string> {
  const [source, out] = [join(folder, "screen"), join(folder, "data")];
  const layout = { experiments: ["SYN-1"], platesPerExperiment: 1, sitesPerWell: 1, sidePx: 32, compounds: [] };
  const controlWells = { mock: 2, uvInactivated: 0, activeUntreated: 2 };
  for await (const _ of writeSyntheticScreen(source, { ...layout, controlWells, ...options }));
  for await (const _ of importDataset({ source, out }));
  return out;
}

/** Runs a system to its end. */
export async function ran(
  baseline: Baseline,
  options: RunBaselineOptions,
): Promise<{ events: readonly RunBaselineEvent[]; files: BaselineFiles }> {
  const events: RunBaselineEvent[] = [];
  for await (const event of runBaseline(baseline, options)) events.push(event);
  const last = events.at(-1);
  if (last?.kind !== "finished") throw new Error("the run did not finish");
  return { events, files: last.files };
}

/** What a promise rejects with, as text. */
export async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "nothing was thrown",
    (error: unknown) => (error as Error).message,
  );
}
