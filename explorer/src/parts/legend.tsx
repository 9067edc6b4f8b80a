// What the colours mean.
import { categoryColour, MOST_COLOURS, missingColour, rampColour } from "../colours.ts";
import { theme } from "../theme.ts";
import { type ColourScale, endsOf } from "./scale.ts";

interface LegendProps {
  readonly scale: ColourScale;
  /** Whether something shown has no value. */
  readonly hasMissing: boolean;
  /** Makes each label a switch. */
  readonly toggle?: { readonly hidden: ReadonlySet<string>; readonly onToggle: (label: string) => void };
}

export function Legend({ scale, hasMissing, toggle }: LegendProps) {
  const now = theme.value;
  if (scale.kind === "number") return <RampLegend scale={scale} hasMissing={hasMissing} />;
  const shown = scale.labels.slice(0, MOST_COLOURS);
  const nOthers = scale.labels.length - shown.length;
  return (
    <ul class="legend">
      {shown.map((label, i) => (
        <li key={label}>
          {toggle ? (
            <button
              type="button"
              class="label"
              aria-pressed={!toggle.hidden.has(label)}
              title={label}
              onClick={() => toggle.onToggle(label)}
            >
              <Swatch colour={categoryColour(now, i)} /> <span class="cut">{label}</span>
            </button>
          ) : (
            <>
              <Swatch colour={categoryColour(now, i)} /> {label}
            </>
          )}
        </li>
      ))}
      {nOthers > 0 && (
        <li>
          <Swatch colour={missingColour(now)} /> {nOthers} more
        </li>
      )}
      {hasMissing && (
        <li>
          <Swatch colour={missingColour(now)} /> no value
        </li>
      )}
    </ul>
  );
}

function RampLegend({ scale, hasMissing }: { scale: Extract<ColourScale, { kind: "number" }>; hasMissing: boolean }) {
  const now = theme.value;
  const { isClipped } = scale;
  const [low, high] = endsOf(scale);
  const steps = Array.from({ length: 48 }, (_, i) => rampColour(now, i / 47));
  return (
    <div
      class="ramp"
      title={isClipped.low || isClipped.high ? "Values beyond an end have the colour of that end." : undefined}
    >
      <span>{low}</span>
      <svg viewBox="0 0 48 1" preserveAspectRatio="none" role="img" aria-label="colours from low to high">
        {steps.map((colour, i) => (
          <rect key={colour} x={i} width="1.6" height="1" fill={colour} />
        ))}
      </svg>
      <span>{high}</span>
      {hasMissing && (
        <span class="aside">
          <Swatch colour={missingColour(now)} /> no value
        </span>
      )}
    </div>
  );
}

const Swatch = ({ colour }: { colour: string }) => (
  <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
    <rect width="10" height="10" rx="2.5" fill={colour} />
  </svg>
);
