// What a person sees while a command works: a bar on a terminal, plain lines elsewhere, JSON lines with --json.
// Everything goes to standard error but results, so that `gandl … --json > file` holds results alone.
import { TerminalPanel } from "./live/terminal-panel.ts";

/** How a command shows itself. */
export interface View {
  /** Says one thing on a line of its own. */
  line(text: string): void;
  /** Shows progress; `total` of 0 means unknown. On a terminal it redraws one line, elsewhere it prints at most every ten seconds. */
  progress(label: string, done: number, total: number, detail?: string): void;
  /**
   * Shows a few lines that are redrawn in place on a terminal; elsewhere prints `plain` at most every ten seconds.
   * @param lines draws for a width, again where the terminal's changes. @param isLast shows it however short ago the last one was.
   */
  panel(lines: (width: number) => readonly string[], plain: () => string, isLast?: boolean): void;
  /** With --json, one event as a line of JSON on standard error; nothing otherwise. */
  event(event: object): void;
  /** Ends the current progress line, or leaves the panel as it is. */
  endProgress(): void;
  /** Prints the command's result: the object with --json, else the text. */
  result(object: unknown, text: string): void;
}

const PLAIN_INTERVAL_MS = 10_000;
const DRAW_INTERVAL_MS = 100;
const BAR_WIDTH = 24;

/** A duration as people say it: `42 s`, `3 min 10 s`, `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** A size as people say it, in powers of 1024. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** The bar line itself: `train ████░░ 42 %  1.2 / 3.0 kimg`. */
export function progressText(
  label: string,
  done: number,
  total: number,
  detail: string,
  barWidth: number = BAR_WIDTH,
): string {
  if (total <= 0) return done > 0 ? `${label}  ${done.toLocaleString("en")}  ${detail}` : `${label} … ${detail}`;
  const share = Math.min(1, Math.max(0, done / total || 0));
  const filled = Math.round(share * barWidth);
  return `${label}  ${"█".repeat(filled)}${"░".repeat(barWidth - filled)} ${String(Math.floor(share * 100)).padStart(3)} %  ${detail}`;
}

/**
 * Makes the view that fits where output goes.
 * @param stream standard error, or a stand-in in tests. @param now milliseconds; a stand-in in tests.
 */
export function createView(
  json: boolean,
  stream: NodeJS.WriteStream = process.stderr,
  now: () => number = Date.now,
): View {
  const terminal = stream.isTTY === true && !json;
  const panel = new TerminalPanel(stream);
  let last = Number.NEGATIVE_INFINITY;
  let open = false;
  // A reader that went away (`… 2>&1 | head`, a closed window) or a full disk under a log must not end hours of work.
  stream.on?.("error", (error: NodeJS.ErrnoException) => {
    if (!["EPIPE", "EIO", "ENOSPC", "EDQUOT"].includes(error.code ?? "")) throw error;
  });
  const close = () => {
    if (open) stream.write("\n");
    open = false;
  };
  const isDue = () => now() - last >= (terminal ? DRAW_INTERVAL_MS : PLAIN_INTERVAL_MS);
  return {
    line(text) {
      close();
      if (json) return;
      if (panel.isOpen) panel.insert(text);
      else stream.write(`${text}\n`);
    },
    progress(label, done, total, detail = "") {
      const finished = total > 0 && done >= total;
      if (json || (!finished && !isDue())) return;
      last = now();
      const text = progressText(label, done, total, detail);
      if (terminal) {
        stream.write(`\r\x1b[2K${text.slice(0, (stream.columns ?? 120) - 1)}`);
        open = true;
      } else stream.write(`${text}\n`);
    },
    panel(lines, plain, isLast = false) {
      if (json || (!isLast && !isDue())) return;
      last = now();
      if (terminal) panel.draw(lines);
      else stream.write(`${plain()}\n`);
    },
    event(event) {
      if (json) stream.write(`${JSON.stringify(event)}\n`);
    },
    endProgress() {
      close();
      panel.end();
      last = Number.NEGATIVE_INFINITY;
    },
    result(object, text) {
      close();
      panel.end();
      process.stdout.write(json ? `${JSON.stringify(object)}\n` : `${text}\n`);
    },
  };
}

/** An AbortSignal that Ctrl-C and SIGTERM fire once, gently; a second Ctrl-C ends the process at once. */
export function interruptSignal(view: View, whatHappens: string): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130);
    view.line(`\nstopping: ${whatHappens} (Ctrl-C again to quit at once)`);
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return controller.signal;
}
