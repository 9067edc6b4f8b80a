// The few lines that show a training at work. Pure: figures in, lines out, none wider than asked for.
import { type CollapseSign, collapseSigns } from "../../train/index.ts";
import { formatBytes, formatDuration, progressText } from "../view.ts";
import type { LiveStats } from "./live-stats.ts";
import { sparkline } from "./sparkline.ts";

/** What the panel is drawn from. */
export interface TrainingState {
  readonly totalKimg: number;
  /** Oldest first; the last is now. */
  readonly history: readonly LiveStats[];
  /** False for losses whose logits have no scale of their own. */
  readonly logistic: boolean;
}

/** At most so many figures are kept: a curve has at most a terminal's width, signs read the last few. */
export const MAX_HISTORY = 2000;
const BAR_WIDTH = 24;
const MAX_SPARKLINE = 40;
const SEPARATOR = "  ";

const isKnown = (value: number | null | undefined): value is number => value !== null && value !== undefined;
const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;

/** Three figures at any size, and never an endless row of digits. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return "?";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 100_000)) return value.toExponential(1);
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(size < 0.1 ? 3 : 2);
}

const field = (name: string, value: number | null | undefined): string[] =>
  isKnown(value) ? [`${name} ${shortNumber(value)}`] : [];

/** Puts fields on as few lines as hold them. */
function flow(fields: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const text of fields) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + SEPARATOR.length + text.length <= width)
      lines[lines.length - 1] = `${last}${SEPARATOR}${text}`;
    else lines.push(text);
  }
  return lines;
}

const speedOf = ({ imagesPerSecond, secondsLeft, memoryBytes }: LiveStats): string[] => [
  `${shortNumber(imagesPerSecond)} img/s`,
  `${formatDuration(secondsLeft)} left`,
  formatBytes(memoryBytes),
];

function logitsOf({ realScore, fakeScore, realSign, fakeSign }: LiveStats): string[] {
  const side = (name: string, score: number, sign: number | null | undefined) =>
    `${name} ${signed(score)}${isKnown(sign) ? ` (sign ${signed(sign)})` : ""}`;
  return [
    side("logits real", realScore, realSign),
    side("fake", fakeScore, fakeSign),
    `gap ${shortNumber(realScore - fakeScore)}`,
  ];
}

const regularisersOf = (stats: LiveStats): string[] => [
  ...field("R1", stats.r1),
  ...field("path", stats.pathLength),
  ...field("gradient", stats.gradientNorm),
  ...field("augment p", stats.augmentP),
  ...field("diversity", stats.diversity),
];

/** Breaks a sentence at spaces; what follows the first line is indented under it. */
function wrapped(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `${indent}${word}`);
  }
  return lines;
}

const warningText = ({ text, advice }: CollapseSign): string => `! ${text}; ${advice}`;

/**
 * The panel: bar, speed, losses with their curves, logits, regularisers, and a warning for each sign of collapse.
 * @param width no line is longer. @returns no lines before the first tick.
 */
export function trainingPanel({ totalKimg, history, logistic }: TrainingState, width: number): string[] {
  const now = history.at(-1);
  if (now === undefined) return [];
  const barWidth = Math.max(4, Math.min(BAR_WIDTH, width - 40));
  const bar = progressText("training", now.kimg, totalKimg, kimgText(now.kimg, totalKimg), barWidth);
  const curve = (name: string, value: number, values: readonly number[]) => {
    const text = `${name} ${shortNumber(value).padStart(6)} `;
    return `${text}${sparkline(values, Math.min(MAX_SPARKLINE, width - text.length))}`;
  };
  const lines = [
    ...[bar, ...flow(speedOf(now), width)],
    curve("loss D", now.dLoss, history.map(({ dLoss }) => dLoss)), // biome-ignore format: one curve a line
    curve("loss G", now.gLoss, history.map(({ gLoss }) => gLoss)), // biome-ignore format: one curve a line
    ...flow(logitsOf(now), width),
    ...flow(regularisersOf(now), width),
    ...collapseSigns(history, { logistic }).flatMap((sign) => wrapped(warningText(sign), width, "  ")),
  ];
  return lines.map((line) => line.slice(0, Math.max(0, width)).trimEnd());
}

/** `1.23 / 4 kimg`, with no more digits than mean something. */
const kimgText = (kimg: number, total: number): string => `${kimg.toFixed(total < 100 ? 2 : 1)} / ${total} kimg`;

/** The same on one line, for logs. */
export function trainingLine({ totalKimg, history, logistic }: TrainingState): string {
  const now = history.at(-1);
  if (now === undefined) return "";
  const signs = collapseSigns(history, { logistic }).map(warningText);
  const fields = [
    kimgText(now.kimg, totalKimg),
    ...speedOf(now),
    ...[...field("D", now.dLoss), ...field("G", now.gLoss)],
    ...logitsOf(now),
    ...regularisersOf(now),
    ...signs,
  ];
  return fields.join(SEPARATOR);
}
