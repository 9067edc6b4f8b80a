// Which kernels a run computes with: ours where they are right, LibTorch's operators where only those are, none where neither is.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describeDiscriminator, describeGenerator } from "../models/index.ts";
import { type Channels, KERNEL_ERROR_LIMITS, type KernelError, kernelErrors, worstKernel } from "../nn/index.ts";
import type { KernelRecord, ResolvedTrainConfig, StyleGan2Shape, TrainEvent } from "../schema/index.ts";
import { distrustedConvolutions, setDeviceSwitches, worksBlocked, worksByElement } from "../tensor/index.ts";
import { kernelsWrong } from "./errors.ts";
import { jsonOrNull, writeWhole } from "./run-folder.ts";

type Measured = Pick<ResolvedTrainConfig, "device" | "precision" | "cuda">;
type Dtype = "float32" | "bfloat16";

/** Every pair of channels, in and out, that a convolution of these networks has. */
export function channelsOf(shape: StyleGan2Shape): Channels[] {
  const pairs = [...describeGenerator(shape), ...describeDiscriminator(shape)]
    .filter((parameter) => parameter.shape.length === 4 && parameter.name.includes("weight"))
    .map(({ shape: [out = 0, into = 0] }) => [into, out] as const);
  return [...new Map(pairs.map((pair) => [pair.join(), pair])).values()];
}

/**
 * Holds the kernels that a run is about to use to float64, at its own channel counts and precisions; below a second at 64 px. Where ours are wrong, LibTorch's
 * operators take their place for the rest of the process (`setDeviceSwitches`), if those are right.
 * @returns what `provenance.json` says of it.
 * @throws GanDlError `kernels-wrong` when neither is right.
 * @example
 * ```ts no-run
 * import { chooseKernels } from "gan-dl/train";
 * const { used, distrusted } = chooseKernels(config, shape);
 * if (used === "libtorch" || distrusted.length > 0) console.warn("not all of this LibTorch is right; see provenance.json");
 * ```
 */
export function chooseKernels(config: Measured, shape: StyleGan2Shape): KernelRecord {
  const isOff = !worksBlocked(config.device) && !worksByElement(config.device); // by cuda.kernels, or not built for the GPU
  const wrong = isOff ? [] : wrongOf(config, shape, false);
  const used = isOff || wrong.length > 0 ? "libtorch" : "own";
  if (used === "libtorch") {
    const operators = wrongOf(config, shape, true);
    if (operators.length > 0) throw kernelsWrong(config.device, wrong.map(inWords), operators.map(inWords));
    setDeviceSwitches({ cpuKernels: false, cardKernels: false });
  }
  return { used, wrong: wrong.map(inWords), distrusted: [...distrustedConvolutions()] };
}

/** What a run knows of its kernels: shapes are met as it goes. Adds what is new to `provenance.json`. */
export class KernelWatch {
  #record: KernelRecord;
  readonly #out: string;
  #isNews: boolean;

  constructor(out: string, record: KernelRecord) {
    this.#out = out;
    this.#record = record;
    this.#isNews = record.wrong.length > 0 || record.distrusted.length > 0;
  }

  get record(): KernelRecord {
    return this.#record;
  }

  /** The event of what was found wrong since the last call; none where all is well. */
  async *news(stamp: {
    readonly time: string;
    readonly kimg: number;
    readonly step: number;
  }): AsyncGenerator<TrainEvent> {
    const distrusted = [...distrustedConvolutions()];
    this.#isNews ||= distrusted.length > this.#record.distrusted.length;
    if (!this.#isNews) return;
    this.#isNews = false;
    this.#record = { ...this.#record, distrusted };
    const path = join(this.#out, "provenance.json");
    const stored = jsonOrNull(await readFile(path, "utf8").catch(() => "null"));
    if (stored !== null) await writeWhole(path, JSON.stringify({ ...stored, kernels: this.#record }, null, 2));
    yield { kind: "kernels", ...stamp, ...this.#record };
  }
}

type WrongKernel = KernelError & { readonly dtype: Dtype };

/** The worst entry of each step that is off by more than rounding. */
function wrongOf({ device, precision, cuda }: Measured, shape: StyleGan2Shape, libtorch: boolean): WrongKernel[] {
  const dtypes: readonly Dtype[] = precision.kind === "bfloat16" ? ["float32", "bfloat16"] : ["float32"];
  return dtypes.flatMap((dtype) => {
    const limit = KERNEL_ERROR_LIMITS[dtype === "float32" && device !== "cpu" && cuda.tf32 ? "tf32" : dtype];
    const errors = kernelErrors(device, dtype, { channels: channelsOf(shape), libtorch });
    const steps = new Set(errors.map(({ kernel }) => kernel));
    return [...steps].flatMap((step) => {
      const worst = worstKernel(errors.filter(({ kernel }) => kernel === step));
      return worst === null || worst.error <= limit ? [] : [{ ...worst, dtype }];
    });
  });
}

const inWords = ({ kernel, channels: [into, out], dtype, error }: WrongKernel): string =>
  `${kernel}, ${into} to ${out} channels in ${dtype}: off by ${error.toPrecision(2)} of its size`;
