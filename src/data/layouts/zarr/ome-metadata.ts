// What OME-Zarr 0.4 (Zarr v2, `.zattrs`) and 0.5 (Zarr v3, `zarr.json`) say of plates, wells and images.
// Specification: https://ngff.openmicroscopy.org/0.4 and /0.5.
import { z } from "zod";
import { isGanDlError } from "../../../core/errors.ts";
import { parseWith } from "../../../schema/parse.ts";
import { firstLine } from "../../errors.ts";
import { badPlate } from "../../errors-formats.ts";
import type { ImageSource } from "../../image-source.ts";

const MAX_METADATA_BYTES = 64 * 1024 ** 2;
const Path = z.string().min(1).max(1000);

const Plate = z.object({
  name: z.string().optional(),
  wells: z.array(z.object({ path: Path })).max(10_000),
});
const Well = z.object({ images: z.array(z.object({ path: Path })).max(10_000) });
const Axis = z.union([z.string(), z.object({ name: z.string(), unit: z.string().optional() })]);
const Transform = z.object({ type: z.string(), scale: z.array(z.number()).optional() });
const Multiscale = z.object({
  name: z.string().optional(),
  axes: z.array(Axis).min(2).max(5),
  datasets: z
    .array(z.object({ path: Path, coordinateTransformations: z.array(Transform).optional() }))
    .min(1)
    .max(100),
  coordinateTransformations: z.array(Transform).optional(),
});
const Omero = z.object({
  channels: z.array(z.object({ label: z.string().optional(), color: z.string().optional() })).optional(),
});
const Attributes = z.object({
  plate: Plate.optional(),
  well: Well.optional(),
  multiscales: z.array(Multiscale).min(1).optional(),
  omero: Omero.optional(),
});

/** The attributes of a group that OME-Zarr defines. */
export type OmeAttributes = z.infer<typeof Attributes>;

/** The OME attributes of the group at `folder` (`""` or ending in `/`); null when it is no Zarr group with any. @throws GanDlError `bad-plate`. */
export async function omeAttributes(source: ImageSource, folder: string): Promise<OmeAttributes | null> {
  const v3 = await jsonOf(source, `${folder}zarr.json`);
  const told = v3 === null ? await jsonOf(source, `${folder}.zattrs`) : attributesOf(v3);
  if (told === null) return null;
  const file = `${source.name}/${folder}${v3 === null ? ".zattrs" : "zarr.json"}`;
  try {
    const ome = parseWith(Attributes, told, file, "check the store.");
    return ome.plate || ome.well || ome.multiscales ? ome : null;
  } catch (error) {
    if (isGanDlError(error)) throw badPlate(file, firstLine(error).replace(/\.$/, ""), error);
    throw error;
  }
}

function attributesOf(zarrJson: unknown): unknown {
  const attributes = (zarrJson as { attributes?: { ome?: unknown } } | null)?.attributes;
  return attributes?.ome ?? null;
}

async function jsonOf(source: ImageSource, path: string): Promise<unknown> {
  if (!(await source.has(path))) return null;
  const { bytes } = await source.about(path);
  if (bytes > MAX_METADATA_BYTES) throw badPlate(`${source.name}/${path}`, `its metadata has ${bytes} bytes`);
  try {
    return JSON.parse(Buffer.from(await source.read(path)).toString("utf8"));
  } catch (error) {
    if (isGanDlError(error)) throw error;
    throw badPlate(`${source.name}/${path}`, `it is no JSON (${firstLine(error)})`, error);
  }
}

type MultiscaleOf = z.infer<typeof Multiscale>;

/** Names of the axes in order, each one of t, c, z, y, x. @throws GanDlError `bad-plate`. */
export function axesOf({ axes }: MultiscaleOf, file: string): string[] {
  const names = axes.map((axis) => (typeof axis === "string" ? axis : axis.name).toLowerCase());
  const isKnown = names.every((name, i) => "tczyx".includes(name) && name.length === 1 && names.indexOf(name) === i);
  if (!isKnown || names.at(-1) !== "x" || names.at(-2) !== "y")
    throw badPlate(file, `its axes are ${names.join(", ")}`);
  return names;
}

const UM: Record<string, number> = { micrometer: 1, nanometer: 1e-3, millimeter: 1e3, angstrom: 1e-4, meter: 1e6 };

/** Side of a pixel of `level` in µm, from its scale and the one above all; null without a unit, or where sides differ. */
export function pixelSizeUm(multiscale: MultiscaleOf, level: number): number | null {
  const scaleOf = (list: MultiscaleOf["coordinateTransformations"], at: number) =>
    list?.find(({ type }) => type === "scale")?.scale?.[at] ?? 1;
  const side = (at: number) => {
    const axis = multiscale.axes[at]!;
    const factor = typeof axis === "string" || axis.unit === undefined ? undefined : UM[axis.unit];
    const own = multiscale.datasets[level]?.coordinateTransformations;
    return factor === undefined
      ? Number.NaN
      : factor * scaleOf(own, at) * scaleOf(multiscale.coordinateTransformations, at);
  };
  const n = multiscale.axes.length;
  const [y, x] = [side(n - 2), side(n - 1)];
  return x > 0 && Math.abs(x - y) < 1e-3 * x ? x : null;
}
