// A quality record as a person reads it: three columns, and what may be compared with what.
import type { QualityRecord, SetScores } from "../../schema/index.ts";

const short = (value: number): string =>
  Math.abs(value) >= 0.001 && Math.abs(value) < 1e5 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The rows of the table: a name, and what to show of one comparison. */
const ROWS: readonly (readonly [string, (scores: SetScores) => string])[] = [
  ["images on each side", ({ nReal }) => String(nReal)],
  ["Fréchet distance", ({ frechetDistance }) => short(frechetDistance)],
  [
    "kernel distance",
    ({ kernelDistance: { value, standardError } }) =>
      standardError === null ? short(value) : `${short(value)} ± ${short(standardError)}`,
  ],
  ["precision", ({ precision }) => percent(precision)],
  ["recall", ({ recall }) => percent(recall)],
];

/** The record as text. @param title what was measured, e.g. the run and its kimg. */
export function qualityText(record: QualityRecord, title: string): string {
  const columns = [
    ["", ...ROWS.map(([name]) => name)],
    ...(
      [
        ["generated", record.generated],
        ["generated, half", record.generatedAtHalfSize],
        ["real halves", record.realHalves],
      ] as const
    ).map(([name, scores]) => [name, ...ROWS.map(([, show]) => show(scores))]),
  ];
  const widths = columns.map((column) => Math.max(...column.map((cell) => cell.length)));
  const table = (columns[0] ?? []).map((_, row) =>
    columns
      .map((column, i) =>
        i === 0 ? (column[row] ?? "").padEnd(widths[i] ?? 0) : (column[row] ?? "").padStart(widths[i] ?? 0),
      )
      .join("   ")
      .trimEnd(),
  );
  const path = record.pathLength
    ? [`path length ${short(record.pathLength.value)} over ${record.pathLength.nPairs} pairs; smaller is smoother.`]
    : [];
  return [
    `${title}, ${record.channels.join(", ")} at ${record.resolutionPx} px, truncation ${record.truncation}, seed ${record.seed}`,
    `features: ${record.extractor.description}.`,
    "",
    ...table,
    "",
    ...path,
    "'generated' and 'generated, half' are generated against real images; 'real halves' is one half of the real images against the other.",
    "Compare 'generated, half' with 'real halves': both have as many images, and a perfect generator would be about equal.",
    "Small distances and large shares are good. All but the kernel distance change with the number of images: compare runs at equal n.",
  ].join("\n");
}
