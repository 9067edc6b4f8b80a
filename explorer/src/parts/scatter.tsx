// Many points by WebGL (regl-scatterplot): moved, enlarged, lassoed, pointed at.
import { useEffect, useRef } from "preact/hooks";
import createScatterplot from "regl-scatterplot";
import type { ColumnAnswer } from "../../../src/schema/explorer.ts";
import { categoryColour, MOST_COLOURS, missingColour, rampSteps } from "../colours.ts";
import { type Theme, theme } from "../theme.ts";
import type { MapPoints } from "./points.ts";
import { type ColourScale, shareOf } from "./scale.ts";
import { SETTLED_MS, type ViewPlace } from "./view-address.ts";

interface ScatterProps {
  readonly points: MapPoints;
  readonly column: ColumnAnswer | null;
  readonly scale: ColourScale | null;
  /** Positions among the points, not rows; null for all. */
  readonly shown: readonly number[] | null;
  readonly selected: readonly number[];
  readonly isLasso: boolean;
  /** Where it begins: the place in the middle, and its distance (1 shows all); null for all. */
  readonly begin: ViewPlace | null;
  /** Told when it has come to rest; null for all. */
  readonly onRest: (view: ViewPlace | null) => void;
  readonly onSelect: (positions: readonly number[]) => void;
  /** What was drawn around points, and whether it is to be added to what was chosen before. */
  readonly onLasso: (corners: readonly (readonly [number, number])[], isMore: boolean) => void;
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
      ...(props.begin ? { cameraTarget: [props.begin[0], props.begin[1]], cameraDistance: props.begin[2] } : {}),
    });
    const stopListening = listen(made, latest);
    plot.current = made;
    return () => {
      stopListening();
      made.destroy();
    };
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
    else plot.current!.select([...selected], { preventEvent: true });
  }, [selected]);
  return (
    <canvas
      ref={canvas}
      class="scatter"
      tabIndex={0}
      role="img"
      aria-label={`Map of ${points.rows.length} points; plus and minus enlarge, arrow keys move, 0 shows all, Enter chooses the point nearest to the middle`}
      onKeyDown={(event) => {
        if (byKey(plot.current!, event.key, latest.current)) event.preventDefault();
      }}
    />
  );
}

/** Hands on what the plot tells. Returns how to stop. */
function listen(made: Plot, latest: { readonly current: ScatterProps }): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDrawing = false;
  let before: readonly number[] = [];
  let after: readonly number[] = [];
  made.subscribe("lassoStart", () => {
    isDrawing = true;
    [before, after] = [latest.current.selected, []];
  });
  made.subscribe("select", ({ points: chosen }) => {
    if (isDrawing) after = chosen;
    else latest.current.onSelect(chosen);
  });
  made.subscribe("lassoEnd", ({ coordinates }) => {
    isDrawing = false;
    const corners = coordinates as unknown as readonly (readonly [number, number])[]; // pairs, whatever its types say
    if (corners.length < 3 || after.length === 0) return;
    const now = new Set(after);
    latest.current.onLasso(corners, before.length > 0 && before.every((position) => now.has(position)));
  });
  made.subscribe("deselect", () => latest.current.onSelect([]));
  made.subscribe("pointOver", (position) => latest.current.onPoint(position));
  made.subscribe("pointOut", () => latest.current.onPoint(null));
  made.subscribe("view", () => {
    clearTimeout(timer);
    timer = setTimeout(() => latest.current.onRest(placeOf(made)), SETTLED_MS);
  });
  return () => clearTimeout(timer);
}

const WHOLE: ViewPlace = [0, 0, 1];
const STEP = 0.2;

function placeOf(made: Plot): ViewPlace | null {
  const [x, y] = made.get("cameraTarget");
  const view: ViewPlace = [x, y, made.get("cameraDistance")];
  return view.every((value, i) => Math.abs(value - WHOLE[i]!) < 1e-4) ? null : view;
}

/** Does what a key asks for. Returns whether it asks for anything. */
function byKey(made: Plot, key: string, { points, shown, onSelect }: ScatterProps): boolean {
  const [x, y, distance] = placeOf(made) ?? WHOLE;
  const step = STEP * distance;
  const places: Readonly<Record<string, ViewPlace>> = {
    "+": [x, y, distance / 1.5],
    "=": [x, y, distance / 1.5],
    "-": [x, y, distance * 1.5],
    "0": WHOLE,
    ArrowLeft: [x - step, y, distance],
    ArrowRight: [x + step, y, distance],
    ArrowUp: [x, y + step, distance],
    ArrowDown: [x, y - step, distance],
  };
  const next = places[key];
  if (next) void made.zoomToLocation([next[0], next[1]], next[2]);
  const nearest = key === "Enter" ? nearestTo([x, y], points, shown) : null;
  if (nearest !== null) onSelect([nearest]);
  return next !== undefined || nearest !== null;
}

/** The position of the shown point that is nearest to a place; null where none is shown. */
function nearestTo(
  [x, y]: readonly [number, number],
  { xy }: MapPoints,
  shown: readonly number[] | null,
): number | null {
  let [nearest, least]: [number | null, number] = [null, Number.POSITIVE_INFINITY];
  for (const i of shown ?? Array.from({ length: xy.length / 2 }, (_, k) => k)) {
    const distance = Math.hypot(xy[2 * i]! - x, xy[2 * i + 1]! - y);
    if (distance < least) [nearest, least] = [i, distance];
  }
  return nearest;
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
