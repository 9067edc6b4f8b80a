// Where wells lie on a plate: names and positions as in RxRx19a, the inside of a 1536-well plate.
import type { SeededRandom } from "../../core/seeded-random.ts";
import { tooManyWells } from "./errors.ts";

const FIRST_ROW = 1; // row B; A and the last row stay empty, as in RxRx19a
const LAST_ROW = 30; // row AE
const FIRST_COLUMN = 2;
export const LAST_COLUMN = 47;
const CONTROL_COLUMNS = [8, 16, 24, 32, 40];
const MOCK_ROWS = [4, 5, 6, 7, 16, 17, 18, 19]; // E–H, Q–T
const UV_ROWS = [12, 13, 14, 15, 24, 25, 26, 27]; // M–P, Y–AB

/** A well's place, both 0-based, and its name, e.g. row 26, column 1 is `AA02`. */
export interface WellPosition {
  readonly row: number;
  readonly column: number;
  readonly well: string;
}

/** The number of wells of each kind that a plate needs. */
export interface WellNeeds {
  readonly mock: number;
  readonly uvInactivated: number;
  readonly other: number;
}

function position(row: number, columnNumber: number): WellPosition {
  const letters = (row < 26 ? "" : "A") + String.fromCharCode(65 + (row % 26));
  return { row, column: columnNumber - 1, well: letters + String(columnNumber).padStart(2, "0") };
}

function interior(): WellPosition[] {
  const all: WellPosition[] = [];
  for (let row = FIRST_ROW; row <= LAST_ROW; row++)
    for (let column = FIRST_COLUMN; column <= LAST_COLUMN; column++) all.push(position(row, column));
  return all;
}

const controls = (rows: readonly number[]) => rows.flatMap((row) => CONTROL_COLUMNS.map((c) => position(row, c)));

/**
 * Chooses the wells of one plate.
 * @param layout `randomised`: any well may hold anything; `confounded`: Mock and UV stand at RxRx19a's fixed positions.
 * @throws GanDlError `too-many-wells` when they do not fit.
 */
export function layOutWells(
  layout: "randomised" | "confounded",
  need: WellNeeds,
  random: SeededRandom,
): { mock: WellPosition[]; uvInactivated: WellPosition[]; other: WellPosition[] } {
  const fixed = layout === "confounded";
  const mock = fixed ? controls(MOCK_ROWS) : [];
  const uv = fixed ? controls(UV_ROWS) : [];
  const reserved = new Set([...mock, ...uv].map((p) => p.well));
  const free = random.shuffle(interior().filter((p) => !reserved.has(p.well)));
  const take = (kind: string, n: number, from: WellPosition[]) => {
    if (n > from.length) throw tooManyWells(kind, n, from.length, layout);
    return from.splice(0, n);
  };
  return {
    mock: take("Mock", need.mock, fixed ? mock : free),
    uvInactivated: take("UV", need.uvInactivated, fixed ? uv : free),
    other: take("infected", need.other, free),
  };
}
