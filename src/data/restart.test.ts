// An import that was stopped goes on where it was, to the same bytes.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { messageOf, png } from "./files.fixture.ts";
import { events, imported, pixelsOf, place } from "./import.fixture.ts";
import { importDataset } from "./import-dataset.ts";
import type { ImportOptions } from "./import-options.ts";
import { readTable } from "./table-files.ts";

const SIDE = 8;
const N = 12;
const TABLE = { images: "{well}.png", channels: [{ name: "DNA" }] };

function screen(): Record<string, string | Uint8Array> {
  const plane = (i: number) => Uint16Array.from({ length: SIDE * SIDE }, (_, p) => 100 * i + 7 * p + ((p * i) % 13));
  const wells = Array.from({ length: N }, (_, i) => `A${i + 1}`);
  return {
    "metadata.csv": `plate,well\n${wells.map((well, i) => `${i < 5 ? "P" : "Q"},${well}`).join("\n")}\n`,
    ...Object.fromEntries(wells.map((well, i) => [`${well}.png`, png("gray", SIDE, SIDE, plane(i + 1))])),
  };
}

/** Runs an import and stops it after so many sites. */
async function stoppedAfter(options: ImportOptions, nSites: number): Promise<void> {
  const controller = new AbortController();
  const stopped = { ...options, signal: controller.signal, inFlight: 1, checkpointBytes: 1 };
  await messageOf("aborted", async () => {
    for await (const event of importDataset(stopped))
      if (event.kind === "progress" && event.done >= nSites) controller.abort();
  });
}

const tablesOf = async (out: string) =>
  Promise.all(
    ["sites.parquet", "measures.parquet", "plates.parquet"].map(async (file) => [
      ...(await readTable(join(out, file))).columns,
    ]),
  );

describe("an import that was stopped", () => {
  const ways: [string, Partial<ImportOptions>][] = [
    ["as read", { intensity: "none" }],
    ["mapped by plate", { intensity: "percentile-per-plate" }],
    ["with its light evened out, over several shards", { illumination: "estimate", shardBytes: 4 * SIDE * SIDE }],
    ["each image standardised", { intensity: "standardise-per-image" }],
  ];
  for (const [name, settings] of ways)
    it(`gives the bytes of an unbroken one: ${name}`, async () => {
      const { source, out } = place(screen());
      const options = { source, out, table: TABLE, ...settings };
      const whole = await imported({ ...options, out: `${out}-whole` });
      for (const stop of [1, 4, 7, 11]) {
        await stoppedAfter(options, stop);
        expect(existsSync(out)).toBe(false);
      }
      const [started] = await events(options).then((all) => all.filter(({ kind }) => kind === "started"));
      expect(started).toMatchObject({ kind: "started", nSites: N });
      expect((started as { nDone: number }).nDone).toBeGreaterThanOrEqual(11);
      expect(JSON.parse(readFileSync(join(out, "dataset.json"), "utf8"))).toEqual(JSON.parse(JSON.stringify(whole)));
      expect(await pixelsOf(out)).toEqual(await pixelsOf(`${out}-whole`));
      expect(await tablesOf(out)).toEqual(await tablesOf(`${out}-whole`));
    });

  it("starts anew when an image changed since", async () => {
    const { source, out } = place(screen());
    const options = { source, out, table: TABLE, intensity: "none" as const };
    await stoppedAfter(options, 6);
    writeFileSync(join(source, "A1.png"), png("gray", SIDE, SIDE, new Uint16Array(SIDE * SIDE).fill(777)));
    const [started] = (await events(options)).filter(({ kind }) => kind === "started");
    expect(started).toMatchObject({ nDone: 0 });
    expect((await pixelsOf(out)).slice(0, SIDE * SIDE)).toEqual(new Array(SIDE * SIDE).fill(777));
  });
});
