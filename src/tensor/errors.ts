// Errors of the tensor room.
import { GanDlError } from "../core/errors.ts";

export const addonMissing = (path: string, cause: unknown) =>
  new GanDlError("addon-missing", {
    what: `the native addon ${path} cannot be loaded.`,
    why: `training and the libtorch runtime need it (${cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause)}).`,
    fix: "run `npm run setup`; `npx gandl doctor` tells what is missing.",
    cause,
  });

export const noDevice = (device: string, cudaDevices: number, cause: unknown) =>
  new GanDlError("no-device", {
    what: `There is no device '${device}' here.`,
    why:
      cudaDevices === 0
        ? "a device is called cpu, or cuda:0 and so on; LibTorch sees no CUDA device: its build has no CUDA, or there is no card or driver."
        : `a device is called cpu, or cuda:0 and so on; LibTorch sees ${cudaDevices} of CUDA.`,
    fix: "use cpu, or a device that `gandl doctor` shows.",
    cause,
  });

export const tensorOpFailed = (cause: Error) =>
  new GanDlError("tensor-op-failed", {
    what: `a tensor operation failed: ${cause.message.split("\n")[0]}`,
    why: cause.message.split("\n").slice(1).join(" ").trim() || "LibTorch refused these shapes, dtypes or values.",
    fix: "compare the shapes above with what the operation takes; out of memory: use a smaller batch.",
    cause,
  });

export const scopeOrder = () =>
  new GanDlError("scope-order", {
    what: "a TensorScope was closed while a scope opened after it is still open.",
    why: "scopes form a stack; closing them out of order would free tensors that are in use.",
    fix: "open scopes with `using` in synchronous code, and never `await` inside one.",
  });

export const shapeMismatch = (name: string, want: string, got: readonly number[]) =>
  new GanDlError("shape-mismatch", {
    what: `${name} has shape [${got.join(", ")}], wanted [${want}].`,
    why: "the operation reads its axes by position.",
    fix: "reshape or permute it before the call.",
  });

export const uint16NeedsDtype = () =>
  new GanDlError("bad-dtype", {
    what: "a Uint16Array was given without a dtype.",
    why: "LibTorch 1 has no uint16; the array may hold numbers or the bits of 16-bit floats.",
    fix: 'pass { dtype: "int32" } for numbers, { dtype: "float16" } or { dtype: "bfloat16" } for bits.',
  });

export const shareNeedsSameDtype = (array: string, dtype: string) =>
  new GanDlError("bad-dtype", {
    what: `the memory of a ${array} cannot be shared as ${dtype}.`,
    why: "sharing means that no element is converted.",
    fix: "leave `share` out, or give an array of the tensor's own dtype.",
  });

export const asyncInScope = (name: string) =>
  new GanDlError("scope-order", {
    what: `${name} was given work that returns a promise.`,
    why: "what runs after its first await would run when the scope or mode is over.",
    fix: `await outside, and call ${name} around the synchronous part.`,
  });

export const notFinite = (name: string, count: number) =>
  new GanDlError("not-finite", {
    what: `${name} holds ${count} values that are not finite.`,
    why: "everything computed from it would be NaN too.",
    fix: "look at the learning rate, γ and the input range.",
  });

export const badSafetensors = (source: string, why: string, cause?: unknown) =>
  new GanDlError("bad-safetensors", {
    what: `${source} is not a whole safetensors file.`,
    why,
    fix: "restore it from a copy, or use another checkpoint of the run.",
    cause,
  });

export const badTorchscript = (file: string, cause: unknown) =>
  new GanDlError("bad-torchscript", {
    what: `${file} cannot be loaded as TorchScript.`,
    why: (cause instanceof Error ? cause.message : String(cause)).split("\n")[0] ?? "",
    fix: "save the network with torch.jit.save, by a PyTorch no newer than this LibTorch, with a forward method.",
    cause,
  });
