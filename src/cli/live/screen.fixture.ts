// A terminal's screen, as far as the live view uses one: lines that wrap and scroll, cursor up, erase to the end of line or screen.

/** What a terminal would show of what was written to it. */
export class Screen {
  isTTY = true;
  columns: number;
  rows: number;
  /** Each write, in order. */
  readonly writes: string[] = [];
  /** Lines that have scrolled off the top. */
  readonly scrolled: string[] = [];
  readonly #resizeListeners = new Set<() => void>();
  #lines: string[] = [""];
  #x = 0;
  #y = 0;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  /** What can be seen, without blanks at the ends of lines. */
  get visible(): string[] {
    return this.#lines.map((line) => line.trimEnd());
  }
  get nResizeListeners(): number {
    return this.#resizeListeners.size;
  }

  on(event: string, listener: () => void): this {
    if (event === "resize") this.#resizeListeners.add(listener);
    return this;
  }
  off(_event: string, listener: () => void): this {
    this.#resizeListeners.delete(listener);
    return this;
  }

  /** Breaks lines anew, as most terminals do, and tells whoever listens. The cursor stands below the last line. */
  resize(columns: number): void {
    const broken = this.#lines
      .slice(0, this.#y)
      .flatMap((line) => line.trimEnd().match(new RegExp(`.{1,${columns}}`, "gu")) ?? [""]);
    this.columns = columns;
    this.scrolled.push(...broken.splice(0, Math.max(0, broken.length + 1 - this.rows)));
    this.#lines = [...broken, ""];
    this.#y = this.#lines.length - 1;
    this.#x = 0;
    for (const listener of this.#resizeListeners) listener();
  }

  write(text: string): boolean {
    this.writes.push(text);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's commands begin with one
    for (const [token, up, erase] of text.matchAll(/\x1b\[(\d+)A|\x1b\[(K|J)|[\s\S]/gu)) {
      if (up !== undefined) this.#y = Math.max(0, this.#y - Number(up));
      else if (erase !== undefined) this.#erase(erase === "J");
      else if (token === "\r") this.#x = 0;
      else if (token === "\n") this.#down();
      else this.#put(token);
    }
    return true;
  }

  #erase(below: boolean): void {
    this.#lines[this.#y] = (this.#lines[this.#y] ?? "").slice(0, this.#x);
    if (below) this.#lines.length = this.#y + 1;
  }
  #down(): void {
    this.#x = 0;
    this.#y++;
    if (this.#y >= this.rows) {
      this.scrolled.push(this.#lines.shift() ?? "");
      this.#y--;
    }
    this.#lines[this.#y] ??= "";
  }
  #put(character: string): void {
    if (this.#x >= this.columns) this.#down();
    const line = (this.#lines[this.#y] ?? "").padEnd(this.#x);
    this.#lines[this.#y] = line.slice(0, this.#x) + character + line.slice(this.#x + 1);
    this.#x++;
  }
}

/** The screen as a view takes it. */
export const asStream = (screen: Screen): NodeJS.WriteStream => screen as unknown as NodeJS.WriteStream;
