// A dose-response curve: wells as points, the fit, the EC50 with its interval, or why there is none.
import type { Curve } from "../../../src/schema/task-result.ts";
import { curvePicture, ec50Text, setAsideText } from "./curve-geometry.ts";

const SIZE = { widthPx: 460, heightPx: 280, marginPx: 44 };

export function CurveChart({ curve }: { readonly curve: Curve }) {
  const picture = curvePicture(curve, SIZE);
  const text = ec50Text(curve);
  const aside = setAsideText(curve);
  if (!picture) return <p class="muted">It has no dose above 0. {text}</p>;
  const { widthPx, heightPx, marginPx } = SIZE;
  const base = heightPx - marginPx;
  return (
    <figure class="curve">
      <svg
        viewBox={`0 0 ${widthPx} ${heightPx}`}
        role="img"
        aria-label={[`${curve.name}: ${text}`, aside].filter(Boolean).join(" ")}
      >
        {picture.interval && (
          <rect
            class="interval"
            x={picture.interval[0]}
            width={Math.max(1, picture.interval[1] - picture.interval[0])}
            y={marginPx / 4}
            height={base - marginPx / 4}
          />
        )}
        {picture.levels.map(({ y, text: level }) => (
          <g key={level}>
            <line class="grid" x1={marginPx} x2={widthPx - marginPx / 4} y1={y} y2={y} />
            <text x={marginPx - 6} y={y + 4} text-anchor="end">
              {level}
            </text>
          </g>
        ))}
        {picture.doses.map(({ x, text: dose }) => (
          <text key={dose} x={x} y={base + 18} text-anchor="middle">
            {dose}
          </text>
        ))}
        <text x={4} y={9}>
          response
        </text>
        <text x={(widthPx + marginPx) / 2} y={heightPx - 6} text-anchor="middle">
          dose (µM)
        </text>
        {picture.ec50 !== null && <line class="ec50" x1={picture.ec50} x2={picture.ec50} y1={marginPx / 4} y2={base} />}
        {picture.points.map(({ x, y, doseUm, response, isSetAside }, i) => (
          <circle key={i} class={isSetAside ? "aside" : undefined} cx={x} cy={y} r="3.2">
            <title>{`${doseUm} µM: ${response.toFixed(2)}${isSetAside ? ", set aside" : ""}`}</title>
          </circle>
        ))}
        {picture.line.length > 0 && (
          <polyline points={picture.line.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")} />
        )}
      </svg>
      <figcaption>
        {text}
        {aside && <span> {aside}</span>}
        {curve.responseName && <span class="muted"> {curve.responseName}</span>}
      </figcaption>
    </figure>
  );
}
