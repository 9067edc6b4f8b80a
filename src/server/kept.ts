// A few things that are costly to open, kept for the next request and closed when they are neither used nor lately asked for.

interface Slot<T> {
  readonly thing: Promise<T>;
  users: number;
  isDropped: boolean;
}

/** Keeps the `most` things asked for last. One in use is closed only when its last user is done. */
export class Kept<T> {
  readonly #most: number;
  readonly #release: (thing: T) => unknown;
  readonly #slots = new Map<string, Slot<T>>();

  constructor(most: number, release: (thing: T) => unknown) {
    this.#most = most;
    this.#release = release;
  }

  /** Runs `use` on the thing of this key, opening it where it is not kept. Equal keys asked at once open it once. */
  async use<R>(key: string, open: () => Promise<T>, use: (thing: T) => Promise<R>): Promise<R> {
    const slot = this.#slot(key, open);
    slot.users++;
    try {
      return await use(await slot.thing);
    } catch (error) {
      await slot.thing.catch(() => this.#slots.get(key) === slot && this.#slots.delete(key)); // failed to open: try again next time
      throw error;
    } finally {
      slot.users--;
      this.#closeIfDone(slot);
    }
  }

  /** Closes all, each when its last user is done. */
  close(): void {
    for (const key of [...this.#slots.keys()]) this.#drop(key);
  }

  #slot(key: string, open: () => Promise<T>): Slot<T> {
    const slot = this.#slots.get(key) ?? { thing: open(), users: 0, isDropped: false };
    this.#slots.delete(key);
    this.#slots.set(key, slot); // last asked for stands last
    while (this.#slots.size > this.#most) this.#drop(this.#slots.keys().next().value!);
    return slot;
  }

  #drop(key: string): void {
    const slot = this.#slots.get(key);
    if (!slot) return;
    this.#slots.delete(key);
    slot.isDropped = true;
    this.#closeIfDone(slot);
  }

  #closeIfDone(slot: Slot<T>): void {
    if (!slot.isDropped || slot.users > 0) return;
    void slot.thing.then(this.#release, () => {});
  }
}
