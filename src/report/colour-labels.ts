// Which colour each label of a map gets: ordered colours for quantities, distinct ones with distinct shapes for names.
import type { LegendEntry } from "./chart.ts";
import { formatNumber } from "./format.ts";
import { LIGHT, rampColour, SHAPES, type Shape, seriesColour } from "./theme.ts";

/** How one label is drawn. */
export interface LabelColours {
  readonly kind: "names" | "quantities";
  readonly legend: readonly LegendEntry[];
  of(label: string | undefined): { colour: string; shape: Shape; isOther: boolean };
}

const N_STEPS = LIGHT.ramp.length;
const N_SERIES = LIGHT.series.length;
const OTHER = { colour: "var(--other)", shape: "circle", isOther: true } as const;
/** Numbers that only name things: plate 27801 is not more than plate 27800. */
const NAMING = /plate|batch|well|site|experiment|cell|donor|cluster|(^|_)id$/i;

/**
 * Chooses colours for the values of one label.
 * @param name the label's name, e.g. `dose_um`. @param values one a point; empty or undefined means not known.
 */
export function colourLabels(name: string, values: readonly (string | undefined)[]): LabelColours {
  const counts = new Map<string, number>();
  for (const value of values) if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
  const distinct = [...counts.keys()];
  const nMissing = values.length - [...counts.values()].reduce((sum, n) => sum + n, 0);
  const isQuantity = distinct.length >= 3 && !NAMING.test(name) && distinct.every((v) => Number.isFinite(Number(v)));
  return isQuantity ? quantities(distinct.map(Number), nMissing) : names(counts, nMissing);
}

function names(counts: ReadonlyMap<string, number>, nMissing: number): LabelColours {
  const byCount = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([label]) => label);
  const kept = byCount.slice(0, N_SERIES).sort();
  const nOthers = byCount.length - kept.length;
  const style = (i: number) => ({ colour: seriesColour(i), shape: SHAPES[i]!, isOther: false });
  const legend = kept.map((label, i) => ({ label, colour: seriesColour(i), mark: SHAPES[i]! }));
  if (nOthers > 0) legend.push({ label: `${nOthers} others`, colour: OTHER.colour, mark: OTHER.shape });
  if (nMissing > 0) legend.push({ label: "not labelled", colour: OTHER.colour, mark: OTHER.shape });
  const index = new Map(kept.map((label, i) => [label, i]));
  return {
    kind: "names",
    legend,
    of: (label) => {
      const i = label === undefined ? undefined : index.get(label);
      return i === undefined ? OTHER : style(i);
    },
  };
}

/** By rank, not by value: doses run over decades, and equal steps of colour should hold about equally many values. */
function quantities(distinct: readonly number[], nMissing: number): LabelColours {
  const sorted = [...new Set(distinct)].sort((a, b) => a - b);
  const nSteps = Math.min(N_STEPS, sorted.length);
  const binOf = (value: number) => Math.floor((sorted.indexOf(value) * nSteps) / sorted.length);
  const rampStep = (bin: number) => rampColour(nSteps === 1 ? 0 : Math.round((bin * (N_STEPS - 1)) / (nSteps - 1)));
  const legend: LegendEntry[] = Array.from({ length: nSteps }, (_, bin) => {
    const inside = sorted.filter((value) => binOf(value) === bin);
    const [low, high] = [inside[0]!, inside.at(-1)!];
    const label = low === high ? formatNumber(low) : `${formatNumber(low)} to ${formatNumber(high)}`;
    return { label, colour: rampStep(bin), mark: "circle" };
  });
  if (nMissing > 0) legend.push({ label: "not labelled", colour: OTHER.colour, mark: OTHER.shape });
  return {
    kind: "quantities",
    legend,
    of: (label) => (label ? { colour: rampStep(binOf(Number(label))), shape: "circle", isOther: false } : OTHER),
  };
}
