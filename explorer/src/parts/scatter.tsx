// Many points by WebGL (regl-scatterplot): moved, enlarged, lassoed, pointed at.
import { useEffect, useRef } from "preact/hooks";
import createScatterplot from "regl-scatterplot";
import type { ColumnAnswer } from "../../../src/schema/explorer.ts";
import { categoryColour, MOST_COLOURS, missingColour, rampSteps } from "../colours.ts";
import { type Theme, theme } from "../theme.ts";
import type { MapPoints } from "./points.ts";
import { type ColourScale, shareOf } from "./scale.ts";

interface ScatterProps {
  readonly points: MapPoints;
  readonly column: ColumnAnswer | null;
  readonly scale: ColourScale | null;
  /** Positions among the points, not rows; null for all. */
  readonly shown: readonly number[] | null;
  readonly selected: readonly number[];
  readonly isLasso: boolean;
  readonly onSelect: (positions: readonly number[]) => void;
  readonly onPoint: (position: number | null) => void;
}

type Plot = ReturnType<typeof createScatterplot>;

/** Colours of amounts. */
const STEPS = 64;
const PAPER: Record<Theme, string> = { light: "#ffffff", dark: "#11151b" };

export function Scatter(props: ScatterProps) {
  const { points, column, scale, shown, selected, isLasso } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const plot = useRef<Plot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const made = createScatterplot({
      canvas: canvas.current!,
      pointSize: sizeFor(points.rows.length),
      lassoMinDelay: 8,
    });
    made.subscribe("select", ({ points: chosen }) => latest.current.onSelect(chosen));
    made.subscribe("deselect", () => latest.current.onSelect([]));
    made.subscribe("pointOver", (position) => latest.current.onPoint(position));
    made.subscribe("pointOut", () => latest.current.onPoint(null));
    plot.current = made;
    return () => made.destroy();
  }, []);
  const now = theme.value;
  useEffect(() => {
    const made = plot.current!;
    const [x, y] = [0, 1].map((axis) => Float32Array.from(points.rows, (_, i) => points.xy[2 * i + axis]!));
    const { codes, colours } = coloursOf(points, column, scale, now);
    made.set({
      backgroundColor: PAPER[now],
      colorBy: "valueA",
      pointColor: colours,
      pointColorActive: strong(now),
      opacity: 0.85,
      lassoColor: strong(now),
    });
    const drawing = made.draw(
      { x: x!, y: y!, valueA: codes },
      { zDataType: "categorical", select: [...latest.current.selected] },
    );
    void drawing.then(() => canvas.current?.setAttribute("data-drawn", String(points.rows.length)));
  }, [points, column, scale, now]);
  useEffect(() => {
    const made = plot.current!;
    if (shown === null) made.unfilter({ preventEvent: true });
    else made.filter([...shown], { preventEvent: true });
  }, [shown, column, now]);
  useEffect(() => {
    void plot.current!.set({ mouseMode: isLasso ? "lasso" : "panZoom" });
  }, [isLasso]);
  useEffect(() => {
    if (selected.length === 0) plot.current!.deselect({ preventEvent: true });
  }, [selected]);
  return <canvas ref={canvas} class="scatter" aria-label={`Map of ${points.rows.length} points`} role="img" />;
}

const strong = (now: Theme) => (now === "dark" ? "#ffffff" : "#10151c");
const sizeFor = (n: number) => (n > 50_000 ? 2 : n > 8000 ? 3 : n > 1500 ? 5 : 7);

/** The code of each point and the colour of each code; the last one is "no value, or one of too many". */
function coloursOf(points: MapPoints, column: ColumnAnswer | null, scale: ColourScale | null, now: Theme) {
  const { rows } = points;
  if (column === null || scale === null)
    return { codes: new Float32Array(rows.length), colours: [categoryColour(now, 0)] };
  if (column.kind === "category") {
    const named = Array.from({ length: MOST_COLOURS }, (_, i) => categoryColour(now, i));
    const place = column.labels.map((label) => {
      const at = label === null || scale.kind !== "category" ? -1 : scale.labels.indexOf(label);
      return at >= 0 && at < MOST_COLOURS ? at : MOST_COLOURS;
    });
    const codes = Float32Array.from(rows, (row) => place[column.codes[row]!]!);
    return { codes, colours: [...named, missingColour(now)] };
  }
  const codes = Float32Array.from(rows, (row) => {
    const value = column.values[row] ?? null;
    if (value === null || scale.kind !== "number") return STEPS;
    return Math.min(STEPS - 1, Math.max(0, Math.floor(shareOf(scale, value) * STEPS)));
  });
  return { codes, colours: [...rampSteps(now, STEPS), missingColour(now)] };
}

/** Whether this browser can draw it at all. */
export function hasWebGl(): boolean {
  return document.createElement("canvas").getContext("webgl") !== null;
}
