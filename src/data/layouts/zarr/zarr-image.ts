// One image of an OME-Zarr as planes of grey levels, its chunks read through an image source.
import * as zarr from "zarrita";
import { isGanDlError } from "../../../core/errors.ts";
import { firstLine } from "../../errors.ts";
import { badLevel, badPlate } from "../../errors-formats.ts";
import type { DecodedImage, ZChoice } from "../../formats/image-format.ts";
import { checkSize, MAX_PAGES } from "../../formats/limits.ts";
import { stackPlanes } from "../../formats/z-stack.ts";
import type { ImageSource } from "../../image-source.ts";
import { axesOf, type OmeAttributes, omeAttributes } from "./ome-metadata.ts";

/** A chunk larger than this is damage: writers keep them to some megabytes. */
const MAX_CHUNK_BYTES = 1024 ** 3;

/** A plane in more chunks than this would be read for hours. */
const MAX_CHUNKS_PER_PLANE = 65_536;
const MAX_CHANNELS = 1000;

/** What is read of an image. */
export interface ZarrChoice {
  readonly level: number;
  readonly z?: ZChoice;
}

/** An array, and where its axes stand. */
interface OpenedArray {
  readonly array: zarr.Array<zarr.DataType, zarr.Readable>;
  readonly axes: readonly string[];
  readonly bitDepth: 8 | 16;
}

/** Counts of an image's channels and planes. */
export interface ZarrShape {
  readonly channels: number;
  readonly sizeZ: number;
  readonly height: number;
  readonly width: number;
  readonly bitDepth: 8 | 16;
}

/** Zarr's keys as paths below `folder`; a sharded array asks for parts of a file, of which the last stays in memory. */
function storeOf(source: ImageSource, folder: string): zarr.AsyncReadable {
  let last: { path: string; bytes: Promise<Uint8Array> } | null = null;
  const get = async (key: string): Promise<Uint8Array | undefined> => {
    const path = `${folder}${key.replace(/^\//, "")}`;
    return (await source.has(path)) ? source.read(path) : undefined;
  };
  return {
    get,
    async getRange(key, range) {
      const path = `${folder}${key.replace(/^\//, "")}`;
      if (last?.path !== path) {
        if (!(await source.has(path))) return undefined;
        last = { path, bytes: source.read(path) };
      }
      const bytes = await last.bytes;
      if ("suffixLength" in range) return bytes.subarray(Math.max(0, bytes.length - range.suffixLength));
      return bytes.subarray(range.offset, range.offset + range.length);
    },
  };
}

async function openArray(
  source: ImageSource,
  folder: string,
  attributes: OmeAttributes | null,
  level: number,
): Promise<OpenedArray> {
  const file = `${source.name}/${folder}`;
  const multiscale = attributes?.multiscales?.[0];
  if (multiscale === undefined) throw badPlate(file, "it has no multiscales");
  const dataset = multiscale.datasets[level];
  if (dataset === undefined) throw badLevel(file, level, multiscale.datasets.length);
  const axes = axesOf(multiscale, file);
  const root = zarr.root(storeOf(source, folder));
  const array = await zarr.open(root.resolve(dataset.path), { kind: "array" });
  if (array.dtype !== "uint8" && array.dtype !== "uint16") throw badPlate(file, `its values are ${array.dtype}`);
  const bitDepth = array.dtype === "uint8" ? 8 : 16;
  if (array.shape.length !== axes.length)
    throw badPlate(file, `its array has ${array.shape.length} dimensions, and ${axes.length} axes`);
  const chunkBytes = array.chunks.reduce((product, n) => product * n, bitDepth / 8);
  if (!(chunkBytes > 0 && chunkBytes <= MAX_CHUNK_BYTES)) throw badPlate(file, `its chunks have ${chunkBytes} bytes`);
  return { array, axes, bitDepth };
}

function shapeOf({ array, axes, bitDepth }: OpenedArray, file: string): ZarrShape {
  const along = (axis: string) => (axes.includes(axis) ? array.shape[axes.indexOf(axis)]! : 1);
  if (along("t") !== 1) throw badPlate(file, `it is a film of ${along("t")} time points`);
  const shape = { channels: along("c"), sizeZ: along("z"), height: along("y"), width: along("x"), bitDepth };
  if (!(shape.channels >= 1 && shape.channels <= MAX_CHANNELS))
    throw badPlate(file, `it has ${shape.channels} channels`);
  const across = (axis: string) => Math.ceil(along(axis) / array.chunks[axes.indexOf(axis)]!);
  const nChunks = across("y") * across("x");
  if (!(nChunks <= MAX_CHUNKS_PER_PLANE)) throw badPlate(file, `a plane of it lies in ${nChunks} chunks`);
  checkSize({ ...shape, planes: shape.channels, bytesPerSample: bitDepth / 8 }, file);
  if (!(shape.sizeZ >= 1 && shape.sizeZ <= MAX_PAGES)) throw badPlate(file, `it has ${shape.sizeZ} planes in z`);
  return shape;
}

/** Runs `work`, telling zarrita's faults as those of the store. */
async function ofStore<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isGanDlError(error)) throw error;
    throw badPlate(file, firstLine(error).replace(/\.$/, ""), error);
  }
}

/** The size of the image at `folder`. @throws GanDlError `bad-plate`, `bad-level`, `unsupported-image`. */
export function zarrShape(source: ImageSource, folder: string, level: number): Promise<ZarrShape> {
  const file = `${source.name}/${folder}`;
  return ofStore(file, async () =>
    shapeOf(await openArray(source, folder, await omeAttributes(source, folder), level), file),
  );
}

/** The image at `folder` as planes. @throws GanDlError `bad-plate`, `bad-level`, `z-not-chosen`, `bad-z`, `unsupported-image`. */
export function readZarrImage(source: ImageSource, folder: string, choice: ZarrChoice): Promise<DecodedImage> {
  const file = `${source.name}/${folder}`;
  return ofStore(file, async () => {
    const opened = await openArray(source, folder, await omeAttributes(source, folder), choice.level);
    const { array, axes } = opened;
    const shape = shapeOf(opened, file);
    const read = async (channel: number, plane: number) => {
      const at = { t: 0, c: channel, z: plane } as Record<string, number>;
      const { data } = await zarr.get(
        array,
        axes.map((axis) => (axis === "y" || axis === "x" ? null : at[axis]!)),
      );
      return data as Uint8Array | Uint16Array;
    };
    return stackPlanes(shape.channels, shape.sizeZ, { ...shape, file }, choice.z, read);
  });
}
