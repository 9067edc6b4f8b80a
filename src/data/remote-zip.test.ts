import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Uint8ArrayReader, ZipReader } from "@zip.js/zip.js";
import { beforeEach, describe, expect, it } from "vitest";
import type { ByteReader } from "./byte-reader.ts";
import { messageOf, temporaryFolder, zipOf } from "./files.fixture.ts";
import { serve, zip64End, zip64Of } from "./http-server.fixture.ts";
import { openImageSource } from "./open-image-source.ts";
import { locateDirectory, ZipDirectory } from "./zip-directory.ts";

const folder = temporaryFolder();
let cacheFolder = "";
let count = 0;
beforeEach(() => {
  cacheFolder = join(folder, `cache-${count++}`);
});
const quick = () => ({ cacheFolder, retryDelayMs: 1, attempts: 4, stallMs: 2000 });

const FILES = Object.fromEntries(
  Array.from({ length: 20 }, (_, i) => [`images/p${i % 3}/${i}.txt`, `pixels of ${i} `.repeat(40)]),
);
const small = await zipOf(FILES, { level: 6 });
const { url, state } = await serve(small);
beforeEach(() => {
  Object.assign(state, {
    bytes: Buffer.from(small),
    ranges: true,
    etag: `"${count}"`,
    failures: [],
    drops: 0,
    flips: 0,
  });
  Object.assign(state, { bytesSent: 0 });
  state.requests.length = 0;
});
const textOf = async (source: { read(path: string): Promise<Uint8Array> }, path: string) =>
  Buffer.from(await source.read(path)).toString();

describe("a zip on a server", () => {
  it("is read like one on disk, in one request a file", async () => {
    const source = await openImageSource(url, quick());
    expect(source.name).toBe("screen.zip");
    const before = state.requests.length;
    for (const [path, text] of Object.entries(FILES)) expect(await textOf(source, path)).toBe(text);
    expect(state.requests.length - before).toBe(20);
    expect(await source.list("images")).toEqual(["p0/", "p1/", "p2/"]);
    expect((await source.about("images/p0/0.txt")).bytes).toBeLessThan(200);
    expect(await messageOf("missing-file", () => source.read("images/p0/99.txt"))).toContain("is not in screen.zip");
    await messageOf("unsafe-path", () => source.read("../secret"));
    await source.close();
  });

  it("keeps its directory on disk until the server has another version", async () => {
    await (await openImageSource(url, quick())).close();
    const first = state.requests.length;
    state.requests.length = 0;
    const again = await openImageSource(url, quick());
    expect(state.requests).toEqual(["bytes=0-0"]);
    expect(await again.has("images/p0/0.txt")).toBe(true);
    state.etag = '"other"';
    state.requests.length = 0;
    await (await openImageSource(url, quick())).close();
    expect(state.requests.length).toBe(first);
    const [kept] = readdirSync(join(cacheFolder, "zip-directories"));
    writeFileSync(join(cacheFolder, "zip-directories", kept!, "directory.bin"), "spoilt");
    await (await openImageSource(url, quick())).close();
  });

  it("comes through dropped connections, passing failures and flipped bits", async () => {
    state.failures.push(503, 429);
    const source = await openImageSource(url, quick());
    state.drops = 7;
    const texts = await Promise.all(Object.keys(FILES).map((path) => textOf(source, path)));
    expect(texts).toEqual(Object.values(FILES));
    expect(state.drops).toBe(0);
    state.flips = 1;
    expect(await textOf(source, "images/p0/0.txt")).toBe(FILES["images/p0/0.txt"]);
    expect(state.flips).toBe(0);
    state.flips = 3; // damaged at rest: every time the same
    expect(await messageOf("bad-zip", () => source.read("images/p0/0.txt"))).toMatch(/images\/p0\/0\.txt: /);
  });

  it("goes on behind the bytes that came before a drop", async () => {
    state.bytes = Buffer.from(await zipOf({ "big.bin": "x".repeat(100_000) }));
    const source = await openImageSource(url, quick());
    state.requests.length = 0;
    state.drops = 1;
    await source.read("big.bin");
    const starts = state.requests.map((range) => Number(/=(\d+)-/.exec(range)?.[1]));
    expect(starts.length).toBe(2);
    expect(starts[1]).toBeGreaterThan(40_000);
  });

  it("gives up after its attempts, saying why and that it can be continued", async () => {
    state.failures.push(...Array.from({ length: 10 }, () => 500));
    const message = await messageOf("remote-failed", () => openImageSource(`${url}?key=secret`, quick()));
    expect(message).toMatch(
      /screen\.zip did not come: the server answers 500 Internal Server Error, 4 times in a row\./,
    );
    expect(message).toContain("goes on where it stopped");
    expect(message).not.toContain("secret");
  });

  it("is refused clearly when the server gives no parts, no access, no file, no zip", async () => {
    state.ranges = false;
    expect(await messageOf("no-range-support", () => openImageSource(url, quick()))).toMatch(
      /does not give parts of files: it sends the whole file when asked for a part\.\n.*\n {2}fix: download the zip/,
    );
    state.ranges = true;
    state.failures.push(404);
    expect(await messageOf("remote-refused", () => openImageSource(url, quick()))).toContain("answers 404 Not Found");
    state.failures.push(403);
    expect(await messageOf("remote-refused", () => openImageSource(url, quick()))).toContain("does not give this file");
    expect(await messageOf("source-not-found", () => openImageSource(url.replace(".zip", ".tar"), quick()))).toContain(
      "is not the address of a zip file",
    );
  });

  it("notices a file replaced between two reads", async () => {
    const source = await openImageSource(url, quick());
    state.etag = '"new"';
    expect(await messageOf("remote-changed", () => source.read("images/p0/0.txt"))).toContain(
      "was replaced on the server",
    );
  });

  it("cut short is told from a whole one, wherever it is cut", async () => {
    for (const keep of [10, 500, small.length - 30, small.length - 1]) {
      state.bytes = Buffer.from(small.subarray(0, keep));
      const message = await messageOf("bad-zip", () =>
        openImageSource(url, { ...quick(), cacheFolder: `${cacheFolder}-${keep}` }),
      );
      expect(message).toMatch(/cut short|missing/);
    }
  });
});

describe("a zip64 of more than 65,535 files", () => {
  const names = Array.from({ length: 70_000 }, (_, i) => `RxRx/images/Plate${i % 50}/${i}_w1.png`);

  it("is read by another reader too, and by ours from disk and over HTTP, where only its directory is fetched", async () => {
    const bytes = zip64Of(names);
    const other = new ZipReader(new Uint8ArrayReader(new Uint8Array(bytes)), { useWebWorkers: false });
    const first = await other.getEntriesGenerator().next();
    expect(first.value).toMatchObject({ filename: names[0] });
    await other.close();
    writeFileSync(join(folder, "large.zip"), bytes);
    state.bytes = bytes;
    for (const source of [await openImageSource(join(folder, "large.zip")), await openImageSource(url, quick())]) {
      for (const i of [0, 1, 65_535, 65_536, 69_999]) expect(await textOf(source, names[i]!)).toBe(names[i]);
      expect(await source.has(`${names[5]}x`)).toBe(false);
      expect((await source.list("RxRx/images")).length).toBe(50);
      await source.close();
    }
    expect(state.bytesSent).toBeLessThan(0.6 * bytes.length);
    rmSync(join(folder, "large.zip"));
  });
});

it("finds entries that lie beyond four gigabytes, as in RxRx19a's 450", async () => {
  const offset = 450e9;
  const record = Buffer.alloc(46 + 5 + 4 + 24);
  record.writeUInt32LE(0x02014b50, 0);
  for (const at of [20, 24, 42]) record.writeUInt32LE(0xffffffff, at);
  record.writeUInt16LE(5, 28);
  record.writeUInt16LE(28, 30);
  record.write("a.png", 46);
  record.writeUInt16LE(1, 51);
  record.writeUInt16LE(24, 53);
  for (const [i, value] of [1000, 900, offset].entries()) record.writeBigUInt64LE(BigInt(value), 55 + 8 * i);
  const tail = Buffer.concat([record, zip64End(1, record.length, offset + 1000)]);
  const file: ByteReader = {
    ...{ name: "huge.zip", size: offset + 1000 + tail.length, parallelReads: 1, isRemote: false },
    read: async (at, length) => {
      const out = Buffer.alloc(Math.min(length, offset + 1000 + tail.length - at));
      const from = at - (offset + 1000);
      tail.copy(out, Math.max(0, -from), Math.max(0, from), from + out.length);
      return out;
    },
    close: async () => {},
  };
  const place = await locateDirectory(file);
  expect(place).toMatchObject({ offset: offset + 1000, nEntries: 1, prefixBytes: 0 });
  const directory = new ZipDirectory("huge.zip", await file.read(place.offset, place.bytes), place);
  expect(directory.find("a.png")).toMatchObject({ offset, bytes: 1000, compressedBytes: 900 });
});
