// Checkouts and interpreters that stand in for the peer's.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isGanDlError } from "gan-dl/core";

/** Emptied and removed by `removeStandIns`. */
export const folder = mkdtempSync(join(tmpdir(), "gandl-peer-test-"));
export const removeStandIns = () => rmSync(folder, { recursive: true, force: true });

/** A folder with the files that a checkout must have, each with this content. */
export function checkout(name: string, files: Record<string, string> = {}): string {
  const directory = join(folder, name);
  for (const part of ["training", "torch_utils", "dnnlib"]) mkdirSync(join(directory, part), { recursive: true });
  for (const file of ["training/networks.py", "training/loss.py"]) writeFileSync(join(directory, file), "");
  for (const [file, content] of Object.entries(files)) writeFileSync(join(directory, file), content);
  return directory;
}

/** A stand-in for Python that runs this JavaScript, whatever it is told to run. */
export function interpreter(name: string, script: string): string {
  const file = join(folder, `${name}.cjs`);
  writeFileSync(file, `#!${process.execPath}\n${script}`);
  chmodSync(file, 0o755);
  return file;
}

/** The message of the error with this code that the work ends with. */
export async function refusal(code: string, work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (isGanDlError(error, code)) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** Just enough of torch and of the checkout to write down what is called. */
export const STUB: Record<string, string> = {
  "torch.py": `
import types
__version__ = "stub"
__config__ = types.SimpleNamespace(show=lambda: "- Intel(R) MKL-DNN v3.1.4 (Git Hash N/A)\\n - CPU capability usage: AVX2\\n")
threads = 0
def set_num_threads(n):
    global threads
    threads = n
def get_num_threads():
    return threads
class Tensor:
    def clamp_(self, *_):
        return self
def randn(*_, device):
    return Tensor()
def zeros(*_, device):
    return Tensor()
def device(name):
    return name
class no_grad:
    def __enter__(self): pass
    def __exit__(self, *_): pass
class Adam:
    def __init__(self, *_, betas, **__):
        if {type(beta) for beta in betas} != {float}:
            raise ValueError("betas must be either both floats or both Tensors")
    def zero_grad(self, set_to_none): pass
    def step(self): pass
optim = types.SimpleNamespace(Adam=Adam)
`,
  "training/networks.py": `
class Network:
    mapping = synthesis = None
    def __init__(self, **_): pass
    def train(self): return self
    def eval(self): return self
    def requires_grad_(self, _): return self
    def to(self, device): return self
    def parameters(self): return []
    def buffers(self): return []
Generator = Discriminator = Network
`,
  "training/loss.py": `
import os
seen = os.path.join(os.path.dirname(__file__), "..", "seen")
class StyleGAN2Loss:
    def __init__(self, **_): pass
    def accumulate_gradients(self, phase, gain, **_):
        with open(seen, "a") as file:
            print(phase, gain, file=file)
`,
};

export const hasPython = spawnSync("python3", ["--version"]).status === 0;
