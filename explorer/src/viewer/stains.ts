// How each stain is shown, and how the address says it: only what differs from the data set's own limits.
import type { Channel } from "../../../src/schema/dataset.ts";

export interface Stain {
  readonly name: string;
  readonly colour: string;
  readonly low: number;
  readonly high: number;
  readonly isOn: boolean;
}

const own = ({ name, colour, statistics }: Channel): Stain => ({
  ...{ name, colour, isOn: true, low: Math.floor(statistics.p0_5) },
  high: Math.max(Math.ceil(statistics.p99_5), Math.floor(statistics.p0_5) + 1),
});

/** `0:-` is off, `1:20-180` has limits, `2::#ff0000` a colour; joined by `;`. */
export function readStains(channels: readonly Channel[], text: string | undefined): Stain[] {
  const stains = channels.map(own);
  for (const part of text?.split(";") ?? []) {
    const match = /^(\d+)(-?):(?:(\d+)-(\d+))?:?(#[0-9a-f]{6})?$/.exec(part);
    const at = Number(match?.[1] ?? -1);
    const stain = stains[at];
    if (!match || !stain) continue; // an address of another data set: its own limits hold
    const [low, high] = match[3] === undefined ? [stain.low, stain.high] : [Number(match[3]), Number(match[4])];
    stains[at] = { ...stain, isOn: match[2] === "", low, high, colour: match[5] ?? stain.colour };
  }
  return stains;
}

export function writeStains(channels: readonly Channel[], stains: readonly Stain[]): string | undefined {
  const parts = stains.flatMap((stain, i) => {
    const { low, high, colour } = own(channels[i]!);
    const limits = stain.low === low && stain.high === high ? "" : `${stain.low}-${stain.high}`;
    const tint = stain.colour === colour ? "" : `:${stain.colour}`;
    return stain.isOn && limits === "" && tint === "" ? [] : [`${i}${stain.isOn ? "" : "-"}:${limits}${tint}`];
  });
  return parts.length === 0 ? undefined : parts.join(";");
}
