// Whether other work holds the cores that a training counts on: then its threads wait for each other at every barrier.
/** Below this share of its threads' time, for so many looks in a row, a training is crowded. Alone it has 0.95. */
const CROWDED_SHARE = 0.7;
const LOOKS = 3;

/** What a clock reads, in seconds. */
export interface Clocks {
  /** Of the wall. */
  readonly wallSeconds: number;
  /** Of the processor, all threads of this process. */
  readonly cpuSeconds: number;
}

const processClocks = (): Clocks => {
  const { user, system } = process.cpuUsage();
  return { wallSeconds: performance.now() / 1000, cpuSeconds: (user + system) / 1e6 };
};

/** Looks at the processor time that this process gets of its threads' share. */
export class Crowd {
  readonly #threads: number;
  readonly #read: () => Clocks;
  #before: Clocks;
  #crowdedLooks = 0;
  #isTold = false;

  /** @param threads that the training computes with. @param read the clocks; others only in tests. */
  constructor(threads: number, read: () => Clocks = processClocks) {
    this.#threads = threads;
    this.#read = read;
    this.#before = read();
  }

  /** True once, at the third look in a row since which the threads got less than their share; never of a single thread. */
  isCrowded(): boolean {
    const now = this.#read();
    const wall = now.wallSeconds - this.#before.wallSeconds;
    const share = (now.cpuSeconds - this.#before.cpuSeconds) / (wall * this.#threads);
    this.#before = now;
    this.#crowdedLooks = share < CROWDED_SHARE ? this.#crowdedLooks + 1 : 0;
    if (this.#isTold || this.#threads === 1 || this.#crowdedLooks < LOOKS) return false;
    this.#isTold = true;
    return true;
  }
}

/** What a person may do about it; measured in docs/performance.md, "Beside other work". */
export const CROWDED =
  "note: other work holds the cores, and the threads of this training wait for each other; until it ends, OMP_NUM_THREADS=1 may be faster (stop by Ctrl-C, then --resume)";
