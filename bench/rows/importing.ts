// Importing PNG files into a data set folder, against decoding them and nothing else.
import { join } from "node:path";
import sharp from "sharp";
import type { BenchContext, BenchRow, Prepared } from "../row.ts";
import { importScreen, type ScreenSize, writeScreen } from "../screen.ts";

/** `importDataset` as a person calls it; sharp alone has all files at once, and so every thread that it takes. */
export function importingRow(screen: ScreenSize): BenchRow {
  const files = screen.sites * screen.channels;
  return {
    name: `importing/png-${screen.sidePx}`,
    title: `${files} PNG files of 8 bits, ${screen.sidePx} px, to a data set folder, against sharp decoding them`,
    rounds: 4,
    prepare: async (context: BenchContext): Promise<Prepared> => {
      const folder = context.folder();
      const source = join(folder, "images");
      const paths = await writeScreen(source, screen);
      return {
        unit: "img/s",
        ours: {
          ...{ name: "importDataset", amount: files },
          run: () => importScreen(source, join(folder, "dataset"), screen.channels).then(() => {}),
        },
        against: {
          ...{ name: "sharp alone", amount: files },
          run: async () => {
            await Promise.all(paths.map((path) => sharp(path).raw().toBuffer()));
          },
        },
        bars: [{ of: "ratio", atLeast: 0.9 }],
      };
    },
  };
}

export const importing = importingRow({ sites: 120, channels: 5, sidePx: 1024 });
