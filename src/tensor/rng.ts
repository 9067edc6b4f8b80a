// LibTorch's random generators, one object each, whose state can be saved: what tensors are drawn with.
import { noDevice } from "./errors.ts";
import { type NativeHandle, native, rethrowing } from "./native.ts";

/**
 * A seeded generator of one device; equal seeds give equal draws on one device and LibTorch version.
 *
 * For anything that is not a tensor use `SeededRandom` of `gan-dl/core`.
 * @example
 * ```ts
 * import { randn, Rng } from "gan-dl/tensor";
 * const a = randn([4], { rng: new Rng(7) }), b = randn([4], { rng: new Rng(7) });
 * console.assert(a.sub(b).abs().sum().item() === 0);
 * ```
 */
export class Rng {
  readonly handle: NativeHandle;
  readonly device: string;

  /** @param seed a whole number. @param device `cpu` or `cuda:0`. @throws GanDlError `no-device`. */
  constructor(seed: number, device = "cpu") {
    this.device = device;
    try {
      this.handle = rethrowing((addon) => addon.newGenerator(seed, device));
    } catch (error) {
      throw device === "cpu" ? error : noDevice(device, native().systemInfo().cudaDevices, error);
    }
  }

  /** A generator that goes on exactly where `state` was taken. */
  static fromState(state: Uint8Array, device = "cpu"): Rng {
    const rng = new Rng(0, device);
    rng.setState(state);
    return rng;
  }

  /** Everything a bit-exact resume needs (about 5 kB on the CPU). */
  state(): Uint8Array {
    return rethrowing((addon) => addon.generatorState(this.handle));
  }

  /** @throws GanDlError `tensor-op-failed` when `state` is no state of this device's generators. */
  setState(state: Uint8Array): void {
    rethrowing((addon) => addon.setGeneratorState(this.handle, state));
  }

  /** Lets go of the generator (5 kB); any later use is an error. Left undone, the garbage collector does it. */
  dispose(): void {
    native().dispose(this.handle);
  }
}
