// A small line chart that reads in both themes; what it shows is also there as text.
import { coreRange, linearAxis, markText } from "./chart-scale.ts";
import { type TrainingChart, thinned } from "./history.ts";

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [420, 210, 48, 26, 10, 10];

export function LineChart({ title, hint, series }: TrainingChart) {
  const drawn = series.map(({ name, points }) => ({ name, points: thinned(points, WIDTH) }));
  const all = drawn.flatMap(({ points }) => points);
  const [low, high] = coreRange(all.map(([, value]) => value));
  const x = linearAxis([0, ...all.map(([kimg]) => kimg)], LEFT, WIDTH - RIGHT - 14, 5);
  const y = linearAxis([low, high], HEIGHT - BOTTOM, TOP, 5);
  const clampedY = (value: number) => Math.min(HEIGHT - BOTTOM, Math.max(TOP, y.at(value)));
  return (
    <figure class="line-chart">
      <figcaption>
        <strong>{title}</strong>
        <span class="legend">
          {series.map(({ name, points }, i) => (
            <span key={name} class={`series-${i}`}>
              {name} {markText(Number(points.at(-1)![1].toPrecision(3)))}
            </span>
          ))}
        </span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={describe({ title, hint, series })}>
        {y.marks.map(({ at, text }) => (
          <g key={text}>
            <line class="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={at} y2={at} />
            <text x={LEFT - 6} y={at + 4} text-anchor="end">
              {text}
            </text>
          </g>
        ))}
        {x.marks.map(({ at, text }, i) => (
          <text key={text} x={at} y={HEIGHT - 8} text-anchor="middle">
            {i === x.marks.length - 1 ? `${text} kimg` : text}
          </text>
        ))}
        {drawn.map(({ name, points }, i) =>
          points.length === 1 ? (
            <circle key={name} class={`series-${i}`} cx={x.at(points[0]![0])} cy={clampedY(points[0]![1])} r="3" />
          ) : (
            <polyline
              key={name}
              class={`series-${i}`}
              points={points.map(([kimg, value]) => `${x.at(kimg).toFixed(1)},${clampedY(value).toFixed(1)}`).join(" ")}
            />
          ),
        )}
      </svg>
      <p class="hint">{hint}</p>
    </figure>
  );
}

function describe({ title, series }: TrainingChart): string {
  const parts = series.map(({ name, points }) => {
    const [first, last] = [points[0]!, points.at(-1)!];
    return `${name} from ${markText(Number(first[1].toPrecision(3)))} at ${first[0]} kimg to ${markText(Number(last[1].toPrecision(3)))} at ${last[0]} kimg`;
  });
  return `${title}: ${parts.join("; ")}`;
}
