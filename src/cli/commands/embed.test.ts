import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { messageOf } from "../../core/message-of.fixture.ts";
import { importDataset } from "../../data/index.ts";
import { writeSyntheticScreen } from "../../data/synthetic/index.ts";
import { checkpointOf } from "../../embed/embed.fixture.ts";
import { EmbeddingHeader } from "../../schema/index.ts";
import { addEmbed } from "./embed.ts";

const folder = mkdtempSync(join(tmpdir(), "gandl-embed-command-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

const data = join(folder, "data");
const run = join(folder, "run");
beforeAll(async () => {
  const controlWells = { mock: 1, uvInactivated: 0, activeUntreated: 1 };
  const layout = { experiments: ["SYN-1"], platesPerExperiment: 1, sitesPerWell: 1, sidePx: 32 };
  const source = join(folder, "screen");
  for await (const _ of writeSyntheticScreen(source, { ...layout, controlWells, compounds: [] }));
  for await (const _ of importDataset({ source, out: data }));
  // Drawn cells have no size; a pixel size is needed to compare with.
  const manifest = join(data, "dataset.json");
  writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, "utf8")), pixelSizeUm: 0.65 }));
  await checkpointOf(folder, 16, 5, 2, "run", { pixelSizeUm: 0.1 });
});

/** Runs `gandl embed` and gives what it printed. */
async function embed(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const printed = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      printed[stream] += text;
      return true;
    });
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addEmbed(program);
  for (const command of program.commands) command.exitOverride();
  await program.parseAsync(["embed", "--run", run, "--data", data, ...args], { from: "user" });
  vi.restoreAllMocks();
  return printed;
}

describe("gandl embed", () => {
  it("refuses to write over the data set, into nothing, and by steps and sizes that are none", async () => {
    const before = readFileSync(join(data, "sites.parquet"));
    expect(await messageOf("bad-output", () => embed("--out", join(data, "sites")))).toMatch(
      /sites\.parquet belongs to the data set folder/,
    );
    expect(readFileSync(join(data, "sites.parquet"))).toEqual(before);
    expect(await messageOf("bad-output", () => embed("--out", ""))).toContain("--out is empty.");
    for (const stride of ["0", "-3"])
      await expect(embed("--out", "x", "--tiles", "grid", "--stride", stride)).rejects.toThrow("not a count of one");
    expect(await messageOf("bad-resize", () => embed("--out", join(folder, "x"), "--resize", "1e-9"))).toMatch(
      /1e-9 is no factor[\s\S]*leaves a pixel of every image/,
    );
  });
  it("takes the name of the table for the path without ending", async () => {
    await embed("--out", join(folder, "named.parquet"), "--tap", "logit");
    expect(existsSync(join(folder, "named.parquet"))).toBe(true);
    expect(existsSync(join(folder, "named.json"))).toBe(true);
  });
  it("writes a table and a header for each layer, named where asked, and tells them", async () => {
    const out = join(folder, "e-{tap}-x");
    const { stdout } = await embed("--out", out, "--tap", "logit, blocks_gap,logit", "--json");
    const { embeddings } = JSON.parse(stdout) as { embeddings: { tap: string; parquet: string; header: unknown }[] };
    expect(embeddings.map(({ tap }) => tap)).toEqual(["logit", "blocks_gap"]);
    for (const { tap, parquet, header } of embeddings) {
      expect(parquet).toBe(join(folder, `e-${tap}-x.parquet`));
      expect(existsSync(parquet)).toBe(true);
      const written = EmbeddingHeader.parse(JSON.parse(readFileSync(join(folder, `e-${tap}-x.json`), "utf8")));
      expect(written).toEqual(header);
      expect(written.encoder).toBe(`trained discriminator, ${tap}`);
    }
  });

  it("passes every choice on to the header", async () => {
    const choices = ["--resize", "0.75", "--input", "standardised", "--tiles", "grid", "--stride", "4"];
    const map = ["--channel-map", "ER=DNA, actin = ConA", "--aggregate", "median", "--runtime", "libtorch"];
    const { stdout } = await embed("--out", join(folder, "all"), ...choices, ...map, "--json");
    const { header } = JSON.parse(stdout) as { header: EmbeddingHeader };
    expect(header).toMatchObject({
      ...{ resizeFactor: 0.75, input: "standardised", runtime: "libtorch", tap: "fc512" },
      tiling: { layout: "grid", stridePx: 4, nTilesPerImage: 9, aggregate: "median" },
    });
    expect(header.channelMap.slice(1, 3).map(({ dataset, matchedBy }) => [dataset, matchedBy])).toEqual([
      ["DNA", "given"],
      ["ER", "given"],
    ]);
  });

  it("mentions pixel sizes that differ, unless images are resized", async () => {
    const noted = /these images have .* µm a pixel, the encoder was trained at 0\.1 µm; --resize auto/;
    expect((await embed("--out", join(folder, "um"))).stderr).toMatch(noted);
    expect((await embed("--out", join(folder, "um"), "--resize", "1.5")).stderr).not.toMatch(noted);
  });

  it("refuses what it does not know, in words", async () => {
    const out = ["--out", join(folder, "never")];
    for (const [args, message] of [
      [["--tap", "fc512,fc1024"], /no layer 'fc1024'; there are fc512, conv4_flat/],
      [["--resize", "half"], /It is a number or auto/],
      [["--channel-map", "ER"], /It is ENCODER=DATASET/],
      [["--channel-map", "ER=,x=y"], /It is ENCODER=DATASET/],
      [["--tiles", "many"], /Allowed choices are centre, cover, grid/],
      [["--missing", "noise"], /Allowed choices are zero, mean/],
      [["--resize", "0"], /no factor to resize by/],
      [["--stride", "4", "--tiles", "centre"], /a stride was given for tiles 'centre'/],
    ] as const)
      await expect(embed(...out, ...args), args.join(" ")).rejects.toThrow(message);
    expect(existsSync(join(folder, "never.parquet"))).toBe(false);
  });
});
