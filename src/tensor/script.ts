// TorchScript files that a user brings: a network as a function of one tensor.
import { badTorchscript } from "./errors.ts";
import { type NativeHandle, native, rethrowing } from "./native.ts";
import { Tensor } from "./tensor.ts";

/**
 * A network saved by `torch.jit.save`, in evaluation mode and without gradients. Owned by the caller, who disposes of it.
 * @example
 * ```ts no-run
 * using network = new ScriptModule("inception.pt");
 * const features = network.forward(images); // one tensor in, one out
 * ```
 */
export class ScriptModule {
  readonly file: string;
  readonly device: string;
  /** What its `forward` takes, in order. */
  readonly argumentNames: readonly string[];
  readonly #handle: NativeHandle;

  /** @param device where it runs. @throws GanDlError `bad-torchscript` when the file is missing or no TorchScript. */
  constructor(file: string, device = "cpu") {
    this.file = file;
    this.device = device;
    const addon = native();
    try {
      this.#handle = addon.loadScript(file, device);
      this.argumentNames = addon.scriptArguments(this.#handle);
    } catch (cause) {
      throw badTorchscript(file, cause);
    }
  }

  /**
   * Runs it on one tensor, on its own device. @param flags names of arguments that are set to true, e.g. `return_features`.
   * @returns a new tensor, owned as any other. @throws GanDlError `tensor-op-failed`.
   */
  forward(x: Tensor, flags: readonly string[] = []): Tensor {
    return new Tensor(rethrowing((addon) => addon.runScript(this.#handle, x.handle, flags)));
  }

  /** Lets go of its weights; any later use is an error. Twice does nothing. */
  dispose(): void {
    native().disposeScript(this.#handle);
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
}
