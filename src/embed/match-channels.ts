// Which channel of a data set feeds each channel of an encoder: by what is stained, not by position.
import type { MissingStain } from "../schema/index.ts";
import { ambiguousChannel, channelMismatch, unknownMapChannel } from "./errors.ts";
import { type PanelChannel, sameName, structureOf } from "./stain-names.ts";

/** Where one channel of the encoder comes from. */
export interface ChannelSource {
  readonly encoder: string;
  /** Position in the data set; null when it has no such stain. */
  readonly index: number | null;
  readonly matchedBy: "name" | "stain" | "given" | null;
  /** What stands in for a stain that is not there. */
  readonly filled: MissingStain | null;
}

export interface MatchOptions {
  /** Data set channel for encoder channels, by name or stain; it overrules what names tell. */
  readonly given?: Readonly<Record<string, string>>;
  /** Stands in for stains that the data set lacks; without it they are an error. */
  readonly missing?: MissingStain;
}

/**
 * Finds for each channel of the encoder that of the data set.
 *
 * Names count first, but for case and punctuation; then the structure that the stain shows (Concanavalin A is ER). Equal names with
 * stains for different structures do not match. Channels that the encoder does not know are left out.
 * @throws GanDlError `channel-mismatch` for missing stains and unknown names in `given`, `ambiguous-channel`.
 * @example
 * ```ts
 * import { matchChannels } from "gan-dl/embed";
 * const encoder = [{ name: "ER", stain: "Concanavalin A" }];
 * const [source] = matchChannels(encoder, [{ name: "w1", stain: "Hoechst 33342" }, { name: "w2", stain: "ConA/488" }]);
 * console.assert(source?.index === 1 && source.matchedBy === "stain");
 * ```
 */
export function matchChannels(
  encoder: readonly PanelChannel[],
  dataset: readonly PanelChannel[],
  { given = {}, missing }: MatchOptions = {},
): ChannelSource[] {
  const chosen = givenIndices(encoder, dataset, given);
  const sources = encoder.map((channel, i): ChannelSource => {
    const index = chosen.get(i);
    if (index !== undefined) return { encoder: channel.name, index, matchedBy: "given", filled: null };
    return { encoder: channel.name, ...matchOf(channel, dataset), filled: null };
  });
  for (const [i, { name }] of dataset.entries()) {
    const takers = sources.filter(({ index, matchedBy }) => index === i && matchedBy !== "given");
    if (takers.length > 1)
      throw ambiguousChannel(
        `the data set's '${name}'`,
        takers.map((taker) => taker.encoder),
      );
  }
  const lacking = encoder.filter((_, i) => sources[i]?.index === null);
  if (lacking.length === encoder.length || (lacking.length > 0 && missing === undefined))
    throw channelMismatch(dataset, encoder, lacking);
  return sources.map((source) => (source.index === null ? { ...source, filled: missing ?? null } : source));
}

function matchOf(channel: PanelChannel, dataset: readonly PanelChannel[]): Pick<ChannelSource, "index" | "matchedBy"> {
  const structure = structureOfChannel(channel);
  const candidates = dataset.map((other, index) => ({ other, index, its: structureOfChannel(other) }));
  const byName = candidates.filter(
    ({ other, its }) => sameName(other.name, channel.name) && (its === structure || its === null || structure === null),
  );
  const byStain = candidates.filter(
    ({ other, its }) => sameName(other.stain, channel.stain) || (its === structure && its !== null),
  );
  const exact = byName.find(({ other }) => other.name === channel.name); // names are unique, but for case
  if (exact) return { index: exact.index, matchedBy: "name" };
  const matchedBy = byName.length > 0 ? "name" : "stain";
  const found = byName.length > 0 ? byName : byStain;
  if (found.length > 1)
    throw ambiguousChannel(
      `the encoder's '${channel.name}'`,
      found.map(({ other }) => other.name),
    );
  return found[0] ? { index: found[0].index, matchedBy } : { index: null, matchedBy: null };
}

/** The stain tells more than the name; where it tells nothing, the name may. */
const structureOfChannel = ({ name, stain }: PanelChannel) => structureOf(stain) ?? structureOf(name);

function givenIndices(
  encoder: readonly PanelChannel[],
  dataset: readonly PanelChannel[],
  given: Readonly<Record<string, string>>,
): Map<number, number> {
  return new Map(
    Object.entries(given).map(([to, from]) => [indexOf(encoder, to, "encoder"), indexOf(dataset, from, "data set")]),
  );
}

/** By exact name, by name but for case and punctuation, or by the name of the stain. */
function indexOf(panel: readonly PanelChannel[], wanted: string, whose: "encoder" | "data set"): number {
  const rules = [
    ({ name }: PanelChannel) => name === wanted,
    ({ name }: PanelChannel) => sameName(name, wanted),
    ({ stain }: PanelChannel) => sameName(stain, wanted),
    (channel: PanelChannel) => structureOf(wanted) !== null && structureOfChannel(channel) === structureOf(wanted),
  ];
  for (const rule of rules) {
    const found = panel.flatMap((channel, i) => (rule(channel) ? [i] : []));
    if (found.length === 1) return found[0] as number;
  }
  throw unknownMapChannel(wanted, whose, panel);
}
