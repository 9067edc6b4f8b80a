// The script that tries gan-dl on clean systems: what it reads, the table it makes, and what it says of a wrong option.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const script = (name: string) => fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url));
const { kernelErrorFrom, probeFrom, rateFrom, reasonFrom, tableOf, testCounts } = await import(
  script("platform-results.mjs")
);
const { libraryFault, ROWS, rowsNamed } = await import(script("platform-rows.mjs"));

describe("what the programs print is read", () => {
  it("the counts of test.mjs: its last line, not one like it before", () => {
    const text = "1 passed, 0 failed, 0 skipped\nmore\nFAILED: tests\n310 passed, 2 failed, 7 skipped\n";
    expect(testCounts(text)).toEqual({ passed: 310, failed: 2, skipped: 7 });
    expect(testCounts("killed")).toBeNull();
  });

  it("the kernels' error in float32, of doctor's findings", () => {
    const of = (detail: string) => JSON.stringify([{ name: "Node" }, { name: "kernels", detail }]);
    expect(kernelErrorFrom(of("layers and their derivatives against float64: float32 2e-6"))).toBe("2e-6");
    expect(kernelErrorFrom(of("against float64: float32 4e-1, bfloat16 3e-2; at most 0.1 is rounding"))).toBe("4e-1");
    expect(kernelErrorFrom(of("invalid instruction"))).toBeNull();
    expect(kernelErrorFrom("Illegal instruction")).toBeNull();
    expect(kernelErrorFrom("{}")).toBeNull();
  });

  it("the bench's rate, where it is in images a second", () => {
    const of = (name: string, unit: string) => JSON.stringify({ rows: [{ name, unit, median: 47.25 }] });
    expect(rateFrom(of("train/small/iteration", "img/s"))).toBe(47.25);
    expect(rateFrom(of("train/small/iteration", "s"))).toBeNull();
    expect(rateFrom(of("train/tiny/iteration", "img/s"))).toBeNull();
    expect(rateFrom("")).toBeNull();
  });

  it("the versions and the library that is really loaded", () => {
    const config =
      "PyTorch built with:\n  - GCC 12.2\n  - Intel(R) MKL-DNN v3.7.1 (Git Hash 8d26)\n  - OpenMP 201511\n";
    const maps =
      "7f00 r--p /usr/lib/libc.so.6\n7f01 r-xp /opt/torch/lib/python3.11/site-packages/torch/lib/libtorch_cpu.so\n";
    expect(probeFrom(JSON.stringify({ node: "v22.23.5", libtorch: "2.15.0", config, maps }))).toEqual({
      node: "22.23.5",
      libtorch: "2.15.0",
      oneDnn: "3.7.1",
      library: "/opt/torch/lib/python3.11/site-packages/torch/lib/libtorch_cpu.so",
    });
    const without = { node: "v20.19.2", libtorch: "1.13.0", config: "PyTorch built with:", maps: "" };
    expect(probeFrom(JSON.stringify(without))).toMatchObject({ oneDnn: null, library: null });
    expect(probeFrom("Error: no addon")).toBeNull();
  });

  it("why a step failed: what set-up or a test said, else the last line, and never all of it", () => {
    expect(reasonFrom("Get:1\n\nset-up failed: No C++ compiler was found.\n  fix: install g++\n")).toBe(
      "set-up failed: No C++ compiler was found.",
    );
    expect(reasonFrom("in-debian: apt-get did not install x.\n  fix: --fresh\n")).toMatch(
      /^in-debian: apt-get did not/,
    );
    expect(reasonFrom("FAILED src/a.test.ts > adds: expected 1\n1 passed, 1 failed, 0 skipped\n")).toMatch(
      /> adds: exp/,
    );
    expect(reasonFrom("ERROR: no matching distribution\n  fix: none\nnpm notice new version\n")).toMatch(
      /^ERROR: no m/,
    );
    expect(reasonFrom("\n")).toBe("it printed nothing");
    expect(reasonFrom("x".repeat(500))).toHaveLength(160);
  });
});

describe("the table", () => {
  const nothing = { node: null, libtorch: null, oneDnn: null, kernelError: null, tests: null, imagesPerSecond: null };
  const good = { ...nothing, title: "Debian 13", node: "20.19.2", libtorch: "2.6.0", oneDnn: "3.7.1", faults: [] };
  const tests = { passed: 310, failed: 0, skipped: 7 };
  const bad = { ...nothing, title: "Debian 12", faults: ["set-up failed: a | b", "more"] };

  it("is Markdown; a row that failed has its reasons and dashes for what is not known", () => {
    const results = [{ ...good, tests, kernelError: "2e-6" }, bad];
    expect(tableOf(results, false)).toBe(
      [
        "| platform | Node | LibTorch | oneDNN | tests passed / failed / skipped | largest kernel error | came out |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| Debian 13 | 20.19.2 | 2.6.0 | 3.7.1 | 310 / 0 / 7 | 2e-6 | as it should |",
        "| Debian 12 | – | – | – | – | – | set-up failed: a \\| b; more |",
      ].join("\n"),
    );
  });

  it("has rates where they were measured", () => {
    const [head, , first, second] = tableOf([{ ...good, imagesPerSecond: 47.25 }, bad], true).split("\n");
    expect(head).toMatch(/kernel error \| img\/s \| came out/);
    expect(first).toMatch(/\| 47\.3 \| as it should \|$/);
    expect(second).toMatch(/\| – \| set-up failed/);
  });
});

describe("rows", () => {
  const named = (only: string | null) => rowsNamed(only).map(({ name }: { name: string }) => name);
  it("are chosen by name, or by what their names begin with", () => {
    expect(named("debian-12/wheel")).toEqual(["debian-12/wheel"]);
    expect(named("debian-13")).toEqual(["debian-13/system", "debian-13/node-22", "debian-13/node-24"]);
    expect(named(null)).toHaveLength(ROWS.length);
    expect(() => rowsNamed("debian-11")).toThrow(/no row debian-11\.\n {2}fix: name one of debian-12\/system, /);
  });

  it("keep a system to themselves where a LibTorch that another row put in would be found", () => {
    const systems = new Map<string, string>();
    for (const { system, packages, wheel, release } of ROWS) {
      const holds = JSON.stringify([release, wheel, packages]);
      expect(systems.get(system) ?? holds).toBe(holds);
      systems.set(system, holds);
    }
  });

  it("fail where another LibTorch is loaded than the one they are named for", () => {
    const [own, wheels] = [
      "/usr/lib/x86_64-linux-gnu/libtorch_cpu.so.1.13",
      "/opt/torch/lib/torch/lib/libtorch_cpu.so",
    ];
    expect(libraryFault({ wheel: true }, wheels)).toBeNull();
    expect(libraryFault({ wheel: false }, own)).toBeNull();
    expect(libraryFault({ wheel: true }, own)).toBe(`loads ${own}, not the one below /opt/torch/`);
    expect(libraryFault({ wheel: false }, null)).toBe("loads no LibTorch, not the one below /usr/lib/");
  });
});

describe("the command line", () => {
  const ask = (...args: string[]) =>
    spawnSync(process.execPath, [script("platforms.mjs"), ...args], { encoding: "utf8" });

  it("--help has an example, --list the rows", () => {
    expect(ask("--help").stdout).toMatch(/Example: npm run test:platforms -- --only debian-12\/wheel/);
    const { stdout, status } = ask("--list");
    expect(stdout.trim().split("\n")).toHaveLength(ROWS.length);
    expect(status).toBe(0);
  });

  for (const [args, said] of [
    [["--quick"], /platforms: Unknown option '--quick'.*\n {2}fix: node scripts\/platforms\.mjs --help/],
    [["--only", "debian-11"], /There is no row debian-11\.\n {2}fix: name one of/],
    [
      ["--json", "/no/such/folder/a.json"],
      /--json: the folder of \/no\/such\/folder\/a\.json does not exist\.\n {2}fix/,
    ],
  ] as const)
    it(`${args.join(" ")} is refused before anything is made`, () => {
      const { status, stderr } = ask(...args);
      expect(stderr).toMatch(said);
      expect(status).toBe(2);
    });
});
