// The command as users run it: the built JavaScript in a process of its own (`npm test` builds it first).
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import {
  CheckpointHeader,
  DatasetManifest,
  QualityRecord,
  Summary,
  TaskRun,
  TrainEvent,
} from "../../src/schema/index.ts";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "gandl-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function gandl(...args: string[]): Promise<Outcome> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, ...args], {
      cwd: folder,
      maxBuffer: 1e8,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

const COMMANDS = [
  "import",
  "inspect",
  "train",
  "generate",
  "quality",
  "embed",
  "baseline",
  "profiles",
  "evaluate",
  "compare",
  "report",
  "serve",
  "export",
  "synthesise",
  "demo",
  "doctor",
];

describe("gandl", () => {
  it("shows every command and where to start", async () => {
    const { code, stdout } = await gandl("--help");
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toContain(`  ${command} `);
    expect(stdout).toContain("Start here:");
  });
  for (const command of COMMANDS) {
    it(`${command} --help has an example`, async () => {
      const { code, stdout } = await gandl(command, "--help");
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`Example:\\n  gandl ${command}`));
    });
  }
  it("ends with 2 on the user's mistakes, saying what to do", async () => {
    expect((await gandl("nonsense")).code).toBe(2);
    expect((await gandl("embed", "--out", "x")).code).toBe(2);
    const missing = await gandl("train", "--out", "run", "--data", "nowhere");
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(/error: .*nowhere[\s\S]*why:[\s\S]*fix:/);
    const preset = await gandl("train", "--out", "run", "--data", "nowhere", "--preset", "huge");
    expect(preset.stderr).toMatch(/no preset 'huge'[\s\S]*choose tiny or gandl/);
    expect((await gandl("train", "--out", "run")).stderr).toMatch(/no data set was named[\s\S]*add --data/);
    expect((await gandl("train", "--out", "run", "--config", "x.toml")).stderr).toMatch(/x\.toml is no \.json file/);
    expect((await gandl("train", "--out", "run", "--config", "x.json")).stderr).toMatch(/x\.json cannot be read/);
    writeFileSync(join(folder, "null.json"), "null");
    expect((await gandl("train", "--out", "run", "--config", "null.json")).stderr).toMatch(
      /null\.json cannot be read[\s\S]*it holds no object/,
    );
    expect((await gandl("demo", "--kimg", "0", "--out", "dm")).stderr).toMatch(/durationKimg/);
    expect((await gandl("demo", "--kimg", "x", "--out", "dm")).stderr).toContain("It is not a number.");
    expect((await gandl("demo", "--intensity", "bright", "--out", "dm")).stderr).toContain("Allowed choices are none");
    expect(existsSync(join(folder, "dm"))).toBe(false);
    const levels = await gandl("import", "nowhere", "--out", "data", "--levels", "bright");
    expect([levels.code, levels.stderr]).toEqual([2, expect.stringContaining("two numbers that rise")]);
    const blocked = await gandl("synthesise", "null.json/screen"); // a file where a folder should be
    expect([blocked.code, blocked.stderr]).toEqual([
      2,
      expect.stringMatching(/null\.json\/screen could not be written[\s\S]*ENOTDIR[\s\S]*a part of it is a file/),
    ]);
    const rows = await gandl(
      "evaluate",
      "condition",
      "--embedding",
      "x.csv",
      "--negative",
      "nonsense",
      "--positive",
      "a=b",
    );
    expect(rows.stderr).toMatch(/'nonsense' does not choose rows[\s\S]*column=value/);
    const range = await gandl("generate", "--run", "run", "--range", "max");
    expect([range.code, range.stderr]).toEqual([
      2,
      expect.stringMatching(/--range max cannot be read[\s\S]*p0\.5-p99\.5/),
    ]);
    const count = await gandl("generate", "--run", "run", "-n", "many");
    expect([count.code, count.stderr]).toEqual([2, expect.stringContaining("It is not a whole number.")]);
    expect(existsSync(join(folder, "run"))).toBe(false);
  });
  it("ends quietly where its reader has read enough, and says where a result is lost", async () => {
    const shell = (line: string) =>
      promisify(execFile)("bash", ["-c", line, "gandl", process.execPath, main]).catch(
        (error: unknown) => error as { stdout: string; stderr: string },
      );
    const closed = await shell(`{ sleep 0.5; "$1" "$2" baseline --list; echo "ends with $?" >&2; } | true`);
    expect(closed.stderr).toBe("ends with 0\n");
    if (!existsSync("/dev/full")) return;
    const full = await shell(`"$1" "$2" baseline --list > /dev/full; echo "ends with $?" >&2`);
    expect(full.stderr).toMatch(/result could not be printed\.\n.*ENOSPC.*\n {2}fix: .*whole\.\nends with 2\n$/);
  });
  it("doctor finds this machine ready, and says so in JSON too", async () => {
    const { code, stdout } = await gandl("doctor", "--json");
    expect(code).toBe(0);
    const checks = JSON.parse(stdout) as { name: string; status: string }[];
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["Node", "LibTorch", "BLAS", "self-test", "DuckDB"]),
    );
    expect(checks.filter(({ status }) => status === "fail")).toEqual([]);
  });
});

describe("from drawing to report, command by command", () => {
  const json = <T>(file: string) => JSON.parse(readFileSync(join(folder, file), "utf8")) as T;
  const small = [
    "data.resolutionPx=16",
    "model.channelBase=64",
    "model.channelMax=8",
    "schedule.batchSize=8",
    "schedule.durationKimg=0.064",
    "schedule.checkpointEveryKimg=0.032",
  ];
  const settings = small.flatMap((pair) => ["--set", pair]);

  it("synthesise, import and inspect", async () => {
    expect((await gandl("synthesise", "screen", "--side", "32", "--plates", "1")).code).toBe(0);
    const plan = await gandl("import", "screen", "--out", "data", "--dry-run", "--json");
    expect(JSON.parse(plan.stdout)).toMatchObject({ dataset: "synthetic-screen", images: 432, skipped: 0 });
    expect(existsSync(join(folder, "data"))).toBe(false);
    expect((await gandl("import", "screen", "--out", "data")).stdout).toContain("432 images");
    expect(DatasetManifest.parse(json("data/dataset.json")).synthetic).toBe(true);
    const { stdout } = await gandl("inspect", "data", "--sheet", "sheet.png");
    expect(stdout).toMatch(/SYNTHETIC[\s\S]*SYN-1_1\s+Mock\s+negative_control\s+20/);
    expect(readFileSync(join(folder, "sheet.png")).subarray(1, 4).toString()).toBe("PNG");
  });

  it("train with a dry run before, export, generate and embed", async () => {
    const plan = await gandl("train", "--data", "data", "--out", "run", ...settings, "--dry-run", "--json");
    expect(JSON.parse(plan.stdout)).toMatchObject({ nSteps: 8 });
    expect(existsSync(join(folder, "run"))).toBe(false);
    const trained = await gandl("train", "--data", "data", "--out", "run", ...settings);
    expect(trained.stderr).toContain("training for 0.064 kimg");
    const events = readFileSync(join(folder, "run/events.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => TrainEvent.parse(JSON.parse(line)));
    expect(events.at(-1)).toMatchObject({ kind: "finished", reason: "duration" });
    expect((await gandl("train", "--data", "data", "--out", "run", ...settings)).stderr).toMatch(
      /already holds a run[\s\S]*--resume/,
    );
    expect((await gandl("train", "--out", "run", "--resume", "--set", "schedule.durationKimg=0.08")).stderr).toContain(
      "going on at 0.064 kimg",
    );
    const exported = JSON.parse((await gandl("export", "--run", "run", "--out", "encoder.onnx", "--json")).stdout) as {
      header: unknown;
    };
    expect(CheckpointHeader.parse(exported.header).kimg).toBe(0.08);
    const draw = (out: string, seed: string) =>
      gandl("generate", "--run", "run", "-n", "2", "--seed", seed, "--out", out);
    for (const [out, seed] of [
      ["a.png", "1"],
      ["b.png", "1"],
      ["c.png", "2"],
    ] as const)
      expect((await draw(out, seed)).code).toBe(0);
    expect(readFileSync(join(folder, "a.png"))).toEqual(readFileSync(join(folder, "b.png")));
    expect(readFileSync(join(folder, "a.png"))).not.toEqual(readFileSync(join(folder, "c.png")));
    expect(
      (await gandl("embed", "--run", "run", "--data", "data", "--out", "embedding", "--tap", "blocks_gap")).stdout,
    ).toContain("432 rows");
  });

  it("measure how good the images are", async () => {
    const measure = ["quality", "--run", "run", "--data", "data", "-n", "32"];
    const measured = await gandl(...measure, "--out", "quality.json");
    expect(measured.stdout).toMatch(
      /not Inception[\s\S]*generated, half +real halves\nimages on each side +32 +32 +32\n/,
    );
    const { run, checkpoint, kimg, ...record } = json<Record<string, unknown>>("quality.json");
    expect([run, checkpoint, kimg]).toEqual(["run", "kimg-000000.080.safetensors", 0.08]);
    expect(QualityRecord.parse(record)).toMatchObject({ seed: 1, realHalves: { nReal: 32, nOther: 32 } });
    expect(JSON.parse((await gandl(...measure, "--json")).stdout)).toEqual(json("quality.json"));
    const unknown = await gandl(...measure, "--features", "inception", "--out", "none.json");
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("'inception' names no features")]);
    expect((await gandl(...measure, "--input-range", "5,1")).stderr).toMatch(/write two numbers, the smaller first/);
    expect(existsSync(join(folder, "none.json"))).toBe(false);
  });

  it("generate a walk as files", async () => {
    const each = await gandl(
      "generate",
      "--run",
      "run",
      "--walk",
      "1,5",
      "--steps",
      "3",
      "--each",
      "--out",
      "walk",
      "--json",
    );
    expect(JSON.parse(each.stdout)).toMatchObject({ nImages: 3, images: ["walk-0000", "walk-0001", "walk-0002"] });
    expect(existsSync(join(folder, "walk/walk-0002_w5.png"))).toBe(true);
  });

  it("evaluate an embedding, and report", async () => {
    const condition = ["--negative", "condition=Mock", "--positive", "condition=Active SARS-CoV-2,treatment="];
    const { stdout } = await gandl(
      "evaluate",
      "condition",
      "--embedding",
      "embedding.parquet",
      ...condition,
      "--set",
      "nResamples=20",
      "--json",
    );
    const [run] = JSON.parse(stdout) as unknown[];
    expect(TaskRun.parse(run)).toMatchObject({ nWells: 52, nImages: 104, nPlates: 2 });
    const study = ["--data", "data", "--run", "run", "--truth", "screen/truth.json"];
    expect((await gandl("report", ...study, "--summary", "summary.json")).code).toBe(0);
    const page = readFileSync(join(folder, "report.html"), "utf8");
    expect(page).toContain("Infected or healthy?");
    expect(page).toContain("mock against infected: different");
    const summary = Summary.parse(json("summary.json"));
    expect(summary.figures.filter(({ metric, part }) => metric === "AUC" && part === null).length).toBe(10); // two questions, five encoders
  });

  it("fits plain tables, compares embeddings and makes profiles, from any table", async () => {
    const dose = [0, 0, 0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
    const lines = dose.map((d, i) => `${d},${1 / (1 + (d / 0.2) ** 1.5) + 0.01 * Math.sin(7 * i)},a`);
    writeFileSync(join(folder, "doses.csv"), `conc,growth,drug\n${lines.join("\n")}\n`);
    const columns = ["--table", "doses.csv", "--dose", "conc", "--response", "growth", "--curve", "drug"];
    const [fit] = JSON.parse((await gandl("evaluate", "dose-response", ...columns, "--json")).stdout) as {
      ec50: number;
    }[];
    expect(fit).toMatchObject({ curve: "a", n: 10, refused: null });
    expect(Math.abs(fit!.ec50 / 0.2 - 1)).toBeLessThan(0.2);
    expect((await gandl("evaluate", "condition", ...columns)).stderr).toMatch(/--table does not go with condition/);
    expect((await gandl("evaluate", "condition")).stderr).toMatch(/nothing to evaluate[\s\S]*--embedding FILE/);

    const rows = Array.from({ length: 48 }, (_, i) => {
      const positive = i % 4 >= 2;
      const x = [Math.sin(3 * i), Math.cos(5 * i) + (positive ? 3 : 0)];
      return `P${i % 3},W${i},${positive ? "drug" : "vehicle"},${x.join(",")}`;
    });
    writeFileSync(
      join(folder, "cp.csv"),
      `Metadata_Plate,Metadata_Well,compound,Cells_A,Cells_B\n${rows.join("\n")}\n`,
    );
    const names = ["--columns", "plate_id=Metadata_Plate,well_id=Metadata_Plate+Metadata_Well"];
    const made = await gandl("profiles", "cp.csv", ...names, "--step", "standardise", "--out", "made.parquet");
    expect(made.stdout).toMatch(/made\.parquet: 48 rows of 2 features/);
    const classes = ["--negative", "compound=vehicle", "--positive", "compound=drug", "--set", "nResamples=20"];
    const leak = await gandl(
      "evaluate",
      "condition",
      "--embedding",
      "made.parquet",
      "--features",
      "Cells_*",
      ...classes,
    );
    expect(leak.code).toBe(2);
    expect(leak.stderr).toMatch(/transformed by what is about to be tested: standardise learned from 48 rows/);
    const both = [
      "compare",
      "cp.csv",
      "made.parquet",
      ...classes,
      "--allow-leak",
      "--features",
      "Cells_*",
      "--resamples",
      "50",
    ];
    expect((await gandl(...both, "--columns", names[1]!)).stdout).toMatch(/condition: AUC [\s\S]*\n {2}made .*[+−]/);
    expect((await gandl("compare", "cp.csv")).stderr).toMatch(/one embedding cannot be compared/);
    expect((await gandl("profiles", "cp.csv", ...names, "--map", "pca", "--out", "map.csv")).code).toBe(0);
    expect(readFileSync(join(folder, "map.csv"), "utf8").split("\n")[0]).toMatch(/^x,y,Metadata_Plate/);
    for (const [words, said] of [
      [["--out", "made.csv"], /made\.csv is no name for profiles/],
      [["--map", "pca", "--out", "map.parquet"], /map\.parquet is no name for maps/],
      [["--method", "average", "--out", "no.parquet"], /'average' is invalid\. Allowed choices are mean, median, modz/],
      [["--map", "tsne", "--out", "no.csv"], /'tsne' is invalid\. Allowed choices are pca, umap/],
      [["--out", "cp.csv"], /cp\.csv is what is read/],
    ] as const) {
      const refused = await gandl("profiles", "cp.csv", ...names, ...words);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(said)]);
    }
    expect((await gandl(...both, "--columns", names[1]!, "--set", "hits.x=1")).stderr).toMatch(
      /--set hits\.x=1 is for hits, which is not asked\.[\s\S]*asked are condition\.[\s\S]*add the task to --task/,
    );
    expect((await gandl("evaluate", "dose-response", ...columns, "--bottom", "low")).stderr).toContain(
      "is not a number",
    );
    expect((await gandl("profiles", "cp.csv", "--step", "polish", "--out", "no.parquet")).stderr).toMatch(
      /is not a step/,
    );
    expect((await gandl("profiles", "cp.csv", "--features", "emb_*", "--out", "no.parquet")).stderr).toMatch(
      /no column matches --features 'emb_\*'/,
    );
    expect((await gandl("profiles", "cp.csv", "--columns", "a=b", "--out", "no.parquet")).stderr).toMatch(
      /'a=b' does not name a column/,
    );
  });

  it("evaluates a table that is not ours", async () => {
    const lines = Array.from(
      { length: 40 },
      (_, i) => `P${i % 2},W${i},${i % 4 < 2 ? "vehicle" : "drug"},${(i % 4 < 2 ? 0 : 2) + Math.sin(i)}`,
    );
    writeFileSync(join(folder, "other.csv"), `plate_id,well_id,compound,feature_0\n${lines.join("\n")}\n`);
    const { code, stdout } = await gandl(
      "evaluate",
      "condition",
      "--embedding",
      "other.csv",
      "--negative",
      "compound=vehicle",
      "--positive",
      "compound=drug",
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/other: vehicle or drug\?[\s\S]*AUC\s+1\.000[\s\S]*40 wells/);
  });
});
