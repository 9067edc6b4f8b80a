// `gandl inspect`: what a data set folder holds, before a day of training on it.
import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { createView } from "../view.ts";

export function addInspect(program: Command): void {
  program
    .command("inspect")
    .summary("what a data set folder holds: channels, counts, a contact sheet")
    .description(
      "Prints channels with their grey levels and counts of images by plate and condition; with --sheet it writes random images as a picture, one row a stain.",
    )
    .argument("<folder>", "a data set folder")
    .option("--sheet <file.png>", "also write a contact sheet")
    .option("--json", "print the result as JSON")
    .addHelpText("after", "\nExample:\n  gandl inspect data/mine --sheet sheet.png")
    .action(async (folder: string, { sheet, json }: { sheet?: string; json?: boolean }) => {
      const { openDataset } = await import("../../data/index.ts");
      const { realGridPng } = await import("../../train/index.ts");
      using dataset = await openDataset(folder);
      const { manifest, sites } = dataset;
      const counts = new Map<string, number>();
      for (const { plate_id, condition, role } of sites) {
        const key = `${plate_id}\t${condition ?? "–"}\t${role}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      if (sheet)
        await writeFile(
          sheet,
          await realGridPng(dataset, Math.min(manifest.heightPx, manifest.widthPx), { seed: 1, input: "stored" }),
        );
      const rows = [...counts].sort().map(
        ([key, n]) =>
          `  ${key
            .split("\t")
            .map((cell) => cell.padEnd(24))
            .join(" ")} ${String(n).padStart(7)}`,
      );
      const channels = manifest.channels.map(
        ({ name, stain, statistics: s }) =>
          `  ${name.padEnd(16)} ${stain.padEnd(28)} mean ${s.mean.toFixed(1)}  sd ${s.sd.toFixed(1)}  ${s.p0_5} … ${s.p99_5} (0.5 … 99.5 %)`,
      );
      const title = `${manifest.title}: ${manifest.nSites} images of ${manifest.heightPx} × ${manifest.widthPx} px, ${manifest.dtype}; ${manifest.skipped.length} left out${manifest.synthetic ? "; SYNTHETIC" : ""}`;
      const text = [
        title,
        "channels",
        ...channels,
        "images by plate, condition and role",
        ...rows,
        ...(sheet ? [`contact sheet: ${sheet}`] : []),
      ].join("\n");
      createView(json === true).result({ manifest, counts: Object.fromEntries(counts) }, text);
    });
}
