import sharp from "sharp";
import { expect, it } from "vitest";
import { oneOfTwo } from "../commands/regions.ts";
import { displayable } from "./region-picture.fixture.ts";
import { regionPicture } from "./region-picture.ts";

it("the picture shows composite, map and truth side by side, the map's brightest place pale yellow", async () => {
  const png = await regionPicture(displayable);
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const factor = 192; // two pixels a side, enlarged to 384
  expect([info.width, info.height]).toEqual([(3 * 2 + 2 * 4) * factor, 2 * factor]);
  const at = (x: number, y: number) => [
    ...data.subarray(((y + 0.5) * factor * info.width + (x + 0.5) * factor) * info.channels).subarray(0, 3),
  ];
  expect(at(0, 0)).toEqual([204, 0, 0]); // red at full, four fifths bright
  expect(at(1, 0)).toEqual([0, 0, 0]);
  expect(at(2, 0)).toEqual([255, 255, 255]); // the gap
  expect(at(6, 0)).toEqual([10, 7, 34]);
  expect(at(7, 1)).toEqual([252, 253, 191]);
  expect(at(12, 0)).toEqual([10, 7, 34]); // background
  expect(at(13, 1)).toEqual([249, 161, 11]); // infected
});

it("has two panels without truth", async () => {
  const { width } = await sharp(await regionPicture({ ...displayable, cells: null })).metadata();
  expect(width).toBe((2 * 2 + 4) * 192);
});

it("asks for one of run and DEEMD", () =>
  expect(oneOfTwo().message).toMatch(/name one of --run and --deemd.*\n\s+why: .*\n\s+fix: give the run folder/));
