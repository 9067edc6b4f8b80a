// Whether memory stays flat while something is done over and over.

/** Adds up by how much this process's resident memory grows during some of its work. */
export class MemoryWatch {
  readonly #rss: () => number;
  #runs = 0;
  #grownBytes = 0;
  #units = 0;

  /** @param rss bytes; a stand-in in tests. */
  constructor(rss: () => number = () => process.memoryUsage.rss()) {
    this.#rss = rss;
  }

  /** Does the work and counts what it leaves behind; the first time does not count, for it fills caches and pools. */
  async during(units: number, work: () => unknown): Promise<void> {
    const before = this.#rss();
    await work();
    if (this.#runs++ === 0) return;
    this.#grownBytes += this.#rss() - before;
    this.#units += units;
  }

  /** `resident memory +1.2 MiB over 20480 images`. */
  text(): string {
    const grown = this.#grownBytes / 1024 ** 2;
    return `resident memory ${grown < 0 ? "−" : "+"}${Math.abs(grown).toFixed(1)} MiB over ${this.#units} images`;
  }
}
