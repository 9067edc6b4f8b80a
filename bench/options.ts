// The bench's command line.
import { parseArgs } from "node:util";
import { badArgument } from "./errors.ts";

export const HELP = `Usage: npm run bench -- [--json FILE] [--only NAME] [--rounds N] [--threads N] [--peer DIR [--python CMD] [--peer-variant V]] [--list]

Measures the rates of this machine and how near training, loading, embedding and importing come to them; then every
task on a screen of 300,000 images. The variants of a row
are measured in turn; figures are medians with the inter-quartile range beside them, and ratios hold within one run.

  --json FILE   also write the figures, with machine and commit, to FILE
  --only NAME   one row, or all whose names begin with NAME/
  --rounds N    rounds of each row, instead of the row's own number
  --device D    cuda:0 and so on: whole training iterations there, the one thing that the bench measures on a card, the
                peer's on the same card, without shares of the CPU's rates (default cpu)
  --precision P bfloat16: whole training iterations with their maps in it, on any device; a peer on a card then has its
                own mixed precision, of float16 (default float32)
  --threads N   threads of one operation, the peer's too (default 2, what the bars are told for)
  --peer DIR    also run the same training in DIR, your checkout of NVlabs/stylegan2-ada-pytorch
  --python CMD  the Python that runs the peer (default python3)
  --peer-variant V
                how the peer's networks run: plain, channels-last, compile (torch.compile, but for the penalties), or
                fastest: before the rounds of a row each that this torch can run is measured once, and the fastest is
                the peer; the others' rates are told below the table (default fastest)
  --list        print the rows' names and stop

Example: npm run bench -- --only train/small/iteration --rounds 3 --json bench.json`;

/** How the peer's networks can run (bench/peer.py): as the checkout has them, in channels-last order, through `torch.compile`. */
export const PEER_VARIANTS = ["plain", "channels-last", "compile"] as const;
export type PeerVariant = (typeof PEER_VARIANTS)[number];

/** What a person asked for. */
export interface BenchOptions {
  readonly json: string | null;
  readonly only: string | null;
  readonly rounds: number | null;
  readonly device: string;
  readonly precision: "float32" | "bfloat16";
  readonly threads: number;
  readonly peer: string | null;
  readonly python: string;
  readonly peerVariant: PeerVariant | "fastest";
  readonly list: boolean;
  readonly help: boolean;
}

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;
const FORM = {
  json: text,
  only: text,
  rounds: text,
  device: text,
  precision: text,
  threads: text,
  peer: text,
  python: text,
  "peer-variant": text,
  list: flag,
  help: flag,
};

/** @throws GanDlError `bad-argument`. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const values = read(args);
  const { json, only, rounds, device = "cpu", precision = "float32", threads, peer, python, list, help } = values;
  if (python !== undefined && peer === undefined) throw badArgument("--python is of use with --peer alone.");
  if (!/^(cpu|cuda:\d+)$/.test(device)) throw badArgument(`--device ${device} is neither cpu nor cuda:0, cuda:1, ….`);
  if (precision !== "float32" && precision !== "bfloat16")
    throw badArgument(`--precision ${precision} is neither float32 nor bfloat16.`);
  if (device === "cpu" && precision !== "float32" && peer !== undefined)
    throw badArgument("--peer runs in float32 on the CPU; in mixed precision on a card, with --device cuda:0.");
  return {
    ...{ device, precision, peerVariant: peerVariantOf(values["peer-variant"], peer) },
    ...{ json: json ?? null, only: only ?? null, peer: peer ?? null, python: python ?? "python3", list, help },
    rounds: rounds === undefined ? null : wholeNumber("--rounds", rounds),
    threads: threads === undefined ? 2 : wholeNumber("--threads", threads),
  };
}

function peerVariantOf(name: string | undefined, peer: string | undefined): BenchOptions["peerVariant"] {
  if (name === undefined) return "fastest";
  if (peer === undefined) throw badArgument("--peer-variant is of use with --peer alone.");
  const variant = (["fastest", ...PEER_VARIANTS] as const).find((known) => known === name);
  if (variant) return variant;
  throw badArgument(`--peer-variant ${name} is none of fastest, ${PEER_VARIANTS.join(", ")}.`);
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FORM, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw badArgument(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw badArgument(`${name} ${value} is not a whole number from 1 on.`);
  return number;
}
