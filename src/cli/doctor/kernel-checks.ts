// Do our own kernels, compiled on this machine, give right numbers on each of its devices?
import { KERNEL_ERROR_LIMIT, kernelError } from "../../nn/index.ts";
import { type SystemInfo, systemInfo } from "../../tensor/index.ts";
import { type Check, fail, guarded, pass, warning } from "./check.ts";

const REBUILD = "npm run setup";
const NVCC =
  "install CUDA's compiler (nvcc, of LibTorch's CUDA version), then npm run setup; NVCC=/path/to/nvcc names one";

/** One finding for the CPU and one for each card. @param errorOf what the kernels are measured by; another only in tests. */
export async function kernelChecks(
  { cudaDevices, cardKernels }: Pick<SystemInfo, "cudaDevices" | "cardKernels"> = systemInfo(),
  errorOf = kernelError,
): Promise<Check[]> {
  const checks = [await guarded("kernels", REBUILD, () => checkOn("cpu", errorOf))];
  for (let card = 0; card < cudaDevices; card++) {
    const [device, name] = [`cuda:${card}`, `kernels on cuda:${card}`];
    checks.push(
      cardKernels
        ? await guarded(name, REBUILD, () => checkOn(device, errorOf))
        : warning(name, "not built; LibTorch's operators take their place, more slowly", NVCC),
    );
  }
  return checks;
}

function checkOn(device: string, errorOf: typeof kernelError): Check {
  const name = device === "cpu" ? "kernels" : `kernels on ${device}`;
  const dtypes = device === "cpu" ? (["float32"] as const) : (["float32", "bfloat16"] as const);
  const errors = dtypes.map((dtype) => [dtype, errorOf(device, dtype)] as const);
  const said = errors.map(([dtype, error]) => `${dtype} ${error.toExponential(0)}`).join(", ");
  const wrong = errors.some(([, error]) => !(error < KERNEL_ERROR_LIMIT));
  const detail = `layers and their derivatives against float64: ${said}`;
  if (!wrong) return pass(name, detail);
  const around = device === "cpu" ? REBUILD : "train with --set cuda.kernels=false";
  return fail(name, `${detail}; at most ${KERNEL_ERROR_LIMIT} is rounding`, `${around}, and please report this`);
}
