import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setThreads } from "gan-dl/tensor";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { benchCommand } from "./command.ts";
import { checkout, folder, hasPython, interpreter, refusal, removeStandIns, STUB } from "./peer.fixture.ts";
import { type PeerTask, startPeerSource } from "./peer-variants.ts";
import { iterationRow } from "./rows/training.ts";
import type { BenchReport } from "./run.ts";
import { TRAINING_SIZES, type TrainingSize } from "./training-sizes.ts";

beforeAll(() => setThreads(1));
afterAll(removeStandIns);

const small = TRAINING_SIZES[0] as TrainingSize;
const period: PeerTask = { size: small, work: "period", unit: "img/s", amount: 40 };

/** Variants with seconds of their own, or an error at the start, or no answer ever; what each does is written down. */
const standIn = (name: string, takes: Record<string, number | string>) =>
  interpreter(
    name,
    `
const variant = process.argv[7];
const takes = ${JSON.stringify(takes)}[variant];
const say = (object) => console.log(JSON.stringify(object));
const note = (text) => require("node:fs").appendFileSync(process.argv[3] + "/seen", variant + " " + text + "\\n");
process.on("SIGTERM", () => { note("closed"); process.exit(); });
if (typeof takes === "string") { say({ error: takes }); process.exit(1); }
say({ ready: "stand-in" });
require("node:readline").createInterface(process.stdin).on("line", (line) => {
  note(JSON.parse(line).work);
  if (takes > 0) say({ seconds: takes });
}).on("close", () => { note("closed"); process.exit(); });`,
  );

const on = (python: string, more = {}) => ({
  ...({ python, threads: 1, device: "cpu", precision: "float32", peerVariant: "fastest" } as const),
  ...more,
});
const seenIn = (directory: string) => readFileSync(join(directory, "seen"), "utf8").trim().split("\n");

describe("the peer's variants", () => {
  it("are each warmed up and measured once; the fastest is the peer, the others are closed and told", async () => {
    const directory = checkout("three");
    const told: string[] = [];
    const python = standIn("three", { plain: 4, "channels-last": 5, compile: 3.2 });
    const source = await startPeerSource(directory, on(python, { onProgress: (text: string) => told.push(text) }));
    expect(source.description).toBe("stand-in, in each row the fastest of its variants");
    const peer = await source.forRow(period);
    expect(peer.variant).toBe("compile");
    expect(peer.note).toBe("peer variants: plain 10.0, channels-last 8.00, compile 12.5 img/s");
    expect(told.slice(-2)).toEqual(["peer, compile: warming up, which may take minutes", "peer, compile: one round"]);
    expect(await peer.run()).toBe(3.2);
    await peer.warmUp?.();
    await vi.waitFor(() => expect(seenIn(directory).filter((line) => line.endsWith("closed"))).toHaveLength(2));
    source.close();
    const started = seenIn(directory).filter((line) => !line.endsWith("closed"));
    expect(started.slice(0, 6)).toEqual(
      ["plain", "channels-last", "compile"].flatMap((variant) => [`${variant} step`, `${variant} period`]),
    );
    expect(started.slice(6)).toEqual(["compile period", "compile step"]);
  });

  it("are chosen for each row anew; where a phase differentiates twice, compile is plain and not tried", async () => {
    const directory = checkout("rows");
    const python = standIn("rows", { plain: 0.02, "channels-last": 0.01, compile: 0.005 });
    const source = await startPeerSource(directory, on(python));
    expect((await source.forRow({ ...period, work: "generator", unit: "ms", amount: 1 })).note).toBe(
      "peer variants: plain 20.0, channels-last 10.0, compile 5.00 ms",
    );
    for (const work of ["r1", "path-length"] as const) {
      const peer = await source.forRow({ ...period, work, unit: "ms", amount: 1 });
      expect(peer.variant).toBe("channels-last");
      expect(peer.note).toBe("peer variants: plain 20.0, channels-last 10.0 ms");
      expect(peer.warmUp).toBeUndefined();
    }
    source.close();
    expect(seenIn(directory)).not.toContain("compile r1");
  });

  it("that fail or take too long are left out, with the reason, and not tried again", async () => {
    const directory = checkout("left-out");
    const python = standIn("left-out", {
      plain: 4,
      "channels-last": 0,
      compile: "torch 1.13 has no torch.compile\nat",
    });
    const source = await startPeerSource(directory, on(python, { longestWarmUp: 1 }));
    const expected =
      "peer variants: plain 10.0 img/s; channels-last left out: its warm-up took more than 1 s; " +
      "compile left out: torch 1.13 has no torch.compile";
    for (const _ of [1, 2]) expect(await source.forRow(period)).toMatchObject({ variant: "plain", note: expected });
    source.close();
    expect(seenIn(directory).filter((line) => line === "channels-last step")).toHaveLength(1);
  });

  it("fail the run where plain does", async () => {
    const python = standIn("no-plain", { plain: "out of memory", "channels-last": 1, compile: 1 });
    expect(await refusal("peer-failed", () => startPeerSource(checkout("no-plain"), on(python)))).toContain(
      "why: out of memory",
    );
  });

  it("can be chosen: that one alone is warmed up, without a limit, and fails the run where it fails", async () => {
    const directory = checkout("one");
    const python = standIn("one", { plain: 1, "channels-last": 2, compile: "no compiler" });
    const source = await startPeerSource(directory, on(python, { peerVariant: "channels-last", longestWarmUp: 0 }));
    expect(source.description).toBe("stand-in, channels-last");
    expect(await source.forRow(period)).toMatchObject({ variant: "channels-last", note: null });
    expect(seenIn(directory)).toEqual(["channels-last step"]);
    source.close();
    const compiled = () => startPeerSource(directory, on(python, { peerVariant: "compile" }));
    expect(await refusal("peer-failed", compiled)).toContain("why: no compiler");
  });
});

it("a row names its peer's variant, and the run what it waits for and the others' rates", async () => {
  const tiny: TrainingSize = {
    ...{ name: "tiny", resolutionPx: 16, imageChannels: 2, styleDim: 8, mappingLayers: 2 },
    ...{ channelBase: 64, channelMax: 8, batchSize: 4 },
  };
  const [out, error]: [string[], string[]] = [[], []];
  const into = (lines: string[]) => ({ write: (text: string) => lines.push(text) > 0 });
  const python = standIn("run", { plain: 6.4, "channels-last": 8, compile: "too old" });
  const json = join(folder, "run.json");
  const args = ["--peer", checkout("run"), "--python", python, "--rounds", "1", "--threads", "1", "--json", json];
  expect(await benchCommand([iterationRow(tiny)], args, { out: into(out), error: into(error) })).toBe(0);
  expect(out.join("")).toContain("peer: stand-in, in each row the fastest of its variants\n");
  const note = "peer variants: plain 10.0, channels-last 8.00 img/s; compile left out: too old";
  expect(out.join("")).toContain(`train/tiny/iteration: ${note}`);
  expect(error.join("")).toContain("  peer, compile: warming up, which may take minutes\n");
  const [row] = (JSON.parse(readFileSync(json, "utf8")) as BenchReport).rows;
  expect(row).toMatchObject({ peerVariant: "plain", note });
  expect(row?.peerRatio).toBeGreaterThan(0);
});

/** What the variants change in torch and in the checkout, and a loss that writes down what it finds. */
const VARIANT_STUB: Record<string, string> = {
  ...STUB,
  "torch.py": `${STUB["torch.py"]}
channels_last = "channels-last"
Tensor.contiguous = lambda self, memory_format: memory_format
class compile:
    def __init__(self, module):
        self.module = module
    def __str__(self):
        return f"compiled {self.module}"
`,
  "numpy.py": "sqrt = lambda x: [x]\nlog2 = 2\n",
  "training/networks.py": `
import numpy as np
class Block:
    channels_last = False
class First(Block):
    const = 0
class Network:
    mapping, synthesis = "mapping", "synthesis"
    def __init__(self, **_):
        self.blocks, self.order = [Block(), First()], None
    def train(self): return self
    def eval(self): return self
    def requires_grad_(self, _): return self
    def to(self, device=None, memory_format=None):
        self.order = memory_format or self.order
        return self
    def modules(self): return self.blocks
    def parameters(self): return []
    def buffers(self): return []
    def __str__(self): return f"D {self.order} {[block.channels_last for block in self.blocks]}"
Generator = Discriminator = Network
`,
  "training/loss.py": `
import os
from torch_utils import misc
from torch_utils.ops import bias_act, conv2d_resample
from training import networks
seen = os.path.join(os.path.dirname(__file__), "..", "seen")
class StyleGAN2Loss:
    def __init__(self, G_mapping, G_synthesis, D, **_): pass
    def accumulate_gradients(self, phase, real_img, **_):
        image = real_img if isinstance(real_img, str) else "as drawn"
        convolve = getattr(conv2d_resample, "_conv2d_wrapper", None)
        made = convolve and convolve("x", "w", stride=2, transpose=phase[0] == "G")
        gains = [networks.np.sqrt(4), networks.np.log2, bias_act.activation_funcs["lrelu"].def_gain]
        with open(seen, "a") as file:
            print(phase, self.G_mapping, self.G_synthesis, self.D, image, made, gains, misc.suppress_tracer_warnings, sep="; ", file=file)
`,
  "torch_utils/misc.py": 'suppress_tracer_warnings = "filter"\n',
  "torch_utils/ops/bias_act.py": "import types\nactivation_funcs = dict(lrelu=types.SimpleNamespace(def_gain=2))\n",
  "torch_utils/ops/conv2d_resample.py": "",
  "torch_utils/ops/conv2d_gradfix.py":
    'conv2d = lambda x, w, **how: f"convolution {x} {w} {how}"\nconv_transpose2d = lambda x, w, **how: f"transposed {x} {w} {how}"\n',
};

describe.skipIf(!hasPython)("bench/peer.py (needs python3)", () => {
  async function linesOf(variant: "plain" | "channels-last" | "compile"): Promise<string[]> {
    const directory = join(folder, `variant-${variant}`);
    mkdirSync(join(directory, "torch_utils/ops"), { recursive: true });
    checkout(`variant-${variant}`, VARIANT_STUB);
    const source = await startPeerSource(directory, on("python3", { peerVariant: variant }));
    await source.forRow({ ...period, work: "step" });
    source.close();
    return seenIn(directory);
  }

  it("runs plain networks as they are", async () => {
    const lines = await linesOf("plain");
    expect(lines).toHaveLength(4);
    for (const line of lines)
      expect(line).toContain("; mapping; synthesis; D None [False, False]; as drawn; None; [[4], 2, 2]; filter");
  });

  it("orders weights, blocks and images channels-last, all but the constant, and keeps 1x1 convolutions in order", async () => {
    const lines = await linesOf("channels-last");
    for (const line of lines) expect(line).toContain("D channels-last [True, False]; channels-last; ");
    expect(lines[0]).toContain("transposed x w {'stride': 2, 'padding': 0, 'groups': 1}");
    expect(lines[2]).toContain("convolution x w {'stride': 2, 'padding': 0, 'groups': 1}");
  });

  it("compiles the networks of main phases alone, with Python's numbers and without filters of warnings", async () => {
    const lines = await linesOf("compile");
    const compiled = "compiled mapping; compiled synthesis; compiled D None [False, False]";
    const plain = "mapping; synthesis; D None [False, False]";
    expect(lines.map((line) => line.split("; as drawn")[0])).toEqual([
      `Gmain; ${compiled}`,
      `Greg; ${plain}`,
      `Dmain; ${compiled}`,
      `Dreg; ${plain}`,
    ]);
    for (const line of lines) expect(line).toContain("[2.0, 2, 2.0]; <class 'contextlib.nullcontext'>");
  });

  it("says that torch cannot compile, and what is no variant", async () => {
    const directory = checkout("old-torch", STUB);
    const asked = (peerVariant: string) => () => startPeerSource(directory, on("python3", { peerVariant }));
    expect(await refusal("peer-failed", asked("compile"))).toContain("torch stub has no torch.compile");
    expect(await refusal("peer-failed", asked("fast"))).toContain("unknown variant 'fast'");
  });
});
