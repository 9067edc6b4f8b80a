// A line a stain: shown or not, its colour, its limits.
import type { Channel } from "../../../src/schema/dataset.ts";
import type { Stain } from "./stains.ts";

interface StainControlsProps {
  readonly channels: readonly Channel[];
  readonly stains: readonly Stain[];
  /** The largest grey level that the type holds. */
  readonly most: number;
  readonly onChange: (index: number, patch: Partial<Stain>) => void;
}

export function StainControls({ channels, stains, most, onChange }: StainControlsProps) {
  return (
    <ul class="stains">
      {stains.map((stain, i) => {
        const { stain: dye, statistics } = channels[i]!;
        const end = most === 255 ? 255 : Math.max(statistics.max, stain.high);
        return (
          <li key={stain.name}>
            <label class="stain" title={dye}>
              <input
                type="checkbox"
                checked={stain.isOn}
                onChange={(event) => onChange(i, { isOn: event.currentTarget.checked })}
              />
              {stain.name}
            </label>
            <input
              type="color"
              value={stain.colour}
              aria-label={`Colour of ${stain.name}`}
              onInput={(event) => onChange(i, { colour: event.currentTarget.value })}
            />
            <Limits stain={stain} end={end} onChange={(patch) => onChange(i, patch)} />
          </li>
        );
      })}
    </ul>
  );
}

function Limits({ stain, end, onChange }: { stain: Stain; end: number; onChange: (patch: Partial<Stain>) => void }) {
  return (
    <span class="limits">
      <output>{stain.low}</output>
      <span class="slider">
        <input
          type="range"
          min={0}
          max={end}
          value={stain.low}
          aria-label={`Black of ${stain.name}`}
          onInput={(event) => onChange({ low: Math.min(Number(event.currentTarget.value), stain.high - 1) })}
        />
        <input
          type="range"
          min={0}
          max={end}
          value={stain.high}
          aria-label={`Full colour of ${stain.name}`}
          onInput={(event) => onChange({ high: Math.max(Number(event.currentTarget.value), stain.low + 1) })}
        />
      </span>
      <output>{stain.high}</output>
    </span>
  );
}
