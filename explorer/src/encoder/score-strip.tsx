// Where the score lies among the images of both conditions.
import type { EncoderPage } from "../../../src/schema/encoder-page.ts";
import { stripScale } from "./strip-scale.ts";

interface Props {
  readonly axis: NonNullable<EncoderPage["axis"]>;
  readonly score: number;
}

const [WIDTH, LABEL, ROW] = [640, 150, 26];

/** Each condition's 5th to 95th percentile as a bar, its middle half as a thicker one, its median as a line. */
export function ScoreStrip({ axis, score }: Props) {
  const { heldOut } = axis;
  const groups = heldOut
    ? [
        { name: axis.negativeName, percentiles: heldOut.negative, kind: "negative" },
        { name: axis.positiveName, percentiles: heldOut.positive, kind: "positive" },
      ]
    : [];
  const x = stripScale([0, score, ...groups.flatMap(({ percentiles }) => percentiles)], LABEL, WIDTH - 12);
  const height = ROW * groups.length + 46;
  return (
    <svg
      class="strip"
      viewBox={`0 0 ${WIDTH} ${height}`}
      role="img"
      aria-label={`Score ${score.toFixed(2)}, border at 0`}
    >
      <line class="border" x1={x(0)} x2={x(0)} y1="4" y2={height - 18} />
      {groups.map(({ name, percentiles, kind }, i) => {
        const [p5, p25, p50, p75, p95] = [5, 25, 50, 75, 95].map((p) => x(percentiles[p]!)) as [
          number,
          number,
          number,
          number,
          number,
        ];
        const middle = 20 + i * ROW;
        return (
          <g key={name} class={kind}>
            <text x={LABEL - 10} y={middle + 4} text-anchor="end">
              {name.length > 22 ? `${name.slice(0, 21)}…` : name}
            </text>
            <line class="range" x1={p5} x2={p95} y1={middle} y2={middle} />
            <rect x={p25} y={middle - 6} width={Math.max(1, p75 - p25)} height="12" rx="3" />
            <line class="median" x1={p50} x2={p50} y1={middle - 8} y2={middle + 8} />
          </g>
        );
      })}
      <line class="own" x1={x(score)} x2={x(score)} y1="4" y2={height - 28} />
      <circle class="own" cx={x(score)} cy={height - 26} r="5" />
      <text x={x(score)} y={height - 6} text-anchor="middle">
        this image
      </text>
    </svg>
  );
}
