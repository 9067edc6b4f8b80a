// A plate as a grid of wells, by mouse and by keys.
import { useMemo, useState } from "preact/hooks";
import type { PlateAnswer } from "../../../src/schema/explorer.ts";
import { theme } from "../theme.ts";
import {
  CELL,
  dotsPath,
  EDGE,
  freePlaces,
  neighbour,
  rowName,
  type Well,
  wellAt,
  wellsPath,
  xOf,
  yOf,
} from "./plate-geometry.ts";
import { type ColourScale, colourOf, formatValue } from "./scale.ts";

interface PlateMapProps {
  readonly plate: PlateAnswer;
  readonly scale: ColourScale;
  readonly chosen: string | null;
  readonly onChoose: (wellId: string) => void;
}

/** Beyond these a plate is drawn so small that every second label is left out and the others are larger. */
const MANY_COLUMNS = 24;
const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export function PlateMap({ plate, scale, chosen, onChoose }: PlateMapProps) {
  const [active, setActive] = useState<Well | null>(null);
  const { nRows, nColumns, wells } = plate;
  const chosenWell = wells.find(({ wellId }) => wellId === chosen) ?? null;
  const shown = active ?? chosenWell;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step) {
      event.preventDefault();
      setActive(neighbour(wells, shown, step));
    } else if ((event.key === "Enter" || event.key === " ") && shown) {
      event.preventDefault();
      onChoose(shown.wellId);
    }
  };
  const onClick = (event: MouseEvent) => {
    const well = wellUnder(event, wells);
    if (well) onChoose(well.wellId);
  };
  return (
    <div class="plate">
      <svg
        class={active ? "over" : undefined}
        data-large={nColumns > MANY_COLUMNS ? "" : undefined}
        viewBox={viewBoxOf(plate)}
        role="listbox"
        tabIndex={0}
        aria-label={`Wells of plate ${plate.plateId}; arrow keys move, Enter opens`}
        aria-activedescendant={shown ? idOf(shown) : undefined}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onMouseMove={(event) => setActive(wellUnder(event, wells))}
        onMouseLeave={() => setActive(null)}
        onBlur={() => setActive(null)}
      >
        <Labels nRows={nRows} nColumns={nColumns} />
        <Wells plate={plate} scale={scale} />
        {optionsOf(wells, chosenWell, shown).map((well) => (
          <Option
            key={well.wellId}
            {...{ well, place: wells.indexOf(well) + 1, nWells: wells.length }}
            ring={well === chosenWell ? "ring chosen" : well === active ? "ring" : null}
          />
        ))}
      </svg>
      <p class="readout">
        {shown ? describe(shown, plate.colour) : `${wells.length} wells; choose one to see its images.`}
      </p>
      {plate.nUnplaced > 0 && <p class="aside">{plate.nUnplaced} wells have no row and column and are not drawn.</p>}
    </div>
  );
}

function viewBoxOf({ nRows, nColumns }: PlateAnswer): string {
  const more = nColumns > MANY_COLUMNS ? 8 : 0; // room for larger letters
  return `${-more} ${-more} ${more + EDGE + nColumns * CELL + 2} ${more + EDGE + nRows * CELL + 2}`;
}

function wellUnder({ currentTarget, clientX, clientY }: MouseEvent, wells: readonly Well[]): Well | null {
  const toDrawing = (currentTarget as SVGSVGElement).getScreenCTM()?.inverse();
  if (!toDrawing) return null;
  const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(toDrawing);
  return wellAt(wells, x, y);
}

/** What a screen reader is told of: the well in hand and the chosen one; of the others their place and number say enough. */
const optionsOf = (wells: readonly Well[], chosen: Well | null, shown: Well | null): Well[] => [
  ...new Set([chosen, shown, wells[0]].filter((well) => well != null)),
];

/** All wells, a shape for each colour; drawn again only when they change, not when the mouse moves. */
function Wells({ plate, scale }: { plate: PlateAnswer; scale: ColourScale }) {
  const now = theme.value;
  return useMemo(() => {
    const byColour = new Map<string, Well[]>();
    for (const well of plate.wells) {
      const colour = colourOf(scale, well.value, now);
      byColour.set(colour, [...(byColour.get(colour) ?? []), well]);
    }
    const mixed = plate.wells.filter(({ value, nValues }) => typeof value === "string" && nValues > 1);
    return (
      <g aria-hidden="true">
        <path class="empty-well" d={dotsPath(freePlaces(plate), 2)} />
        {[...byColour].map(([colour, wells]) => (
          <path key={colour} class="wells" fill={colour} d={wellsPath(wells)} />
        ))}
        {mixed.length > 0 && <path class="mixed" d={dotsPath(mixed, 2.2)} />}
      </g>
    );
  }, [plate, scale, now]);
}

interface OptionProps {
  readonly well: Well;
  /** Among the plate's wells, from 1. */
  readonly place: number;
  readonly nWells: number;
  readonly ring: string | null;
}

/** The list around has the focus, the keys and the mouse. */
function Option({ well, place, nWells, ring }: OptionProps) {
  return (
    <g
      id={idOf(well)}
      role="option"
      aria-selected={ring === "ring chosen"}
      aria-posinset={place}
      aria-setsize={nWells}
      aria-label={`${well.well}, ${formatValue(well.value)}`}
    >
      <rect
        class={ring ?? "ring none"}
        x={xOf(well.column) + 0.5}
        y={yOf(well.row) + 0.5}
        width={CELL - 1}
        height={CELL - 1}
        rx="5.5"
      />
    </g>
  );
}

function Labels({ nRows, nColumns }: { nRows: number; nColumns: number }) {
  const every = nColumns > MANY_COLUMNS ? 2 : 1;
  const of = (n: number) => Array.from({ length: n }, (_, i) => i).filter((i) => i % every === 0);
  return (
    <g class="labels" aria-hidden="true">
      {of(nColumns).map((c) => (
        <text key={`c${c}`} x={xOf(c) + CELL / 2} y={EDGE - 8} text-anchor="middle">
          {c + 1}
        </text>
      ))}
      {of(nRows).map((r) => (
        <text key={`r${r}`} x={EDGE - 8} y={yOf(r) + CELL / 2} text-anchor="end" dominant-baseline="central">
          {rowName(r)}
        </text>
      ))}
    </g>
  );
}

const idOf = ({ row, column }: Well) => `well-${row}-${column}`;

function describe(well: Well, colour: string): string {
  const mixed = well.nValues > 1 ? ` (${well.nValues} different)` : "";
  const sites = `${well.nSites} site${well.nSites === 1 ? "" : "s"}`;
  return `${well.well} · ${colour}: ${formatValue(well.value)}${mixed} · ${sites}`;
}
