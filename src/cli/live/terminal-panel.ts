// A few lines at the bottom of a terminal, redrawn in place: one write a redraw, so that nothing flickers.

/** Draws for a width in characters. */
export type PanelLines = (width: number) => readonly string[];

const FALLBACK_COLUMNS = 80;
const FALLBACK_ROWS = 24;
const ERASE_LINE_END = "\x1b[K";
const ERASE_BELOW = "\x1b[J";

/** Redraws lines where they stood before. Between redraws the cursor rests on the line below them. */
export class TerminalPanel {
  readonly #stream: NodeJS.WriteStream;
  #lines: PanelLines | null = null;
  /** What stands on the terminal now. */
  #shown: readonly string[] = [];
  readonly #onResize = () => this.#redraw("");

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  get isOpen(): boolean {
    return this.#lines !== null;
  }

  draw(lines: PanelLines): void {
    if (this.#lines === null) this.#stream.on?.("resize", this.#onResize);
    this.#lines = lines;
    this.#redraw("");
  }

  /** Writes a text above the panel, where it scrolls away like any other output. */
  insert(text: string): void {
    this.#redraw(`${text}\n`);
  }

  /** Leaves the panel on the terminal and forgets it. */
  end(): void {
    if (this.#lines === null) return;
    this.#stream.off?.("resize", this.#onResize);
    this.#lines = null;
    this.#shown = [];
  }

  #redraw(above: string): void {
    const columns = Math.max(1, this.#stream.columns ?? FALLBACK_COLUMNS);
    const rows = Math.max(2, this.#stream.rows ?? FALLBACK_ROWS);
    // A line as wide as the terminal would leave the cursor in doubt, and lines above its top could not be reached again.
    const lines = (this.#lines?.(columns - 1) ?? []).map((line) => line.slice(0, columns - 1)).slice(0, rows - 1);
    const up = Math.min(this.#heightAt(columns), rows - 1);
    const back = up > 0 ? `\x1b[${up}A\r` : "\r";
    const cleared = above === "" ? "" : `${ERASE_BELOW}${above}`;
    const text = lines.map((line) => `${line}${ERASE_LINE_END}\n`).join("");
    this.#stream.write(`${back}${cleared}${text}${ERASE_BELOW}`);
    this.#shown = lines;
  }

  /** Rows that the shown lines take now: a terminal that was made narrower has broken the long ones. */
  #heightAt(columns: number): number {
    return this.#shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
  }
}
