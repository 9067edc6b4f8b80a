// Zips and tables that lie or are cut: an error that names the file, never a crash, a flood or a hang.
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import zlib from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isGanDlError } from "../core/errors.ts";
import { listing, messageOf, temporaryFolder, writeFiles, zipOf } from "./files.fixture.ts";
import { imported, place, TABLE, THREE } from "./import.fixture.ts";
import { openImageSource } from "./open-image-source.ts";
import { readTable } from "./table-files.ts";
import { locateDirectory, ZipDirectory } from "./zip-directory.ts";

const folder = temporaryFolder();

/** A zip of one deflated entry whose directory claims `bytes` and `packed`, whatever it holds. */
function lyingZip(content: Buffer, claims: { bytes?: number; packed?: number; name?: string }): Buffer {
  const data = zlib.deflateRawSync(content);
  const name = Buffer.from(claims.name ?? "a.png");
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt16LE(name.length, 26);
  const record = Buffer.alloc(46);
  record.writeUInt32LE(0x02014b50, 0);
  record.writeUInt16LE(8, 10);
  record.writeUInt32LE(zlib.crc32(content), 16);
  record.writeUInt32LE(claims.packed ?? data.length, 20);
  record.writeUInt32LE(claims.bytes ?? content.length, 24);
  record.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(record.length + name.length, 12);
  end.writeUInt32LE(local.length + name.length + data.length, 16);
  return Buffer.concat([local, name, data, record, name, end]);
}

async function readEntry(zip: Buffer): Promise<Uint8Array> {
  writeFileSync(join(folder, "lying.zip"), zip);
  const source = await openImageSource(join(folder, "lying.zip"));
  return source.read("a.png").finally(() => source.close());
}

describe("zips that lie", () => {
  const content = Buffer.alloc(50_000_000, "x");

  it("are read when they do not", async () => {
    expect(Buffer.from(await readEntry(lyingZip(Buffer.from("pixels"), {}))).toString()).toBe("pixels");
  });

  it("a bomb is unpacked no further than its directory claims", async () => {
    const before = process.memoryUsage().arrayBuffers;
    const message = await messageOf("bad-zip", () => readEntry(lyingZip(content, { bytes: 100 })));
    expect(message).toMatch(/lying\.zip .*a\.png: /);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(content.length);
    const more = await messageOf("bad-zip", () => readEntry(lyingZip(Buffer.from("pixels"), { bytes: 900_000_000 })));
    expect(more).toContain("a.png: it has 6 bytes, not 900000000");
    const huge = await messageOf("bad-zip", () => readEntry(lyingZip(Buffer.from("x"), { bytes: 0xfffffffe })));
    expect(huge).toContain("a.png claims to be larger than 1 GiB");
    await messageOf("bad-zip", () => readEntry(lyingZip(Buffer.from("x"), { packed: 0xfffffffe })));
  });

  it("names that point outside are refused before anything is read, whatever their form", async () => {
    for (const name of [
      "../a.png",
      "a/../../b.png",
      "/etc/passwd",
      "\\\\host\\a",
      "C:/a.png",
      "x\\..\\..\\a",
      "a\0b",
    ]) {
      const message = await messageOf("unsafe-path", () => readEntry(lyingZip(Buffer.from("x"), { name })));
      expect(message).toContain("points outside the data set");
    }
  });

  it("a directory of any bytes is whole or refused", async () => {
    const good = Buffer.from(await zipOf({ "a.png": "1", "b/c.png": "2" }));
    const place = await locateDirectory({
      ...{ name: "a.zip", size: good.length, parallelReads: 1, isRemote: false },
      read: async (at, length) => good.subarray(at, at + length),
      close: async () => {},
    });
    const directory = good.subarray(place.offset, place.offset + place.bytes);
    const change = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(change, fc.nat(4), (changes, nEntries) => {
        const bytes = Buffer.from(directory);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        try {
          const read = new ZipDirectory("a.zip", bytes, { ...place, nEntries });
          expect(read.nEntries).toBe(nEntries);
          read.list("");
        } catch (error) {
          if (!isGanDlError(error, "bad-zip", "unsafe-path")) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("tables that are damaged", () => {
  it("are read whole or refused, never half", async () => {
    const cell = fc.constantFrom("a", "1", '"', '""', ",", "\n", "\r", "\0", "é", "", ";", "\t", "\ufeff", "'");
    const table = fc.array(cell, { maxLength: 40 }).map((parts) => `plate,well\n${parts.join("")}`);
    const bytes = fc.oneof(
      table.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 60 }).map((raw) => Buffer.from(raw)),
      fc.uint8Array({ maxLength: 60 }).map((raw) => Buffer.concat([Buffer.from("PAR1"), raw, Buffer.from("PAR1")])),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        writeFileSync(join(folder, "fuzz.csv"), content);
        try {
          const { nRows, columns } = await readTable(join(folder, "fuzz.csv"));
          for (const cells of columns.values()) expect(cells.length).toBe(nRows);
        } catch (error) {
          if (!isGanDlError(error, "bad-table", "unknown-column")) throw error;
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe("imports of damaged sources", () => {
  it("leave no data set and nothing that could be taken for one", async () => {
    const good = await zipOf(THREE);
    const cases = fc.tuple(fc.nat(), fc.nat(255), fc.boolean());
    await fc.assert(
      fc.asyncProperty(cases, async ([at, value, isCut]) => {
        const { folder: home, out } = place({});
        const bytes = Buffer.from(good);
        bytes[at % bytes.length] = value;
        writeFiles(home, { "s.zip": isCut ? bytes.subarray(0, at % bytes.length) : bytes });
        try {
          await imported({ source: join(home, "s.zip"), out, table: TABLE, intensity: "none" });
          expect(readdirSync(out)).toContain("dataset.json");
        } catch (error) {
          if (!isGanDlError(error)) throw error;
          expect(existsSync(out)).toBe(false);
          for (const name of listing(home)) expect(existsSync(join(home, name, "dataset.json"))).toBe(false);
        }
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});
