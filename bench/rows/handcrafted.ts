// Named features of whole images: all cores, against one.
import { handcraftedBaseline } from "gan-dl/baselines";
import { openDataset } from "gan-dl/data";
import type { BenchContext, BenchRow, Prepared } from "../row.ts";
import { type ScreenSize, screenDataset } from "../screen.ts";

/** The whole run of the system on a data set folder, without writing its table. */
export function handcraftedRow(screen: ScreenSize): BenchRow {
  return {
    name: `baselines/handcrafted/${screen.sidePx}`,
    title: `${screen.sites} images of ${screen.channels} stains, ${screen.sidePx} px, measured on all cores, against one`,
    rounds: 5,
    prepare: async (context: BenchContext): Promise<Prepared> => {
      const dataset = await openDataset(await screenDataset(context.folder(), screen));
      const measured = async (threads: number): Promise<void> => {
        const signal = new AbortController().signal;
        const given = { dataset, seed: 1, signal, workFolder: () => Promise.resolve(context.folder()) };
        const params = handcraftedBaseline.params.parse({ threads });
        for await (const event of handcraftedBaseline.run(given, params)) void event;
      };
      return {
        unit: "img/s",
        ours: { name: "all cores", amount: screen.sites, run: () => measured(0) },
        against: { name: "one core", amount: screen.sites, run: () => measured(1) },
        dispose: () => dataset.close(),
      };
    },
  };
}

export const handcrafted: readonly BenchRow[] = [
  handcraftedRow({ sites: 256, channels: 5, sidePx: 128 }),
  handcraftedRow({ sites: 96, channels: 5, sidePx: 256 }),
];
