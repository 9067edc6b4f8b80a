// The main thread's end of feature-worker.ts: a promise a question, a thread only while one is asked for.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { endThread, threadEnding } from "../data/index.ts";
import { atMost } from "./at-most.ts";
import {
  drawMap,
  type Features,
  type MapKind,
  nearest,
  type OnMapStep,
  type PlacedPoints,
  readFeatures,
} from "./feature-jobs.ts";
import type { FeatureQuestion, FeatureSetup } from "./feature-worker.ts";
import { once } from "./open-datasets.ts";

interface Answer {
  readonly id: number;
  readonly answer?: unknown;
  /** What a map is at, and how far; null where that cannot be told. */
  readonly step?: string;
  readonly percent?: number | null;
  readonly failed?: string;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onStep: OnMapStep | undefined;
}

const WORKER = fileURLToPath(new URL("./feature-worker.js", import.meta.url));

/** Answers questions about one table's matrix, off the thread that answers requests. */
export class FeatureThread {
  readonly #path: string;
  /** One question is with the thread; who goes while waiting is not asked for. */
  readonly #inTurn = atMost(1);
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #ending = threadEnding();
  #nextId = 0;
  /** From TypeScript sources there is no built worker to start: tests ask in place. */
  readonly #inPlace: () => Promise<Features>;

  constructor(path: string) {
    this.#path = path;
    this.#inPlace = once(() => readFeatures(path));
  }

  /** @param onStep called once the table is read, and with every percent of UMAP's steps. */
  async map(kind: MapKind, onStep: OnMapStep): Promise<PlacedPoints> {
    if (!existsSync(WORKER)) return drawMap(await this.#inPlace(), kind, onStep);
    return (await this.#ask({ kind: "map", map: kind }, onStep)) as PlacedPoints;
  }

  /** The rows nearest to the mean of `rows`. A signal that fires while others are answered drops the question. */
  nearest(rows: readonly number[], k: number, signal?: AbortSignal): Promise<{ row: number; cosine: number }[]> {
    return this.#inTurn(async () => {
      if (!existsSync(WORKER)) return nearest(await this.#inPlace(), rows, k);
      return (await this.#ask({ kind: "nearest", rows, k })) as { row: number; cosine: number }[];
    }, signal);
  }

  close(): void {
    if (this.#worker) endThread(this.#worker, this.#ending);
    this.#worker = null;
    this.#fail(new Error("the table was closed"));
  }

  #ask(question: FeatureQuestion, onStep?: OnMapStep): Promise<unknown> {
    const worker = this.#started();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onStep });
      worker.postMessage({ id, question });
    });
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    this.#ending = threadEnding();
    const worker = new Worker(WORKER, {
      workerData: { path: this.#path, ending: this.#ending } satisfies FeatureSetup,
    });
    worker.unref();
    worker.on("message", ({ id, answer, step, percent, failed }: Answer) => {
      const waiting = this.#waiting.get(id);
      if (step !== undefined) return waiting?.onStep?.(percent ?? null, step);
      this.#waiting.delete(id);
      if (failed === undefined) waiting?.resolve(answer);
      else waiting?.reject(new Error(failed));
    });
    worker.on("error", (error) => {
      this.#worker = null;
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    });
    this.#worker = worker;
    return worker;
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
