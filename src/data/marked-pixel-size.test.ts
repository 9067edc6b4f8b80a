import { expect, it } from "vitest";
import { syntheticScreen } from "./datasets/synthetic-screen.ts";
import { place } from "./import.fixture.ts";
import { withMarkedPixelSize } from "./marked-pixel-size.ts";
import { readMetadata } from "./metadata.ts";
import { openImageSource } from "./open-image-source.ts";

async function sizeWith(truth: string | null): Promise<number | null> {
  const { source } = place({ "metadata.csv": "plate\nP\n", ...(truth === null ? {} : { "truth.json": truth }) });
  const images = await openImageSource(source);
  const metadata = await readMetadata(images, ["metadata.csv"]);
  return (await withMarkedPixelSize(syntheticScreen, images, metadata)).pixelSizeUm;
}

it("a synthetic screen has the pixel size that it was drawn at, and none where that is not told", async () => {
  expect(await sizeWith('{ "options": { "pixelSizeUm": 1.25 } }')).toBe(1.25);
  for (const truth of [null, "{}", "no JSON", '{ "options": { "pixelSizeUm": "1" } }', "null"])
    expect(await sizeWith(truth)).toBeNull();
});
