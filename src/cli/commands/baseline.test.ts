import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { importDataset } from "../../data/index.ts";
import { writeSyntheticScreen } from "../../data/synthetic/index.ts";
import { addBaseline } from "./baseline.ts";

const folder = mkdtempSync(join(tmpdir(), "gandl-baseline-command-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

const data = join(folder, "data");
beforeAll(async () => {
  const controlWells = { mock: 1, uvInactivated: 0, activeUntreated: 1 };
  const layout = { experiments: ["SYN-1"], platesPerExperiment: 1, sitesPerWell: 1, sidePx: 32 };
  const source = join(folder, "screen");
  for await (const _ of writeSyntheticScreen(source, { ...layout, controlWells, compounds: [] }));
  for await (const _ of importDataset({ source, out: data }));
});

/** Runs `gandl baseline` and gives what it printed. */
async function baseline(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const printed = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      printed[stream] += text;
      return true;
    });
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addBaseline(program);
  for (const command of program.commands) command.exitOverride();
  await program.parseAsync(["baseline", ...args], { from: "user" });
  vi.restoreAllMocks();
  return printed;
}

describe("gandl baseline", () => {
  it("runs a system with its parameters, told in the result", async () => {
    const out = join(folder, "i");
    const { stdout } = await baseline("intensity", "--data", data, "--out", out, "--set", "batchSize=1", "--json");
    const { embedding, record } = JSON.parse(stdout) as { embedding: { parquet: string }; record: { params: unknown } };
    expect(embedding.parquet).toBe(`${out}.parquet`);
    expect(existsSync(`${out}.json`)).toBe(true);
    expect(record.params).toEqual({ batchSize: 1 });
  });

  it("takes a path with its ending, and tells rows, seconds and the next command", async () => {
    const { stdout } = await baseline("intensity", "--data", data, "--out", join(folder, "j.parquet"));
    expect(stdout).toMatch(/j\.parquet: 2 rows of 45 features, in [\d.]+ s\.\n {2}weights: none\nNext: gandl profiles/);
  });

  it("lists every system with its source, labels and parameters", async () => {
    const { stdout } = await baseline("--list");
    expect(stdout).toMatch(
      /intensity: Brightness.*\n.*\n {2}from: .*\n {2}labels: none\n {2}--set batchSize=64 {2}images/,
    );
    const one = JSON.parse((await baseline("intensity", "--list", "--json")).stdout) as { id: string }[];
    expect(one.map(({ id }) => id)).toEqual(["intensity"]);
  });

  it("says what is missing", async () => {
    await expect(baseline("intensity", "--out", "x")).rejects.toThrow(
      /--data is missing.*\n.*intensity reads.*\n\s+fix: write gandl/,
    );
    await expect(baseline("intensity", "--data", data)).rejects.toThrow("--out is missing");
    await expect(baseline("--data", data)).rejects.toThrow(
      /no system was named.*\n.*there are .*intensity.*\n\s+fix: .*--list/,
    );
    await expect(baseline("intensity", "--set", "batch=1")).rejects.toThrow("no parameters of intensity");
  });
});
