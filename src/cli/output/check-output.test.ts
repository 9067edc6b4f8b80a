import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { messageOf } from "../../core/message-of.fixture.ts";
import { writeWhole } from "../../data/write-whole.ts";
import { checkOutput, checkOutputFolder } from "./check-output.ts";
import { fileFault, isFileFault, outputEnding, outputUnreachable } from "./errors.ts";

const folder = mkdtempSync(join(tmpdir(), "gandl-output-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (...parts: string[]) => join(folder, ...parts);
for (const [kind, mark] of [
  ["data", "dataset.json"],
  ["run", "config.resolved.json"],
]) {
  mkdirSync(at(kind!));
  writeFileSync(at(kind!, mark!), "{}");
}
writeFileSync(at("in.csv"), "a\n");
symlinkSync(at("in.csv"), at("link.csv"));

const refused = (file: string, inputs?: string[]) => messageOf("bad-output", () => checkOutput("--out", file, inputs));

describe("where a result should go", () => {
  it("may be a new file, one in folders that are not there, or an old result", async () => {
    writeFileSync(at("old.json"), "{}");
    for (const file of [at("new.json"), at("deep/er/new.json"), at("old.json"), at("data/embedding.parquet")])
      await checkOutput("--out", file, [at("in.csv"), at("absent.csv")]);
    await checkOutputFolder("--out", at("run")); // a run goes on in its folder
    await checkOutputFolder("--out", at("deep"));
  });
  it("has a name and is no folder", async () => {
    for (const file of ["", " "]) expect(await refused(file)).toMatch(/--out is empty.*\n.*\n {2}fix: write a path/);
    expect(await messageOf("bad-output", () => checkOutputFolder("--out", ""))).toContain("--out is empty.");
    expect(await refused(at("data"))).toMatch(/data is a folder\.\n.*one file.*\n {2}fix: name a file in it/);
  });
  it("is not what is read, by whatever name", async () => {
    for (const file of ["in.csv", "link.csv", "data/../in.csv"])
      expect(await refused(at(file), [at("in.csv")])).toMatch(
        /is what is read: .*in\.csv\.\n.*destroy it.*\n {2}fix: /,
      );
  });
  it("is no part of a data set or of a run", async () => {
    for (const part of ["data/sites.parquet", "data/dataset.json", "data/shards/00000.npy"])
      expect(await refused(at(part))).toMatch(/belongs to the data set folder .*data\.\n.*damage.*\n {2}fix: /);
    expect(await refused(at("run/checkpoints/kimg-000001.onnx"))).toMatch(/belongs to the run folder .*run\./);
    expect(await messageOf("bad-output", () => checkOutputFolder("--out", at("data")))).toContain("data set folder");
  });
  it("lies in a folder that can be", async () => {
    for (const check of [checkOutput, checkOutputFolder])
      expect(await messageOf("bad-output", () => check("--out", at("in.csv/deep/x")))).toMatch(
        /deep\/x cannot be written\.\n {2}why: .*in\.csv is not a folder\.\n {2}fix: /,
      );
    expect(outputEnding("--out", "a.csv", "profiles", ".parquet").message).toBe(
      "--out a.csv is no name for profiles.\n" +
        "  why: profiles are written as .parquet, and would be read as what the name says.\n" +
        "  fix: name a .parquet file after --out.",
    );
    expect(outputUnreachable("--out", "a", "/b", "cannot be written by this user").message).toContain(
      "why: /b cannot be written by this user.",
    );
  });
});

describe("what the file system refuses", () => {
  it("is a user's matter, told with the path and what to do", async () => {
    const missing = await readFile(at("absent")).catch((error: unknown) => error);
    const taken = await writeFile(at("data"), "").catch((error: unknown) => error);
    if (!isFileFault(missing) || !isFileFault(taken)) throw new Error("no fault of the file system");
    expect(fileFault(missing).message).toMatch(/absent could not be opened\.\n {2}why: .*ENOENT.*\n {2}fix: check the/);
    expect(fileFault(taken).message).toMatch(/EISDIR.*\n {2}fix: name a file, not a folder\./);
    const full = Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC", syscall: "write" });
    expect(fileFault(full).message).toMatch(
      /^a file could not be written\.\n.*ENOSPC.*\n {2}fix: free some disk space/,
    );
  });
  it("is not every error", () => {
    expect(isFileFault(new Error("internal"))).toBe(false);
    expect(isFileFault(Object.assign(new Error("x"), { code: "ENOENT" }))).toBe(false); // no call of the system
    expect(isFileFault(Object.assign(new Error("x"), { code: "ECONNRESET", syscall: "read" }))).toBe(false);
  });
});

describe("a small file is written whole", () => {
  it("into folders that are made, over an old one", async () => {
    await writeWhole(at("made/for/it.txt"), "a");
    await writeWhole(at("made/for/it.txt"), Uint8Array.of(98));
    expect(readFileSync(at("made/for/it.txt"), "utf8")).toBe("b");
  });
  it("or not at all", async () => {
    expect(await messageOf("cannot-write", () => writeWhole(at("data"), "x"))).toMatch(/data cannot be written: E/);
    expect(await messageOf("cannot-write", () => writeWhole(at("in.csv/x"), "x"))).toContain("cannot be written");
  });
});
