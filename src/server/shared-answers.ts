// Answers that many ask for and that are costly to make: made once, held once, handed to all.

interface Held {
  /** Readers that wait for it; when the last goes, the making is told to stop. */
  nWaiting: number;
  readonly stop: AbortController;
  readonly made: Promise<Uint8Array<ArrayBuffer>>;
  /** 0 until it is made. */
  nBytes: number;
}

/** Makes an answer; ends early when the signal fires. */
export type MakeAnswer = (signal: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>;

/**
 * Keeps the answers asked for last, within a bound of bytes. What a key names never changes: what it is made from (a file's version) is
 * part of it. Who is handed an answer shares its memory and must not write to it.
 */
export class SharedAnswers {
  readonly #mostBytes: number;
  readonly #held = new Map<string, Held>();
  #nBytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Bytes of all answers kept. */
  get nBytes(): number {
    return this.#nBytes;
  }

  /** The answer of this key, made where nobody has. Equal keys asked at once are made once. @throws what `make` throws; the signal's reason. */
  async ask(key: string, make: MakeAnswer, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    signal.throwIfAborted();
    const held = this.#held.get(key) ?? this.#begin(key, make);
    this.#held.delete(key);
    this.#held.set(key, held); // last asked for stands last
    held.nWaiting++;
    let leave = () => {};
    try {
      return await Promise.race([
        held.made,
        new Promise<never>((_, reject) => {
          leave = () => reject(signal.reason);
          signal.addEventListener("abort", leave, { once: true });
        }),
      ]);
    } finally {
      signal.removeEventListener("abort", leave);
      held.nWaiting--;
      if (held.nWaiting === 0 && held.nBytes === 0) this.#giveUp(key, held, signal.reason);
    }
  }

  #begin(key: string, make: MakeAnswer): Held {
    const stop = new AbortController();
    const held: Held = { nWaiting: 0, stop, nBytes: 0, made: make(stop.signal) };
    held.made.then(
      ({ length }) => {
        if (this.#held.get(key) !== held) return;
        held.nBytes = Math.max(1, length);
        this.#nBytes += held.nBytes;
        this.#forgetOldest();
      },
      () => this.#giveUp(key, held, null), // asked again, it is tried again
    );
    return held;
  }

  #giveUp(key: string, held: Held, reason: unknown): void {
    if (this.#held.get(key) === held) this.#held.delete(key);
    held.stop.abort(reason);
  }

  /** Answers that are being made are not counted and not forgotten. */
  #forgetOldest(): void {
    for (const [key, { nBytes }] of this.#held) {
      if (this.#nBytes <= this.#mostBytes) return;
      if (nBytes === 0) continue;
      this.#held.delete(key);
      this.#nBytes -= nBytes;
    }
  }
}

/** JSON as bytes that can be shared. */
export const jsonBytes = (value: unknown): Uint8Array<ArrayBuffer> =>
  new Uint8Array(new TextEncoder().encode(JSON.stringify(value)).buffer as ArrayBuffer);
