// Threads are started from the built package, as its users have it; `npm test` builds it first.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../core/index.ts";
import { messageOf, png, tiff } from "./files.fixture.ts";
import { type PlanesWanted, placePlanes } from "./place-planes.ts";
import { PlaneThreads } from "./plane-threads.ts";
import { allocatePixels, allocateShared, type Pixels } from "./shards.ts";

const BUILT = fileURLToPath(new URL("../../dist/data/plane-worker.js", import.meta.url));
const [H, W] = [12, 20];
const SIZE = H * W;
const form = (bitDepth: 8 | 16) => ({ heightPx: H, widthPx: W, bitDepth, reference: "first.png" });

/** Two planes of 16 bits, of which the second and then the first are wanted at half their size. */
const STACK: PlanesWanted = {
  ...{ label: "stack.tif (row 2 of a.csv)", decode: {}, form: form(16), nPlanes: 2, channels: [1, 0] },
  ...{ heightPx: H / 2, widthPx: W / 2 },
};
const GRAY: PlanesWanted = {
  ...{ label: "a.png (row 3 of a.csv)", decode: {}, form: form(8), nPlanes: 1, channels: [0] },
  ...{ heightPx: H, widthPx: W },
};

function files(n: number): { bytes: Uint8Array; wanted: PlanesWanted; out: (shared: boolean) => Pixels }[] {
  const random = new SeededRandom(3);
  return Array.from({ length: n }, (_, i) => {
    const drawn = () => Uint16Array.from({ length: SIZE }, () => random.integer(i % 2 ? 60_000 : 250));
    const make = (shared: boolean) => (shared ? allocateShared : allocatePixels);
    return i % 2
      ? { bytes: tiff(H, W, [drawn(), drawn()]), wanted: STACK, out: (shared) => make(shared)("uint16", SIZE / 2) }
      : { bytes: png("gray", H, W, Uint8Array.from(drawn())), wanted: GRAY, out: (s) => make(s)("uint8", SIZE) };
  });
}

describe.skipIf(!existsSync(BUILT))("threads that decode and measure files", () => {
  it("give what one thread gives, bit for bit, many files at a time", async () => {
    using threads = new PlaneThreads(3, BUILT);
    const asked = files(24).map(async ({ bytes, wanted, out }) => {
      const here = out(false);
      const measures = await placePlanes(bytes, wanted, here);
      const there = out(true);
      expect(await threads.place(Uint8Array.from(bytes), wanted, there)).toEqual(measures);
      expect(there).toEqual(here);
      return measures.length;
    });
    expect((await Promise.all(asked)).reduce((a, b) => a + b)).toBe(36);
  });

  it("take over memory that holds the file alone, and copy a part of a larger one", async () => {
    using threads = new PlaneThreads(2, BUILT);
    const { bytes, wanted, out } = files(1)[0]!;
    const whole = Uint8Array.from(bytes);
    await threads.place(whole, wanted, out(true));
    expect(whole.byteLength).toBe(0);
    const archive = new Uint8Array(bytes.length + 100);
    archive.set(bytes, 60);
    await threads.place(archive.subarray(60, 60 + bytes.length), wanted, out(true));
    expect([...archive.subarray(60, 60 + bytes.length)]).toEqual([...bytes]);
  });

  it("refuse a bad file in the words of one thread, and go on with others", async () => {
    using threads = new PlaneThreads(2, BUILT);
    const [gray, stack] = files(2) as [ReturnType<typeof files>[0], ReturnType<typeof files>[0]];
    const bad = [
      { code: "unreadable-image", bytes: Uint8Array.from(gray.bytes.subarray(0, 40)), wanted: gray.wanted },
      { code: "image-mismatch", bytes: Uint8Array.from(gray.bytes), wanted: stack.wanted },
      { code: "image-mismatch", bytes: Uint8Array.from(stack.bytes), wanted: { ...stack.wanted, nPlanes: 3 } },
    ];
    for (const { code, bytes, wanted } of bad) {
      const words = await messageOf(code, () => placePlanes(bytes.slice(), wanted, stack.out(false)));
      expect(words).toContain("of a.csv)");
      expect(await messageOf(code, () => threads.place(bytes, wanted, stack.out(true)))).toBe(words);
    }
    expect(await threads.place(Uint8Array.from(gray.bytes), gray.wanted, gray.out(true))).toHaveLength(1);
  });

  it("refuse what was asked when they are closed, and what is asked later", async () => {
    const threads = new PlaneThreads(2, BUILT);
    const { bytes, wanted, out } = files(1)[0]!;
    const asked = threads.place(Uint8Array.from(bytes), wanted, out(true));
    threads[Symbol.dispose]();
    await expect(asked).rejects.toThrow("the threads were closed");
    await expect(threads.place(bytes, wanted, out(true))).rejects.toThrow("the threads were closed");
  });
});

it("works in place where one thread is asked for, or none is built", async () => {
  const { bytes, wanted, out } = files(1)[0]!;
  for (const threads of [new PlaneThreads(1, BUILT), new PlaneThreads(4, "no-such-worker.js")]) {
    expect(await threads.place(bytes, wanted, out(false))).toEqual(await placePlanes(bytes, wanted, out(false)));
    expect(bytes.byteLength).toBeGreaterThan(0);
    threads[Symbol.dispose]();
  }
});
