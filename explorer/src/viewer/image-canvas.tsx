// The picture itself: drawn once into a canvas of its own size, then shown through a window that moves and enlarges.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { SETTLED_MS, type ViewPlace } from "../parts/view-address.ts";
import { composite, type Plane } from "./composite.ts";
import type { Stain } from "./stains.ts";

interface ImageCanvasProps {
  readonly planes: readonly Plane[];
  readonly stains: readonly Stain[];
  readonly pixelSizeUm: number | null;
  /** Where it begins: the image point in the middle, and how many times larger than the whole; null for the whole. */
  readonly begin: ViewPlace | null;
  /** Told when it has come to rest; null for the whole. */
  readonly onRest: (view: ViewPlace | null) => void;
}

/** The image point in the middle, and canvas pixels per image pixel. */
interface Window {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

const SIDE = 1024;
const MOST_ZOOM = 64;

export function ImageCanvas({ planes, stains, pixelSizeUm, begin, onRest }: ImageCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { widthPx, heightPx } = planes[0]!;
  const whole: Window = { x: widthPx / 2, y: heightPx / 2, zoom: SIDE / Math.max(widthPx, heightPx) };
  const [view, setView] = useState<Window>(() => (begin ? begun(begin, whole, widthPx, heightPx) : whole));
  const [pointed, setPointed] = useState<readonly [number, number] | null>(null);
  const picture = useMemo(() => paint(planes, stains), [planes, JSON.stringify(stains)]);
  useEffect(() => show(canvas.current, picture, view), [picture, view]);
  useEffect(() => {
    const isWhole = (["x", "y", "zoom"] as const).every((key) => view[key] === whole[key]);
    const timer = setTimeout(() => onRest(isWhole ? null : [view.x, view.y, view.zoom / whole.zoom]), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [view]);

  /** Where on the image an event points. */
  const at = (event: MouseEvent): readonly [number, number] => {
    const box = canvas.current!.getBoundingClientRect();
    const scale = SIDE / box.width / view.zoom;
    return [
      view.x + (event.clientX - box.left - box.width / 2) * scale,
      view.y + (event.clientY - box.top - box.height / 2) * scale,
    ];
  };
  const zoomAt = ([x, y]: readonly [number, number], factor: number) => {
    const zoom = Math.min(MOST_ZOOM, Math.max(whole.zoom, view.zoom * factor));
    const kept = view.zoom / zoom; // the point stays under the pointer
    setView(within({ zoom, x: x + (view.x - x) * kept, y: y + (view.y - y) * kept }, widthPx, heightPx));
  };
  // A listener of our own: a wheel that turns pages must be told not to, which a passive one cannot.
  useEffect(() => {
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      zoomAt(at(event), Math.exp(-event.deltaY / 400));
    };
    const target = canvas.current;
    target?.addEventListener("wheel", onWheel, { passive: false });
    return () => target?.removeEventListener("wheel", onWheel);
  });
  const drag = useDrag((dx, dy) => {
    const scale = SIDE / canvas.current!.getBoundingClientRect().width / view.zoom;
    setView(within({ ...view, x: view.x - dx * scale, y: view.y - dy * scale }, widthPx, heightPx));
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const next = keyed(event.key, view, whole);
    if (!next) return;
    event.preventDefault();
    setView(within(next, widthPx, heightPx));
  };
  return (
    <figure class="image">
      <div class="frame">
        <canvas
          ref={canvas}
          width={SIDE}
          height={SIDE}
          tabIndex={0}
          role="img"
          aria-label={`The image in ${
            stains
              .filter(({ isOn }) => isOn)
              .map(({ name }) => name)
              .join(", ") || "no stain"
          }; plus and minus enlarge, arrow keys move, 0 shows all`}
          onPointerDown={drag}
          onMouseMove={(event) => setPointed(at(event))}
          onMouseLeave={() => setPointed(null)}
          onDblClick={() => setView(whole)}
          onKeyDown={onKeyDown}
        />
        <ScaleBar pixelSizeUm={pixelSizeUm} zoom={view.zoom} />
      </div>
      <figcaption class="readout">
        <span>
          {pointed
            ? valuesAt(planes, stains, pointed)
            : "Wheel or + − enlarge, dragging or arrows move, double click or 0 shows all."}
        </span>
      </figcaption>
    </figure>
  );
}

function paint(planes: readonly Plane[], stains: readonly Stain[]): HTMLCanvasElement {
  const { widthPx, heightPx } = planes[0]!;
  const picture = document.createElement("canvas");
  [picture.width, picture.height] = [widthPx, heightPx];
  const image = new ImageData(widthPx, heightPx);
  composite(
    stains.flatMap((stain, i) => (stain.isOn ? [{ ...stain, plane: planes[i]! }] : [])),
    image,
  );
  picture.getContext("2d")!.putImageData(image, 0, 0);
  return picture;
}

function show(canvas: HTMLCanvasElement | null, picture: HTMLCanvasElement, { x, y, zoom }: Window): void {
  const context = canvas?.getContext("2d");
  if (!context) return;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, SIDE, SIDE);
  context.setTransform(zoom, 0, 0, zoom, SIDE / 2 - x * zoom, SIDE / 2 - y * zoom);
  context.imageSmoothingEnabled = zoom < 1; // measured pixels are shown as such
  context.drawImage(picture, 0, 0);
}

/** Keeps the middle of the window on the image. */
const within = (view: Window, widthPx: number, heightPx: number): Window => ({
  ...view,
  x: Math.min(widthPx, Math.max(0, view.x)),
  y: Math.min(heightPx, Math.max(0, view.y)),
});

function begun([x, y, times]: ViewPlace, whole: Window, widthPx: number, heightPx: number): Window {
  const zoom = Math.min(MOST_ZOOM, Math.max(1, times) * whole.zoom);
  return within({ x, y, zoom }, widthPx, heightPx);
}

function keyed(key: string, view: Window, whole: Window): Window | null {
  const step = SIDE / 8 / view.zoom;
  if (key === "+" || key === "=") return { ...view, zoom: Math.min(MOST_ZOOM, view.zoom * 1.5) };
  if (key === "-") return { ...view, zoom: Math.max(whole.zoom, view.zoom / 1.5) };
  if (key === "0") return whole;
  if (key === "ArrowLeft") return { ...view, x: view.x - step };
  if (key === "ArrowRight") return { ...view, x: view.x + step };
  if (key === "ArrowUp") return { ...view, y: view.y - step };
  if (key === "ArrowDown") return { ...view, y: view.y + step };
  return null;
}

/** Calls `onMove` with each step of a drag, in CSS pixels. */
function useDrag(onMove: (dx: number, dy: number) => void) {
  const move = useRef(onMove);
  move.current = onMove;
  return (event: PointerEvent) => {
    const target = event.currentTarget as HTMLElement;
    target.setPointerCapture(event.pointerId);
    let [x, y] = [event.clientX, event.clientY];
    const onPointerMove = (next: PointerEvent) => {
      move.current(next.clientX - x, next.clientY - y);
      [x, y] = [next.clientX, next.clientY];
    };
    target.addEventListener("pointermove", onPointerMove);
    target.addEventListener("pointerup", () => target.removeEventListener("pointermove", onPointerMove), {
      once: true,
    });
  };
}

function valuesAt(planes: readonly Plane[], stains: readonly Stain[], [x, y]: readonly [number, number]): string {
  const { widthPx, heightPx } = planes[0]!;
  const [column, row] = [Math.floor(x), Math.floor(y)];
  if (column < 0 || row < 0 || column >= widthPx || row >= heightPx) return "outside the image";
  const values = stains.map(({ name }, i) => `${name} ${planes[i]!.values[row * widthPx + column]}`);
  return `(${column}, ${row})  ${values.join("  ")}`;
}

/** A length in µm that is about a fifth of the window. */
function ScaleBar({ pixelSizeUm, zoom }: { pixelSizeUm: number | null; zoom: number }) {
  if (pixelSizeUm === null) return null;
  const fifth = (SIDE / 5 / zoom) * pixelSizeUm;
  const power = 10 ** Math.floor(Math.log10(fifth));
  const lengthUm = [5, 2, 1].map((n) => n * power).find((n) => n <= fifth) ?? power;
  const share = (lengthUm / pixelSizeUm / SIDE) * zoom;
  return (
    <span class="scale">
      <i style={{ width: `${share * 100}%` }} />
      {Number(lengthUm.toPrecision(2))} µm
    </span>
  );
}
