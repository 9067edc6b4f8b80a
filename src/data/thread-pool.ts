// Threads of one script that answer requests; each is given what it is asked when it is asked, and answers in its own time.
import { existsSync } from "node:fs";
import { type TransferListItem, Worker } from "node:worker_threads";

/** What goes to a thread and comes back under the same number. */
export interface Numbered {
  readonly id: number;
}

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Close it: a thread that is not ended keeps the process alive. A thread's uncaught error ends all of it. */
export class ThreadPool<Request extends Numbered, Answer extends Numbered> implements Disposable {
  readonly #threads: { readonly worker: Worker; nWaiting: number }[] = [];
  readonly #waiting = new Map<number, Waiting<Answer>>();
  #failed: Error | null = null;
  #nextId = 0;

  /**
   * @param script the built worker; from TypeScript sources there is none, and then there are no threads.
   * @param workerData what each thread is told once.
   */
  constructor(script: string, nThreads: number, workerData?: unknown) {
    if (!existsSync(script)) return;
    for (let i = 0; i < nThreads; i++) {
      const worker = new Worker(script, { workerData });
      worker.on("message", (answer: Answer) => this.#settle(answer));
      worker.on("error", (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
      this.#threads.push({ worker, nWaiting: 0 });
    }
  }

  /** Threads; none where there is no built worker. */
  get size(): number {
    return this.#threads.length;
  }

  /** Requests that the thread with the least to do has before it; infinite where there is no thread. */
  get shortestQueue(): number {
    return Math.min(...this.#threads.map(({ nWaiting }) => nWaiting));
  }

  /** Asks the thread with the least to do. @param handedOver memory that can no longer be read here. */
  async ask(request: Omit<Request, "id">, handedOver: readonly TransferListItem[]): Promise<Answer> {
    if (this.#failed) throw this.#failed;
    const thread = this.#threads.toSorted((a, b) => a.nWaiting - b.nWaiting)[0];
    if (!thread) throw new Error("internal: there is no thread to ask");
    const id = this.#nextId++;
    thread.nWaiting++;
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        thread.worker.postMessage({ ...request, id }, handedOver);
      });
    } finally {
      thread.nWaiting--;
    }
  }

  /** Ends the threads; what was asked and not answered is refused. */
  [Symbol.dispose](): void {
    for (const { worker } of this.#threads) void worker.terminate();
    this.#fail(new Error("the threads were closed"));
  }

  #settle(answer: Answer): void {
    this.#waiting.get(answer.id)?.resolve(answer);
    this.#waiting.delete(answer.id);
  }

  #fail(error: Error): void {
    this.#failed ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
