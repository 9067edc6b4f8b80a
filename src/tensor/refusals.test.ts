// What set-up says where gan-dl cannot be set up, in place of a compiler's error or a loader's.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "gandl-refusal-"));
afterAll(() => rmSync(folder, { recursive: true }));

const script = (name: string) => fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url));
const { here, verdictOn } = await import(script("refusals.mjs"));
const tried = { platform: "linux", arch: "x64", machine: "x86_64", nodeVersion: "20.19.0", isMusl: false };

describe("set-up is refused", () => {
  for (const [name, where, what, fix] of [
    ["Node 18", { nodeVersion: "18.20.8" }, /needs Node 20\.19 or newer; this is v18\.20\.8\./, /install a newer Node/],
    ["Node 20.18", { nodeVersion: "20.18.3" }, /this is v20\.18\.3\./, /https:\/\/nodejs\.org/],
    ["Windows", { platform: "win32", machine: "x64" }, /not run on Windows itself: its native addon/, /use WSL: `wsl/],
    ["FreeBSD", { platform: "freebsd", machine: "amd64" }, /does not run on freebsd\./, /use Linux on x86-64/],
    [
      "musl",
      { isMusl: true },
      /is musl \(Alpine's, for one\); LibTorch and ONNX Runtime/,
      /glibc, such as Debian or Ubu/,
    ],
    [
      "a 32-bit Node",
      { arch: "ia32" },
      /This Node is built for ia32, and the machine is x86_64:/,
      /install Node for x64/,
    ],
    [
      "a 32-bit Node on ARM",
      { arch: "arm", machine: "aarch64" },
      /built for arm, and the machine/,
      /install Node for arm64/,
    ],
    ["a 32-bit machine", { arch: "ia32", machine: "i686" }, /does not run on i686: DuckDB and ONNX/, /of x86-64/],
    ["POWER", { arch: "ppc64", machine: "ppc64le" }, /does not run on ppc64le: DuckDB and ONNX/, /use a machine/],
  ] as const)
    it(`on ${name}`, () => {
      const { refusal, warning } = verdictOn({ ...tried, ...where });
      expect(refusal.what).toMatch(what);
      expect(refusal.fix).toMatch(fix);
      expect(warning).toBeNull();
    });
});

describe("set-up goes on", () => {
  for (const [name, where, warning] of [
    ["silently where it was tried", {}, null],
    ["silently with a newer Node", { nodeVersion: "24.0.0" }, null],
    ["with a warning on arm64", { arch: "arm64", machine: "aarch64" }, /^arm64 has not been tried: what gan-dl needs/],
    ["with a warning on macOS", { platform: "darwin", arch: "arm64", machine: "arm64" }, /^macOS has not been tried:/],
  ] as const)
    it(name, () => {
      const verdict = verdictOn({ ...tried, ...where });
      expect(verdict.refusal).toBeNull();
      if (warning === null) expect(verdict.warning).toBeNull();
      else expect(verdict.warning).toMatch(warning);
    });

  it("here, where the tests run", () => {
    expect(here()).toMatchObject({ platform: process.platform, nodeVersion: process.versions.node, isMusl: false });
    expect(verdictOn(here()).refusal).toBeNull();
  });
});

it("what is read before the refusal has no syntax that an old Node does not know", () => {
  for (const name of ["setup.mjs", "refusals.mjs"])
    expect(readFileSync(script(name), "utf8")).not.toMatch(
      /\?\?|\?\.[\w[(]|\|\|=|&&=|^await |#\w+ =|\.at\(|replaceAll/m,
    );
});

describe("a compiler that is older than LibTorch's headers", () => {
  function write(path: string, text: string) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    return join(folder, path);
  }
  function setUp(refused: string) {
    write("torch/include/ATen/ATen.h", "#if __cplusplus < 202002L\n#error C++20 or later is required\n#endif\n");
    const numbers = ["MAJOR 2", "MINOR 15", "PATCH 0"].map((part) => `#define TORCH_VERSION_${part}\n`).join("");
    write("torch/include/torch/csrc/api/include/torch/version.h", numbers);
    write("torch/lib/libc10.so", "");
    const old = `case "$*" in *--version*) echo "g++ (Debian 8.3.0-6) 8.3.0" ;; *${refused}*) exit 1 ;; esac\n`;
    const compiler = write("old-compiler", `#!/bin/sh\n${old}`);
    chmodSync(compiler, 0o755);
    const env = { ...process.env, LIBTORCH: join(folder, "torch"), CXX: compiler };
    return spawnSync(process.execPath, [script("setup.mjs")], { encoding: "utf8", env });
  }

  it("is refused before anything is compiled, with the compilers that will do", () => {
    const { status, stderr } = setUp("-std=c++20");
    expect(stderr).toMatch(
      /set-up failed: LibTorch 2\.15\.0 needs a compiler of C\+\+20; .*old-compiler \(g\+\+ \(Debian/,
    );
    expect(stderr).toMatch(/is older\.\n {2}fix: install g\+\+ 11 or newer, or a clang\+\+ of its time, and set CXX/);
    expect(stderr).not.toMatch(/npm ci|compiling/);
    expect(status).toBe(1);
  });
});
