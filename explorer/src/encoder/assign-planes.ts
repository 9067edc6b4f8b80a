// Which dropped plane feeds which stain of the encoder: by what the names say, by the colour, else by a guess that is called one.
import { sameName, structureOf } from "../../../src/embed/stain-names.ts";
import type { EncoderPage } from "../../../src/schema/encoder-page.ts";
import type { Plane } from "./image-planes.ts";

type Channel = EncoderPage["encoder"]["channels"][number];
/** A name and a stain for one channel: the encoder's, or what the screen calls it. */
type Named = Pick<Channel, "name" | "stain">;

/** Where one stain comes from. */
export interface Assignment {
  /** Position among the planes; null where none was found. */
  readonly plane: number | null;
  /** `order` is a guess that a person must confirm. */
  readonly by: "name" | "stain" | "colour" | "order" | "you" | null;
}

/**
 * Assigns planes to the encoder's channels, each to at most one.
 *
 * A name, the encoder's or the screen's, counts where exactly one plane has it as a word of its own, then the structure that the words mean, then the colour of RGB
 * planes beside the display colour of the stains. Where nothing tells and there are as many planes as
 * stains that the screen has, their order is taken.
 * @param screen the channels of the screen, which may call them otherwise.
 */
export function assignPlanes(
  channels: readonly Channel[],
  planes: readonly Plane[],
  screen: readonly Named[] = [],
): Assignment[] {
  const none: Assignment = { plane: null, by: null };
  const assigned = channels.map(() => none);
  const isTaken = (plane: number) => assigned.some((a) => a.plane === plane);
  const namesOf = (channel: Channel): readonly Named[] => [
    channel,
    ...screen.filter(({ name }) => name === channel.screen),
  ];
  const rules: readonly [Assignment["by"], (channel: Channel, plane: Plane) => boolean][] = [
    ["name", (channel, plane) => namesOf(channel).some(({ name }) => hasWords(stemOf(plane.name), name))],
    ["stain", (channel, plane) => namesOf(channel).some((named) => showsSame(named, plane))],
    ["colour", (channel, plane) => plane.colour !== null && plane.colour === primaryOf(channel.colour)],
  ];
  for (const [by, holds] of rules) {
    channels.forEach((channel, i) => {
      if (assigned[i]!.plane !== null) return;
      const fits = planes.flatMap((plane, k) => (!isTaken(k) && holds(channel, plane) ? [k] : []));
      const isWanted = (k: number) =>
        channels.filter((other, j) => assigned[j]!.plane === null && holds(other, planes[k]!)).length === 1;
      if (fits.length === 1 && isWanted(fits[0]!)) assigned[i] = { plane: fits[0]!, by };
    });
  }
  const left = planes.flatMap((_, k) => (isTaken(k) ? [] : [k]));
  const open = assigned.flatMap(({ plane }, i) => (plane === null && channels[i]!.screen !== null ? [i] : []));
  if (left.length === open.length)
    for (const [at, i] of open.entries()) assigned[i] = { plane: left[at]!, by: "order" };
  return assigned;
}

/** Whether an encoder can be run: every stain has a plane, or something stands in for those that have none. */
export const isComplete = (assigned: readonly Assignment[], missing: "zero" | "mean" | null): boolean =>
  assigned.some(({ plane }) => plane !== null) && (missing !== null || assigned.every(({ plane }) => plane !== null));

/** The name without its ending; page and colour stay. */
const stemOf = (name: string) => name.replace(/\.(png|tiff?|jpe?g)(?=$|, )/i, "");

/** Whether `name` stands in `text` as whole words, case and punctuation aside. */
function hasWords(text: string, name: string): boolean {
  const words = text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const length = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "").length;
  return words.some((_, at) => length > 0 && sameName(words.slice(at, at + length).join(" "), name));
}

function showsSame(channel: Named, plane: Plane): boolean {
  const its = structureOf(stemOf(plane.name));
  const ours = structureOf(channel.stain) ?? structureOf(channel.name);
  return hasWords(stemOf(plane.name), channel.stain) || (its !== null && its === ours);
}

/** Which of red, green and blue a display colour is nearly all of. */
function primaryOf(colour: string): Plane["colour"] {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const strong = parts.flatMap((part, k) => (part >= 0.8 * Math.max(...parts) && part > 0 ? [k] : []));
  return strong.length === 1 ? ((["red", "green", "blue"] as const)[strong[0]!] ?? null) : null;
}
