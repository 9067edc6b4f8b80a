// Checks of LibTorch through our addon, and a self-test: right numbers, second-order gradients, and the speed that a good BLAS gives.
import {
  conv2d,
  deviceSwitches,
  fromArray,
  grad,
  noGrad,
  Rng,
  randn,
  systemInfo,
  TensorScope,
  tensorStats,
  threads,
} from "../../tensor/index.ts";
import { type Check, fail, guarded, pass, warning } from "./check.ts";
import { kernelChecks } from "./kernel-checks.ts";

const REBUILD = "npm run setup";
/** A core with a proper BLAS does more than this in single precision; the reference BLAS does about 2. */
const SLOW_GFLOPS_PER_THREAD = 12;
const PRODUCT_SIDE = 1024;

function checkLibrary(): Check {
  const { libtorch, cxx11Abi, config, cudaDevices } = systemInfo();
  const cpu = config.match(/CPU capability usage: (\S+)/)?.[1] ?? "?";
  const oneDnn = /MKL-DNN|oneDNN/.test(config) ? "with oneDNN" : "without oneDNN";
  const detail = `${libtorch}, C++11 ABI ${cxx11Abi ? "yes" : "no"}, ${cpu}, ${oneDnn}, CUDA devices: ${cudaDevices}`;
  return /MKL-DNN|oneDNN/.test(config)
    ? pass("LibTorch", detail)
    : warning("LibTorch", detail, "use an official LibTorch: set LIBTORCH and run npm run setup");
}

function checkThreads(): Check {
  const { usableCores } = systemInfo();
  const detail = `${threads()} of ${usableCores} usable cores`;
  return threads() >= usableCores ? pass("threads", detail) : warning("threads", detail, "unset OMP_NUM_THREADS");
}

/** For whoever trains by the library: `gandl train` sets all of them for each run. */
function checkSwitches(): Check {
  const { tf32Products, tf32Convolutions, cudnnBenchmark, deterministic } = deviceSwitches();
  const of = {
    "TF32 products": tf32Products,
    "TF32 convolutions": tf32Convolutions,
    "cuDNN benchmark": cudnnBenchmark,
  };
  const said = Object.entries({ ...of, deterministic }).map(([name, on]) => `${name} ${on ? "on" : "off"}`);
  return pass("switches", `${said.join(", ")}; \`gandl train\` sets them by cuda.*`);
}

/** The best of a few products: other work on the machine can only slow one down. */
function productGflops(): number {
  using _scope = new TensorScope();
  return noGrad(() => {
    const a = randn([PRODUCT_SIDE, PRODUCT_SIDE], { rng: new Rng(1) });
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 6; i++) {
      const start = performance.now();
      a.matmul(a).dispose();
      best = Math.min(best, performance.now() - start);
    }
    return (2 * PRODUCT_SIDE ** 3) / best / 1e6;
  });
}

function checkSpeed(): Check {
  const gflops = productGflops();
  const detail = `${gflops.toFixed(0)} GFLOP/s in a 1024³ matrix product`;
  if (gflops / threads() >= SLOW_GFLOPS_PER_THREAD) return pass("BLAS", detail);
  return warning(
    "BLAS",
    `${detail}: slow; the machine is busy, or LibTorch has only a reference BLAS`,
    "sudo apt-get install -y libopenblas0-openmp",
  );
}

/** R1's second-order gradient of a small convolution against a finite difference, and no tensor left over. */
function selfTest(): Check {
  const before = tensorStats().live;
  const error = secondOrderError();
  const left = tensorStats().live - before;
  if (error > 1e-5) return fail("self-test", `a second-order gradient is off by ${error.toExponential(1)}`, REBUILD);
  if (left !== 0)
    return fail("self-test", `${left} tensors were left over`, "please report this: it is a fault of gan-dl");
  return pass("self-test", "convolution, second-order gradient and memory are right");
}

function secondOrderError(): number {
  using _scope = new TensorScope();
  const rng = new Rng(2);
  const image = randn([1, 2, 6, 6], { rng, dtype: "float64" }).setRequiresGrad(true);
  const start = randn([3, 2, 3, 3], { rng, dtype: "float64" });
  const penalty = (weight: typeof start) => {
    const score = conv2d(image, weight, { padding: 1 }).tanh().sum();
    const [slope] = grad(score, [image], { createGraph: true });
    return slope?.square().sum() as typeof start;
  };
  const weight = start.clone().setRequiresGrad(true);
  const [got] = grad(penalty(weight), [weight]);
  const nudged = (by: number) => {
    const values = Float64Array.from(start.toArray() as Float64Array);
    values[4] = (values[4] ?? 0) + by;
    return penalty(fromArray(values, start.shape).setRequiresGrad(true)).item();
  };
  const want = (nudged(1e-5) - nudged(-1e-5)) / 2e-5;
  const value = (got?.toArray() as Float64Array | undefined)?.[4] ?? Number.NaN;
  return Math.abs(value - want) / Math.max(1, Math.abs(want));
}

/** Every check that needs the addon; when it cannot be loaded, that one failure. */
export async function libtorchChecks(): Promise<Check[]> {
  const library = await guarded("LibTorch", REBUILD, checkLibrary);
  if (library.status === "fail") return [library];
  return [
    library,
    await guarded("threads", REBUILD, checkThreads),
    await guarded("switches", REBUILD, checkSwitches),
    await guarded("BLAS", REBUILD, checkSpeed),
    await guarded("self-test", REBUILD, selfTest),
    ...(await kernelChecks()),
  ];
}
