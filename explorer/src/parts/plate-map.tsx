// A plate as a grid of wells, by mouse and by keys.
import { useState } from "preact/hooks";
import type { PlateAnswer } from "../../../src/schema/explorer.ts";
import { theme } from "../theme.ts";
import { type ColourScale, colourOf, formatValue } from "./scale.ts";

type Well = PlateAnswer["wells"][number];

interface PlateMapProps {
  readonly plate: PlateAnswer;
  readonly scale: ColourScale;
  readonly chosen: string | null;
  readonly onChoose: (wellId: string) => void;
}

const CELL = 20;
const EDGE = 22;
const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export function PlateMap({ plate, scale, chosen, onChoose }: PlateMapProps) {
  const [active, setActive] = useState<string | null>(null);
  const { nRows, nColumns, wells } = plate;
  const shown = wells.find(({ wellId }) => wellId === (active ?? chosen)) ?? null;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step) {
      event.preventDefault();
      setActive(neighbour(wells, shown, step)?.wellId ?? null);
    } else if ((event.key === "Enter" || event.key === " ") && shown) {
      event.preventDefault();
      onChoose(shown.wellId);
    }
  };
  return (
    <div class="plate">
      <svg
        viewBox={`0 0 ${EDGE + nColumns * CELL + 2} ${EDGE + nRows * CELL + 2}`}
        role="listbox"
        tabIndex={0}
        aria-label={`Wells of plate ${plate.plateId}; arrow keys move, Enter opens`}
        aria-activedescendant={shown ? idOf(shown) : undefined}
        onKeyDown={onKeyDown}
        onMouseLeave={() => setActive(null)}
        onBlur={() => setActive(null)}
      >
        <Labels nRows={nRows} nColumns={nColumns} />
        <EmptyWells plate={plate} />
        {wells.map((well) => (
          <WellMark
            key={well.wellId}
            well={well}
            colour={colourOf(scale, well.value, theme.value)}
            isChosen={well.wellId === chosen}
            isActive={well.wellId === active}
            onEnter={setActive}
            onChoose={onChoose}
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

/** Positions without an image, so that the plate is seen as one. */
function EmptyWells({ plate: { nRows, nColumns, wells } }: { plate: PlateAnswer }) {
  const taken = new Set(wells.map(({ row, column }) => row * nColumns + column));
  const free = Array.from({ length: nRows * nColumns }, (_, i) => i).filter((i) => !taken.has(i));
  const dot = (i: number) => {
    const [x, y] = [EDGE + ((i % nColumns) + 0.5) * CELL, EDGE + (Math.floor(i / nColumns) + 0.5) * CELL];
    return `M${x - 2} ${y}a2 2 0 1 0 4 0a2 2 0 1 0 -4 0`;
  };
  return <path class="empty-well" d={free.map(dot).join("")} />;
}

interface WellMarkProps {
  readonly well: Well;
  readonly colour: string;
  readonly isChosen: boolean;
  readonly isActive: boolean;
  readonly onEnter: (wellId: string) => void;
  readonly onChoose: (wellId: string) => void;
}

function WellMark({ well, colour, isChosen, isActive, onEnter, onChoose }: WellMarkProps) {
  const x = EDGE + well.column * CELL;
  const y = EDGE + well.row * CELL;
  // The list around has the focus and the keys.
  return (
    <g
      id={idOf(well)}
      class="well"
      role="option"
      aria-selected={isChosen}
      aria-label={`${well.well}, ${formatValue(well.value)}`}
      onMouseEnter={() => onEnter(well.wellId)}
      onClick={() => onChoose(well.wellId)}
    >
      <rect class="cell" x={x + 1.5} y={y + 1.5} width={CELL - 3} height={CELL - 3} rx="4.5" fill={colour} />
      {typeof well.value === "string" && well.nValues > 1 && (
        <circle class="mixed" cx={x + CELL / 2} cy={y + CELL / 2} r="2.2" />
      )}
      {(isChosen || isActive) && (
        <rect
          class={isChosen ? "ring chosen" : "ring"}
          x={x + 0.5}
          y={y + 0.5}
          width={CELL - 1}
          height={CELL - 1}
          rx="5.5"
        />
      )}
    </g>
  );
}

function Labels({ nRows, nColumns }: { nRows: number; nColumns: number }) {
  const every = nColumns > 24 ? 2 : 1;
  const of = (n: number) => Array.from({ length: n }, (_, i) => i).filter((i) => i % every === 0);
  return (
    <g class="labels" aria-hidden="true">
      {of(nColumns).map((c) => (
        <text key={`c${c}`} x={EDGE + c * CELL + CELL / 2} y={EDGE - 8} text-anchor="middle">
          {c + 1}
        </text>
      ))}
      {of(nRows).map((r) => (
        <text key={`r${r}`} x={EDGE - 8} y={EDGE + r * CELL + CELL / 2 + 3.5} text-anchor="end">
          {rowName(r)}
        </text>
      ))}
    </g>
  );
}

/** A to Z, then AA to AF, as plates are lettered. */
const rowName = (row: number): string =>
  row < 26 ? String.fromCharCode(65 + row) : `A${String.fromCharCode(65 + row - 26)}`;

const idOf = ({ row, column }: Well) => `well-${row}-${column}`;

function describe(well: Well, colour: string): string {
  const mixed = well.nValues > 1 ? ` (${well.nValues} different)` : "";
  const sites = `${well.nSites} site${well.nSites === 1 ? "" : "s"}`;
  return `${well.well} · ${colour}: ${formatValue(well.value)}${mixed} · ${sites}`;
}

/** The next well that way; the first one where there is none yet. */
function neighbour(wells: readonly Well[], from: Well | null, [down, right]: readonly [number, number]): Well | null {
  if (!from) return wells[0] ?? null;
  let best: Well | null = null;
  let nearest = Number.POSITIVE_INFINITY;
  for (const well of wells) {
    const [dy, dx] = [well.row - from.row, well.column - from.column];
    const along = dy * down + dx * right;
    if (along <= 0) continue;
    const distance = along + 3 * Math.abs(dy * right + dx * down);
    if (distance < nearest) [best, nearest] = [well, distance];
  }
  return best ?? from;
}
