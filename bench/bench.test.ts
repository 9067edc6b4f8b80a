// Rows of every kind, at sizes of milliseconds, from preparation to the JSON file.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ones, Rng, randn, setThreads, tensorStats, tidy } from "gan-dl/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PHASES } from "./arithmetic.ts";
import { benchCommand } from "./command.ts";
import { ROWS, rowsNamed } from "./registry.ts";
import type { BenchRow } from "./row.ts";
import { embeddingRow } from "./rows/embedding.ts";
import { importingRow } from "./rows/importing.ts";
import { fedRow, loadingRow } from "./rows/loading.ts";
import { type LayerSize, PASSES, PRIMITIVES, primitiveRow } from "./rows/primitives.ts";
import { iterationRow, phaseRow } from "./rows/training.ts";
import { type BenchReport, chosenRows } from "./run.ts";
import type { TrainingSize } from "./training-sizes.ts";

const folder = mkdtempSync(join(tmpdir(), "gandl-bench-test-"));
beforeAll(() => setThreads(1));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The command over these rows; what it wrote to both streams, and its exit code. */
async function ran(rows: readonly BenchRow[], ...args: string[]) {
  const [out, error]: [string[], string[]] = [[], []];
  const stream = (lines: string[]) => ({ write: (text: string) => lines.push(text) > 0 });
  const code = await benchCommand(rows, args, { out: stream(out), error: stream(error) });
  return { code, out: out.join(""), error: error.join("") };
}

/** Both forms of a row once, and the row given back; the live tensors of a run come back to what they were. */
async function runOnce(row: BenchRow): Promise<void> {
  const prepared = await row.prepare({
    peer: null,
    device: "cpu",
    precision: "float32",
    threads: 1,
    folder: () => folder,
  });
  const variants = [prepared.ours, ...(prepared.against ? [prepared.against] : [])];
  for (const variant of variants) await variant.run();
  const live = tensorStats().live;
  for (const variant of variants) await variant.run();
  expect(tensorStats().live, row.name).toBe(live);
  await prepared.dispose?.();
}

const tiny: TrainingSize = {
  ...{ name: "tiny", resolutionPx: 16, imageChannels: 2, styleDim: 8, mappingLayers: 2 },
  ...{ channelBase: 64, channelMax: 8, batchSize: 4 },
};
const tinyLayer: LayerSize = { name: "tiny", images: 4, into: 8, out: 16, sidePx: 8 };

const calls: BenchRow = {
  ...{ name: "calls/one", title: "one call", rounds: 2 },
  prepare: () => {
    const one = ones([1]);
    return {
      ...{ unit: "µs", cost: { bytes: 8 }, bars: [{ of: "median", atLeast: 0 }] },
      ours: { name: "ours", amount: 1, run: () => one.add(1).dispose() },
      against: { name: "twice", amount: 1, run: () => tidy(() => one.add(1).add(1)).dispose() },
      dispose: () => one.dispose(),
    };
  },
};

it("on a CUDA device there are whole iterations of training, and nothing that is not waited for", () => {
  const names = (only: string | null) =>
    chosenRows(ROWS, { only, device: "cuda:0", precision: "float32" }).map(({ name }) => name);
  const iterations = ["small", "large", "card"].map((size) => `train/${size}/iteration`);
  expect(names(null)).toEqual([...iterations, "loading/fed/small", "loading/fed/card"]);
  expect(names("train/large")).toEqual(["train/large/iteration"]);
  expect(() => names("native-call")).toThrow(/There is no row 'native-call'/);
});

it("what only a card can train is no row of a CPU", () => {
  const onCpu = { only: null, device: "cpu", precision: "float32" } as const;
  expect(chosenRows(ROWS, onCpu).some(({ name }) => name === "train/card/iteration")).toBe(false);
  expect(() => chosenRows(ROWS, { ...onCpu, only: "train/card" })).toThrow(/There is no row 'train\/card'/);
  expect(() => chosenRows(ROWS, { ...onCpu, only: "train/card", precision: "bfloat16" })).toThrow(/no row/);
});

it("whole iterations in bfloat16 are measured on a CPU too, without the bars of float32", async () => {
  const file = join(folder, "bfloat16.json");
  const args = ["--precision", "bfloat16", "--threads", "1", "--rounds", "1", "--json", file];
  const { code, out } = await ran([calls, iterationRow(tiny)], ...args);
  expect(code).toBe(0);
  expect(out).toContain("training in bfloat16");
  const { rows, precision } = JSON.parse(readFileSync(file, "utf8")) as BenchReport;
  expect(precision).toBe("bfloat16");
  expect(rows).toEqual([expect.objectContaining({ name: "train/tiny/iteration", unit: "img/s" })]);
  expect(rows[0]).not.toHaveProperty("bars");
  rmSync(file);
});

describe("a run of the bench", () => {
  it("measures a row, prints a table and writes machine, commit, date and figures", async () => {
    const file = join(folder, "bench.json");
    const before = tensorStats().live;
    const { code, out, error } = await ran([calls], "--json", file, "--threads", "1", "--rounds", "3");
    expect([code, error]).toEqual([0, `[1/1] calls/one: one call\nwritten to ${file}\n`]);
    expect(out).toMatch(/calls\/one +[\d.]+ +[\d.]+ +µs/);
    expect(out).toContain("median ≥ 0 ✓");
    expect(out).toMatch(/^.+, 1 of \d+ cores, LibTorch \d\S+( \(oneDNN [\d.]+\))?, \w+ \w+\n/);
    const report = JSON.parse(readFileSync(file, "utf8")) as BenchReport;
    expect(report.machine).toMatchObject({ threads: 1, node: process.version });
    expect(Date.parse(report.date)).toBeLessThanOrEqual(Date.now());
    expect(report.commit ?? "0".repeat(40)).toMatch(/^[0-9a-f]{40}\+?$/);
    const [row] = report.rows;
    expect(row).toMatchObject({ name: "calls/one", unit: "µs", rounds: 3, against: "twice" });
    for (const figure of [row?.median, row?.rate, row?.floor, row?.shareOfPeak, row?.ratio])
      expect(figure).toBeGreaterThan(0);
    expect(readdirSync(folder)).toEqual(["bench.json"]); // and nothing partial
    expect(tensorStats().live).toBe(before);
  });

  it("frees what a row held when it fails, and says why", async () => {
    let freed = 0;
    const failing: BenchRow = {
      ...{ name: "failing", title: "fails", rounds: 1 },
      prepare: () => ({
        unit: "ms",
        ours: {
          ...{ name: "ours", amount: 1 },
          run: () => {
            throw new Error("the row is broken");
          },
        },
        dispose: () => freed++,
      }),
    };
    const file = join(folder, "never.json");
    const { code, error } = await ran([failing], "--json", file);
    expect([code, freed]).toEqual([1, 1]);
    expect(error).toContain("the row is broken");
    expect(readdirSync(folder)).not.toContain("never.json");
  });

  it("refuses what it cannot do before it measures anything", async () => {
    const unknown = await ran([calls], "--only", "calls/two");
    expect(unknown.code).toBe(2);
    expect(unknown.error).toContain("There is no row 'calls/two'.");
    expect(unknown.error).toContain("near it: calls/one");
    expect((await ran([calls], "--only", "else")).error).toContain("the start of several.\n");
    mkdirSync(join(folder, "is-a-folder.partial"), { recursive: true });
    for (const place of [join(folder, "no", "bench.json"), join(folder, "is-a-folder")]) {
      const unwritable = await ran([calls], "--json", place);
      expect(unwritable.code).toBe(2);
      expect(unwritable.error).toContain(`The results cannot be written to ${place}.`);
    }
    expect((await ran([calls], "--rounds", "x")).code).toBe(2);
    const absent = await ran([calls], "--device", "cuda:99");
    expect([absent.code, absent.error]).toEqual([2, expect.stringContaining("There is no device 'cuda:99' here.")]);
    expect((await ran([calls], "--peer", folder)).error).toContain("is no checkout of NVlabs/stylegan2-ada-pytorch");
  });

  it("lists rows and helps without measuring", async () => {
    expect(await ran([calls], "--list")).toEqual({ code: 0, out: "calls/one  one call\n", error: "" });
    expect((await ran([calls], "--list", "--only", "x")).code).toBe(2);
    expect((await ran([calls], "--help")).out).toContain("Usage: npm run bench");
  });
});

describe("the registry", () => {
  it("names every row once, general part first", () => {
    const names = ROWS.map((row) => row.name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9-]+(\/[a-z0-9-]+)*$/);
  });

  it("finds one row, or all below a name", () => {
    const found = (name: string) => rowsNamed(ROWS, name).map((row) => row.name);
    expect(found("native-call")).toEqual(["native-call"]);
    expect(found("train/large")).toEqual(
      ["generator", "path-length", "discriminator", "r1", "iteration"].map((part) => `train/large/${part}`),
    );
    expect(found("train/lar")).toEqual([]);
  });
});

describe("the primitives", () => {
  for (const primitive of PRIMITIVES.filter(({ plain }) => plain)) {
    it(`${primitive.name} gives the numbers of the form it is held against`, () => {
      const { images, into, sidePx } = tinyLayer;
      const out = primitive.name === "activation" ? into : tinyLayer.out;
      const difference = tidy(() => {
        const rng = new Rng(1);
        const [x, weight] = [randn([images, into, sidePx, sidePx], { rng }), randn([out, into, 3, 3], { rng })];
        const extras = { style: randn([images, into], { rng }), bias: randn([out], { rng }) };
        const plain = primitive.plain?.layer(x, weight, extras) ?? x;
        return primitive.ours(x, weight, extras).sub(plain).abs().amax().div(plain.abs().amax()).item();
      });
      expect(difference).toBeLessThan(1e-5);
    });
  }

  it("run forward, backward and twice backward in both forms, and free what they make", async () => {
    const before = tensorStats().live;
    for (const primitive of PRIMITIVES) {
      const size = primitive.usesWeight ? tinyLayer : { ...tinyLayer, out: tinyLayer.into };
      for (const pass of PASSES) await runOnce(primitiveRow(primitive, size, pass));
    }
    expect(tensorStats().live).toBe(before);
  });
});

describe("the rows of whole jobs", () => {
  it("run each phase of training", async () => {
    const before = tensorStats().live;
    for (const phase of PHASES) await runOnce(phaseRow(tiny, phase));
    expect(tensorStats().live).toBe(before);
  });

  it("measure whole iterations of training", async () => {
    const before = tensorStats().live;
    const { code, out, error } = await ran([iterationRow(tiny)], "--threads", "1", "--rounds", "1");
    expect(code, error).toBe(0);
    expect(out).toMatch(/train\/tiny\/iteration +[\d.]+ +0\.00 +img\/s +[\d.]+ GFLOP\/s/);
    expect(tensorStats().live).toBe(before);
  });

  it("measure loading, importing and embedding on drawn images, and leave nothing behind", async () => {
    const screen = { sites: 3, channels: 2, sidePx: 24 };
    const rows = [
      loadingRow("memory", tiny, screen),
      loadingRow("shards", tiny, screen),
      fedRow(tiny, screen),
      importingRow(screen),
      embeddingRow(tiny, 3),
    ];
    const left = () => readdirSync(tmpdir()).filter((name) => /^gandl-bench-(?!test-)/.test(name)).length;
    const before = left();
    const { code, out, error } = await ran(rows, "--threads", "1", "--rounds", "1");
    expect(code, error).toBe(0);
    for (const row of rows) expect(out).toContain(row.name);
    expect(out).toMatch(/loading\/shards: resident memory [+−][\d.]+ MiB over \d+ images/);
    expect(left()).toBe(before);
  });
});
