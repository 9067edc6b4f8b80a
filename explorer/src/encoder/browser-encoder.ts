// The encoder's thread, seen from the page.

import type { EncoderAnswer, EncoderRequest } from "./encoder-worker.ts";
import { pageBroken } from "./errors.ts";

/** Features of some tiles and how long they took. */
export interface EncodedTiles {
  /** `[n,f]` */
  readonly features: Float32Array;
  readonly milliseconds: number;
}

/** An encoder in a worker; answers come in the order of the calls. */
export class BrowserEncoder {
  /** What computes, in words. */
  readonly runtime: Promise<string>;
  readonly #worker: Worker;
  readonly #callers = new Map<number, { resolve: (tiles: EncodedTiles) => void; reject: (error: Error) => void }>();
  #nextId = 0;

  /** @param model address of the ONNX file. */
  constructor(model: string, tap: string, preferGpu: boolean) {
    this.#worker = new Worker(new URL("./encoder-worker.ts", import.meta.url), { type: "module", name: "encoder" });
    this.runtime = new Promise((resolve, reject) => {
      const fail = (message: string) => reject(pageBroken("model.onnx", `the encoder cannot be loaded: ${message}.`));
      this.#worker.addEventListener("error", (event) => fail(event.message || "its script cannot be loaded"));
      this.#worker.addEventListener("message", ({ data }: MessageEvent<EncoderAnswer>) => {
        if (data.kind === "loaded") resolve(data.runtime);
        else if (data.kind === "failed" && data.id === null) fail(data.message);
        else this.#settle(data);
      });
    });
    this.#send({ kind: "load", model, tap, preferGpu });
  }

  /** @param tiles `[n,c,r,r]`; handed over. @param shape `[n,c,r,r]`. */
  async run(tiles: Float32Array<ArrayBuffer>, shape: readonly number[]): Promise<EncodedTiles> {
    await this.runtime;
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#callers.set(id, { resolve, reject });
      this.#send({ kind: "run", id, tiles, shape }, [tiles.buffer]);
    });
  }

  #send(request: EncoderRequest, transfer: Transferable[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  #settle(answer: EncoderAnswer): void {
    if (answer.kind === "loaded" || answer.id === null) return;
    const caller = this.#callers.get(answer.id);
    this.#callers.delete(answer.id);
    if (answer.kind === "features") caller?.resolve(answer);
    else caller?.reject(new Error(answer.message));
  }
}
