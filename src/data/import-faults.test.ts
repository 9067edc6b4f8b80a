import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isGanDlError } from "../core/errors.ts";
import { listing, messageOf, png, ramp, writeFiles, zipOf } from "./files.fixture.ts";
import { events, file, H, imported, pixelsOf, place, TABLE, THREE, THREE_PIXELS, W, wide } from "./import.fixture.ts";
import { importDataset } from "./import-dataset.ts";
import { openDataset } from "./open-dataset.ts";

describe("a faulty source", () => {
  it("leaves nothing behind, and names file and row", async () => {
    const cases: [code: string, change: Record<string, string | Uint8Array>, says: RegExp][] = [
      [
        "unreadable-image",
        { "A2_1.png": file(1).subarray(0, 50) },
        /^A2_1\.png \(row 2 of metadata\.csv\) cannot be decoded/,
      ],
      ["unreadable-image", { "A1_1.png": "text" }, /^A1_1\.png \(row 1 of metadata\.csv\) cannot be decoded/],
      [
        "image-mismatch",
        { "A3_2.png": png("gray", 3, 5, ramp(3, 5, 0)) },
        /^A3_2\.png \(row 3 .*\) is 3 × 5 px of 8 bits; the data set is 3 × 4 px of 8 bits\.\n.*taken from A1_1\.png/,
      ],
      ["image-mismatch", { "A3_2.png": wide(0) }, /3 × 4 px of 16 bits; the data set is 3 × 4 px of 8 bits/],
      [
        "image-mismatch",
        { "A3_2.png": png("rgb", H, W, new Uint8Array(3 * H * W)) },
        /A3_2\.png .* holds 3 channels; 1 was expected\.\n.*must be gray/,
      ],
      [
        "unsupported-image",
        { "A2_2.png": png("palette", H, W, new Uint8Array(H * W), [{ type: "PLTE", data: new Uint8Array(3) }]) },
        /A2_2\.png \(row 2 .*palette/,
      ],
    ];
    for (const [code, change, says] of cases) {
      const { folder, source, out } = place({ ...THREE, ...change });
      expect(await messageOf(code, () => imported({ source, out, table: TABLE }))).toMatch(says);
      expect(listing(folder)).toEqual(["keep", "source"]);
    }
  });

  it("with skipBad becomes a data set without the faulty sites, each listed with row and reason", async () => {
    const { source, out } = place({ ...THREE, "A1_2.png": file(1).subarray(0, 50) });
    const manifest = await imported({ source, out, table: TABLE, skipBad: true });
    expect(manifest.nSites).toBe(2);
    expect(manifest.skipped).toEqual([
      {
        siteId: "P_A1_1",
        row: 1,
        reason: expect.stringMatching(/^A1_2\.png \(row 1 of metadata\.csv\) cannot be decoded/),
      },
    ]);
    expect(await pixelsOf(out)).toEqual(THREE_PIXELS.slice(2 * H * W));
    using dataset = await openDataset(out);
    expect(dataset.sites.map((site) => [site.image_index, site.well])).toEqual([
      [0, "A2"],
      [1, "A3"],
    ]);
  });

  it("with skipBad and nothing whole is still an error", async () => {
    const { folder, source, out } = place({ "metadata.csv": "plate,well\nP,A1\n", "A1_1.png": "x", "A1_2.png": "y" });
    const message = await messageOf("no-sites", () => imported({ source, out, table: TABLE, skipBad: true }));
    expect(message).toContain("none of its 1 sites can be decoded; the first: A1_1.png (row 1");
    expect(listing(folder)).toEqual(["keep", "source"]);
  });

  it("refuses a resize that is not one", async () => {
    for (const resizePx of [0, 5, 1.5]) {
      const { source, out } = place(THREE);
      const message = await messageOf("bad-resize", () => imported({ source, out, table: TABLE, resizePx }));
      expect(message).toContain(`--resize ${resizePx} does not shrink an image of 3 × 4 px`);
    }
  });

  it("scrambled or cut anywhere, in folder or zip, gives a whole data set or an error and nothing else", async () => {
    const zip = await zipOf(THREE);
    const change = fc.tuple(fc.constantFrom(...Object.keys(THREE), "zip"), fc.nat(), fc.nat(255), fc.boolean());
    await fc.assert(
      fc.asyncProperty(change, async ([name, at, value, cut]) => {
        const whole = Buffer.from(name === "zip" ? zip : THREE[name as "metadata.csv"]);
        if (!cut) whole[at % whole.length] = value;
        const bytes = cut ? whole.subarray(0, at % whole.length) : whole;
        const { folder, source, out } = place(name === "zip" ? {} : { ...THREE, [name]: bytes });
        if (name === "zip") writeFiles(folder, { "source.zip": bytes });
        const from = name === "zip" ? join(folder, "source.zip") : source;
        try {
          const manifest = await imported({ source: from, out, table: TABLE });
          expect((await pixelsOf(out)).length).toBe(manifest.nSites * 2 * H * W);
        } catch (error) {
          if (!isGanDlError(error)) throw error;
          expect(existsSync(out)).toBe(false);
        }
        expect(listing(folder).filter((entry) => entry.includes("partial"))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the folder that is written", () => {
  it("is never overwritten unasked, and replaced only by a whole data set", async () => {
    const { folder, source, out } = place(THREE);
    const before = await imported({ source, out, table: TABLE });
    const message = await messageOf("dataset-exists", () => imported({ source, out, table: TABLE, resizePx: 2 }));
    expect(message).toMatch(/out already exists\.\n.*\n {2}fix: .*--overwrite/);
    writeFiles(source, { "A3_2.png": "damaged" });
    await messageOf("unreadable-image", () => imported({ source, out, table: TABLE, overwrite: true }));
    expect((await openDataset(out)).manifest).toEqual(before);
    writeFiles(source, { "A3_2.png": file(77) });
    const after = await imported({ source, out, table: TABLE, overwrite: true });
    expect(after.fingerprint).not.toBe(before.fingerprint);
    expect(listing(folder)).toEqual(["keep", "out", "source"]);
  });

  it("may be an empty folder, but never a folder of something else", async () => {
    const { folder, source, out } = place(THREE);
    writeFiles(folder, { "thesis/chapter-1.txt": "years of work" });
    const mine = join(folder, "thesis");
    expect(
      await messageOf("not-a-dataset", () => imported({ source, out: mine, table: TABLE, overwrite: true })),
    ).toContain("is not a data set written by `gandl import`");
    expect(readFileSync(join(mine, "chapter-1.txt"), "utf8")).toBe("years of work");
    writeFiles(folder, { "out/x": "" });
    await messageOf("dataset-exists", () => imported({ source, out, table: TABLE }));
  });

  it("is told when an earlier import was killed there", async () => {
    const { folder, source, out } = place(THREE);
    writeFiles(folder, { "out.partial-1-abc/shards/00000.npy": "half" });
    await expect(openDataset(join(folder, "out.partial-1-abc"))).rejects.toThrow("is not a data set");
    const warnings = (await events({ source, out, table: TABLE })).filter((event) => event.kind === "warning");
    expect(warnings[0]).toMatchObject({
      message: "an import with other rows, files or settings was killed and left out.partial-1-abc; it can be deleted.",
    });
  });

  it("stays empty when the import is stopped, by a signal or by its reader", async () => {
    const { folder, source, out } = place(THREE);
    const stop = new AbortController();
    const message = await messageOf("aborted", async () => {
      for await (const event of importDataset({ source, out, table: TABLE, signal: stop.signal })) {
        if (event.kind === "started") stop.abort();
      }
    });
    expect(message).toContain("was stopped");
    for await (const event of importDataset({ source, out, table: TABLE })) if (event.kind === "progress") break;
    expect(listing(folder)).toEqual(["keep", "source"]);
  });

  it("that cannot be made is an error", async () => {
    const { folder, source } = place(THREE);
    const message = await messageOf("cannot-write", () =>
      imported({ source, out: join(folder, "keep", "out"), table: TABLE }),
    );
    expect(message).toMatch(/keep\/out cannot be written: ENOTDIR|EEXIST/);
  });
});
