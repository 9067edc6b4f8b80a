import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isGanDlError } from "../core/errors.ts";
import { messageOf, temporaryFolder, writeFiles, zipOf } from "./files.fixture.ts";
import { openImageSource } from "./open-image-source.ts";

const folder = temporaryFolder();
const files = {
  "metadata.csv": "a,b\n",
  "images/p1/x.png": "pixels".repeat(100),
  "images/p1/y.png": "",
  "images/z.png": "z",
};
writeFiles(join(folder, "plain"), files);
writeFiles(folder, { "stored.zip": await zipOf(files), "packed.zip": await zipOf(files, { level: 6 }) });

for (const name of ["plain", "stored.zip", "packed.zip"]) {
  describe(`a source (${name})`, () => {
    it("reads files, tells which are there and lists folders", async () => {
      const source = await openImageSource(join(folder, name));
      expect(source.name).toBe(name);
      expect(Buffer.from(await source.read("images/p1/x.png")).toString()).toBe(files["images/p1/x.png"]);
      expect((await source.read("images/p1/y.png")).length).toBe(0);
      expect(await source.has("images/p1/x.png")).toBe(true);
      expect(await source.has("images/p1/X.png")).toBe(false);
      expect(await source.has("images/p1")).toBe(false);
      expect(await source.has("no/such/folder/x.png")).toBe(false);
      expect([...(await source.list(""))].sort()).toEqual(["images/", "metadata.csv"]);
      expect([...(await source.list("images/"))].sort()).toEqual(["p1/", "z.png"]);
      expect(await source.list("none")).toEqual([]);
      await source.close();
    });

    it("says which file it has not got, and never reads outside itself", async () => {
      const source = await openImageSource(join(folder, name));
      expect(await messageOf("missing-file", () => source.read("images/q.png"))).toContain(
        `images/q.png is not in ${name}.`,
      );
      for (const path of ["../stored.zip", "images/../../stored.zip", "/etc/hostname", "C:\\x", "a\0b"]) {
        expect(await messageOf("unsafe-path", () => source.read(path))).toContain("outside the data set");
        await messageOf("unsafe-path", () => source.has(path));
      }
      await source.close();
    });
  });
}

describe("openImageSource", () => {
  it("says so when there is nothing, or something else", async () => {
    writeFiles(folder, { "a.tar": "x" });
    const message = await messageOf("source-not-found", () => openImageSource(join(folder, "none")));
    expect(message).toMatch(/none cannot be opened as a folder or a zip file\.\n {2}why: the system says: ENOENT/);
    expect(await messageOf("source-not-found", () => openImageSource(join(folder, "a.tar")))).toContain(
      "it is something else",
    );
  });

  it("refuses a zip with names that point outside", async () => {
    for (const [good, evil] of [
      ["xx/a.png", "../a.png"],
      ["x/y.png", "/xy.png"],
    ] as const) {
      const bytes = Buffer.from(await zipOf({ [good]: "x" }));
      const patched = Buffer.from(bytes.toString("latin1").replaceAll(good, evil), "latin1");
      writeFiles(folder, { "evil.zip": patched });
      const error = await openImageSource(join(folder, "evil.zip")).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(isGanDlError(error, "unsafe-path", "bad-zip"), evil).toBe(true);
    }
  });

  it("refuses an encrypted zip", async () => {
    writeFiles(folder, { "locked.zip": await zipOf({ "a.png": "x" }, { password: "p" }) });
    expect(await messageOf("bad-zip", () => openImageSource(join(folder, "locked.zip")))).toContain(
      "a.png is encrypted",
    );
  });

  it("notices a changed byte by its checksum, and names the entry", async () => {
    const bytes = Buffer.from(await zipOf({ "a.png": "pixels" }));
    bytes[bytes.indexOf("pixels")] = 0x50;
    writeFiles(folder, { "flipped.zip": bytes });
    const source = await openImageSource(join(folder, "flipped.zip"));
    const message = await messageOf("bad-zip", () => source.read("a.png"));
    expect(message).toMatch(/flipped\.zip .*a\.png: its checksum is wrong.*\n.*\n {2}fix: .*unzip -t/);
    await source.close();
  });

  it("never crashes on a cut or scrambled zip, and never gives wrong bytes", async () => {
    const good = { "a.png": "first".repeat(50), "b.png": "second".repeat(50) };
    const zips = [await zipOf(good), await zipOf(good, { level: 6 })];
    const change = fc.tuple(fc.constantFrom(...zips), fc.nat(), fc.nat(255), fc.boolean());
    await fc.assert(
      fc.asyncProperty(change, async ([zip, at, value, cut]) => {
        const bytes = Buffer.from(zip);
        if (!cut) bytes[at % bytes.length] = value;
        writeFiles(folder, { "fuzz.zip": cut ? bytes.subarray(0, at % bytes.length) : bytes });
        try {
          const source = await openImageSource(join(folder, "fuzz.zip"));
          try {
            for (const [name, content] of Object.entries(good)) {
              if (await source.has(name)) expect(Buffer.from(await source.read(name)).toString()).toBe(content);
            }
          } finally {
            await source.close();
          }
        } catch (error) {
          if (!isGanDlError(error, "bad-zip", "unsafe-path")) throw error;
        }
      }),
      { numRuns: 150 },
    );
  });
});
