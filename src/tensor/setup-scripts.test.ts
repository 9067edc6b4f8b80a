// The scripts that find LibTorch and compile the addon, run as set-up runs them.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "gandl-torch-"));
afterAll(() => rmSync(folder, { recursive: true }));

function run(script: string, env: Record<string, string>) {
  const path = fileURLToPath(new URL(`../../scripts/${script}`, import.meta.url));
  return spawnSync(process.execPath, [path], { encoding: "utf8", env: { ...process.env, ...env } });
}

function write(path: string, text: string) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

it("LIBTORCH decides; version, C++ standard, ABI and CUDA are read from its files", () => {
  const version = "#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR 4\n#define TORCH_VERSION_PATCH 1\n";
  write("new/include/ATen/ATen.h", "");
  write("new/include/torch/csrc/api/include/torch/version.h", version);
  write("new/lib/libtorch_cuda.so", "");
  write("new/share/cmake/Torch/TorchConfig.cmake", 'set(X "-D_GLIBCXX_USE_CXX11_ABI=0")\nCXX_STANDARD 20\n');
  const { stdout } = run("find-libtorch.mjs", { LIBTORCH: join(folder, "new") });
  expect(JSON.parse(stdout)).toEqual({
    root: join(folder, "new"),
    source: "LIBTORCH",
    includeDirs: [join(folder, "new/include"), join(folder, "new/include/torch/csrc/api/include")],
    libDirs: [join(folder, "new/lib")],
    version: "2.4.1",
    cxx11Abi: false,
    cxxStandard: 20,
    cuda: true,
  });
});

it("the version is found where LibTorch keeps it of late", () => {
  write("late/include/ATen/ATen.h", "");
  write("late/include/torch/csrc/api/include/torch/version.h", "#include <torch/headeronly/version.h>\n");
  write(
    "late/include/torch/headeronly/version.h",
    "#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR 13\n#define TORCH_VERSION_PATCH 0\n",
  );
  write("late/lib/libc10.so", "");
  const { stdout } = run("find-libtorch.mjs", { LIBTORCH: join(folder, "late") });
  expect(JSON.parse(stdout)).toMatchObject({ version: "2.13.0", cxx11Abi: true, cxxStandard: 17, cuda: false });
});

it("the C++ standard that headers refuse to go without is taken from them where the CMake file says nothing", () => {
  const version = "#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR 15\n#define TORCH_VERSION_PATCH 0\n";
  const refusal = "#if !defined(_MSC_VER) && __cplusplus < 202002L\n#error C++20 or later is required\n#endif\n";
  write("strict/include/ATen/ATen.h", refusal);
  write("strict/include/torch/csrc/api/include/torch/version.h", version);
  write("strict/lib/libc10.so", "");
  const { stdout } = run("find-libtorch.mjs", { LIBTORCH: join(folder, "strict") });
  expect(JSON.parse(stdout)).toMatchObject({ version: "2.15.0", cxxStandard: 20 });
});

it("the addon is linked to the LibTorch that it is compiled for, before any other of the system", () => {
  write("linked/include/ATen/ATen.h", "");
  write("linked/include/torch/csrc/api/include/torch/version.h", "#define TORCH_VERSION_MAJOR 2\n");
  write("linked/lib/libc10.so", "");
  const builder = new URL("../../scripts/build-addon.mjs", import.meta.url);
  const code = `import { buildPlan } from ${JSON.stringify(builder.href)}; console.log(JSON.stringify(buildPlan().link[1]));`;
  const env = { ...process.env, LIBTORCH: join(folder, "linked") };
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8", env });
  const options: string[] = JSON.parse(stdout);
  const lib = join(folder, "linked/lib");
  expect(options).toContain(`-L${lib}`); // told to the compiler, not behind -Xlinker
  expect(options.indexOf(`-L${lib}`)).toBeLessThan(options.indexOf("-ltorch"));
  expect(options[options.indexOf(`-L${lib}`) - 1]).not.toBe("-Xlinker");
});

it("a LIBTORCH that holds none is an error, not a reason to take another", () => {
  const { status, stderr } = run("find-libtorch.mjs", { LIBTORCH: join(folder, "none") });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /none holds no LibTorch \(it needs include\/ATen\/ATen\.h.*does not exist\)[\s\S]*fix: set LIBTORCH/,
  );
});

it("a compiler that does not run is named, with what to install", () => {
  const { status, stderr } = run("build-addon.mjs", { CXX: "no-such-compiler" });
  expect(status).toBe(1);
  expect(stderr).toMatch(/No C\+\+ compiler runs \(tried no-such-compiler\)[\s\S]*fix: sudo apt-get install -y g\+\+/);
});

it("an NVCC that does not run is an error, where LibTorch has CUDA, not a reason to build without", () => {
  const { status, stderr } = run("build-addon.mjs", { LIBTORCH: join(folder, "new"), NVCC: join(folder, "no-nvcc") });
  expect(status).toBe(1);
  expect(stderr).toMatch(/NVCC=.*no-nvcc does not run\.\n {2}fix: set NVCC to CUDA's nvcc, or unset it\./);
});

describe("in-debian.sh says what is wrong before it makes anything", () => {
  const ask = (...args: string[]) => {
    const script = fileURLToPath(new URL("../../scripts/in-debian.sh", import.meta.url));
    return spawnSync("bash", [script, ...args], { encoding: "utf8" });
  };
  for (const [args, said] of [
    [[], /no release was named\.\n {2}fix: scripts\/in-debian\.sh 13 -- npm test/],
    [["11", "--", "true"], /release 11 is not known\.\n {2}fix: name 12 or 13/],
    [["13"], /no command was named\.\n {2}fix: scripts\/in-debian\.sh 13 -- npm test/],
    [["13", "12", "--", "true"], /a second release, 12\.\n {2}fix: put -- before the command/],
    [["13", "--quick", "--", "true"], /unknown option --quick\./],
    [["13", "--with", "/no/such/folder", "--", "true"], /--with needs a folder that exists, not '\/no\/such\/folder'/],
    [
      ["12", "--name", "../12", "--", "true"],
      /--name needs small letters.* not '\.\.\/12'\.\n {2}fix: name the system/,
    ],
    [
      ["12", "--apt", "-y", "--", "true"],
      /--apt needs the name of one Debian package, not '-y'\.\n {2}fix: repeat --apt/,
    ],
    [["12", "--node", "/no/such", "--", "true"], /--node needs a folder that holds bin\/node, not '\/no\/such'/],
  ] as const)
    it(`${args.join(" ") || "without arguments"}`, () => {
      const { status, stderr } = ask(...args);
      expect(stderr).toMatch(said);
      expect(status).toBe(2);
    });

  it("--help has an example", () => {
    const { status, stdout } = ask("--help");
    expect(stdout).toMatch(/Example: scripts\/in-debian\.sh 13 -- npm test/);
    expect(status).toBe(0);
  });
});

const hasNvcc = spawnSync(process.env.NVCC ?? "nvcc", ["--version"]).status === 0;
it.skipIf(!hasNvcc)(
  "the kernels for cards are compiled by nvcc (needs CUDA's compiler, no card)",
  () => {
    const builder = new URL("../../scripts/build-addon.mjs", import.meta.url);
    const object = join(folder, "elements.o");
    const code = `
    import { spawnSync } from "node:child_process";
    import { cardPlan, findNvcc } from ${JSON.stringify(builder.href)};
    const { command, flags } = cardPlan(findNvcc(), { name: "g++" }, { cxxStandard: 17, cxx11Abi: true, includeDirs: [] });
    const done = spawnSync(command, [...flags, "-c", "native/cuda/elements.cu", "-o", ${JSON.stringify(object)}], { encoding: "utf8" });
    process.stderr.write(done.stderr);
    process.exitCode = done.status;`;
    const cwd = fileURLToPath(new URL("../..", import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
      encoding: "utf8",
      cwd,
    });
    expect(stderr).not.toMatch(/error/);
    expect(status).toBe(0);
    expect(existsSync(object)).toBe(true);
  },
  120_000,
);
