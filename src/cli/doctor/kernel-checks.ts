// Do our own kernels, compiled on this machine, and LibTorch's convolutions give right numbers on each of its devices?
import { type Channels, KERNEL_ERROR_LIMITS, kernelErrors, worstKernel } from "../../nn/index.ts";
import { distrustedConvolutions, type SystemInfo, systemInfo } from "../../tensor/index.ts";
import { type Check, fail, guarded, pass, warning } from "./check.ts";

const REBUILD = "npm run setup";
const NVCC =
  "install CUDA's compiler (nvcc, of LibTorch's CUDA version), then npm run setup; NVCC=/path/to/nvcc names one";
const OTHER_LIBTORCH = "nothing needs doing; another LibTorch (LIBTORCH=DIR npm run setup) may be faster";

/** Those of small networks of 5 stains, and of the default ones. */
const CHANNELS: readonly Channels[] = [
  [8, 8],
  [8, 16],
  [5, 3],
  [32, 64],
  [65, 64],
];

/** What the checks ask; another only in tests. */
export interface KernelQuestions {
  readonly errorsOf: typeof kernelErrors;
  readonly distrusted: () => readonly string[];
}

/** One finding for the CPU, one for LibTorch's convolutions there, and one for each GPU. */
export async function kernelChecks(
  { cudaDevices, cardKernels }: Pick<SystemInfo, "cudaDevices" | "cardKernels"> = systemInfo(),
  { errorsOf, distrusted }: KernelQuestions = { errorsOf: kernelErrors, distrusted: distrustedConvolutions },
): Promise<Check[]> {
  const checks = [
    await guarded("kernels", REBUILD, () => checkOn("cpu", errorsOf)),
    checkConvolutions(distrusted()), // after the kernels, which ask for them
  ];
  for (let card = 0; card < cudaDevices; card++) {
    const [device, name] = [`cuda:${card}`, `kernels on cuda:${card}`];
    checks.push(
      cardKernels
        ? await guarded(name, REBUILD, () => checkOn(device, errorsOf))
        : warning(name, "not built; LibTorch's operators take their place, more slowly", NVCC),
    );
  }
  return checks;
}

function checkOn(device: string, errorsOf: typeof kernelErrors): Check {
  const name = device === "cpu" ? "kernels" : `kernels on ${device}`;
  const dtypes = device === "cpu" ? (["float32"] as const) : (["float32", "bfloat16"] as const);
  const worst = dtypes.map((dtype) => {
    const found = worstKernel(errorsOf(device, dtype, { channels: CHANNELS }));
    return { dtype, kernel: found?.kernel ?? "", error: found?.error ?? 0 };
  });
  const said = worst.map(({ dtype, error }) => `${dtype} ${error.toExponential(0)}`).join(", ");
  const wrong = worst.filter(({ dtype, error }) => !(error <= KERNEL_ERROR_LIMITS[dtype]));
  const detail = `layers and their derivatives against float64: ${said}`;
  if (wrong.length === 0) return pass(name, detail);
  const named = wrong.map(
    ({ kernel, dtype }) => `${kernel} in ${dtype} (at most ${KERNEL_ERROR_LIMITS[dtype]} is rounding)`,
  );
  return fail(
    name,
    `${detail}; wrong: ${named.join(", ")}`,
    `${REBUILD}, and please report this; a training takes LibTorch's operators in their place`,
  );
}

function checkConvolutions(distrusted: readonly string[]): Check {
  const name = "convolutions";
  if (distrusted.length === 0) return pass(name, "LibTorch's are right on every shape asked so far");
  const [first] = distrusted;
  return warning(
    name,
    `LibTorch's are WRONG on ${distrusted.length} of the shapes asked, so that products of matrices take their place, more slowly: ${first}`,
    OTHER_LIBTORCH,
  );
}
