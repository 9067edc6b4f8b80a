// A contact sheet: a row of images a condition, stains in their colours, so that a person sees the data before a day of training.
import sharp from "sharp";
import type { Dataset } from "../../data/index.ts";
import { escapeHtml } from "../../report/index.ts";
import { encodePicture, TablePicture } from "../../train/index.ts";
import { pickImages } from "./pick-images.ts";

const IMAGES_OF_A_CONDITION = 8;
const LABEL_PX = 30;
const MOST_WIDTH_PX = 1920;
/** Sheets of very many conditions show the first of them. */
const MOST_CONDITIONS = 24;

/** Draws the sheet as PNG bytes: levels from the 0.5th to the 99.5th percentile of each channel. @param seed of what is drawn. */
export async function contactSheet(dataset: Dataset, seed: number): Promise<Buffer> {
  const { manifest, sites } = dataset;
  const { heightPx, widthPx } = manifest;
  const samples = pickImages(sites, IMAGES_OF_A_CONDITION, seed).slice(0, MOST_CONDITIONS);
  const channels = manifest.channels.map(({ colour, statistics }) => ({
    colour,
    low: statistics.p0_5,
    high: Math.max(statistics.p99_5, statistics.p0_5 + 1),
  }));
  const rows = await Promise.all(
    samples.map(async ({ label, images }) => {
      const form = { nRows: 1, nColumns: IMAGES_OF_A_CONDITION, heightPx, widthPx, panels: ["composite" as const] };
      const table = new TablePicture(form, channels);
      const { data } = await dataset.readImages(images);
      for (const i of images.keys()) table.place(0, i, data, i * channels.length * heightPx * widthPx);
      const png = await encodePicture(table.picture, Math.min(heightPx, widthPx));
      return { label, png: await sharp(png).resize({ width: MOST_WIDTH_PX, withoutEnlargement: true }).toBuffer() };
    }),
  );
  return stacked(rows);
}

async function stacked(rows: readonly { label: string; png: Buffer }[]): Promise<Buffer> {
  const { width = 1, height = 1 } = await sharp(rows[0]?.png).metadata();
  const rowPx = height + LABEL_PX;
  const labels = rows.map(
    ({ label }, i) => `<text x="6" y="${i * rowPx + 21}" font-size="16" fill="#eee">${escapeHtml(label)}</text>`,
  );
  const overlay = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${rows.length * rowPx}" font-family="sans-serif">${labels.join("")}</svg>`;
  return sharp({ create: { width, height: rows.length * rowPx, channels: 3, background: "#14181d" } })
    .composite([
      ...rows.map(({ png }, i) => ({ input: png, left: 0, top: i * rowPx + LABEL_PX })),
      { input: Buffer.from(overlay), left: 0, top: 0 },
    ])
    .png()
    .toBuffer();
}
