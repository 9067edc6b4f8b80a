import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkout, folder, hasPython, interpreter, refusal, removeStandIns, STUB } from "./peer.fixture.ts";
import { startPeer } from "./peer.ts";
import { TRAINING_SIZES, type TrainingSize } from "./training-sizes.ts";

afterAll(removeStandIns);
const small = TRAINING_SIZES[0] as TrainingSize;

/** Answers each question with its own content as the seconds asked for. */
const ECHO = `
const say = (object) => console.log(JSON.stringify(object));
say({ ready: "stand-in, " + process.argv[4] + " threads" });
require("node:readline").createInterface(process.stdin).on("line", (line) => {
  const { size, work } = JSON.parse(line);
  if (work === "r1") say({ error: "no R1 here" });
  else say({ seconds: size.batchSize + size.r1Every + size.styleMixing });
});`;

const onCpu = (python: string, threads: number) =>
  ({ python, threads, device: "cpu", precision: "float32", variant: "plain" }) as const;

describe("the peer", () => {
  it("is asked for work at our sizes and settings, and answers with its seconds", async () => {
    const peer = await startPeer(checkout("echo"), onCpu(interpreter("echo", ECHO), 3));
    expect(peer.description).toBe("stand-in, 3 threads");
    expect(await peer.run(small, "period")).toBeCloseTo(16 + 16 + 0.9, 9);
    peer.close();
  });

  it("passes its error on, and stays failed", async () => {
    const peer = await startPeer(checkout("r1"), onCpu(interpreter("echo", ECHO), 1));
    expect(await refusal("peer-failed", () => peer.run(small, "r1"))).toContain("why: no R1 here");
    expect(await refusal("peer-failed", () => peer.run(small, "step"))).toContain("no R1 here");
    peer.close();
  });

  it("must be a checkout", async () => {
    const text = await refusal("peer-not-found", () => startPeer(join(folder, "nowhere"), onCpu("python3", 1)));
    expect(text).toContain("nowhere is no checkout of NVlabs/stylegan2-ada-pytorch.");
    expect(text).toContain("training/networks.py is not in it.");
    expect(text).toContain("fix: git clone https://github.com/NVlabs/stylegan2-ada-pytorch");
  });

  it("says what kept it from starting", async () => {
    const missing = await refusal("peer-failed", () => startPeer(checkout("a"), onCpu(join(folder, "no-python"), 1)));
    expect(missing).toContain("The peer does not run with");
    expect(missing).toMatch(/no-python cannot be started: .*ENOENT/);
    const dying = interpreter("dying", 'console.error("Segmentation fault"); process.exit(3);');
    expect(await refusal("peer-failed", () => startPeer(checkout("b"), onCpu(dying, 1)))).toContain(
      "it ended with 3: Segmentation fault.",
    );
    const silent = interpreter("silent", "process.exit(1);");
    expect(await refusal("peer-failed", () => startPeer(checkout("c"), onCpu(silent, 1)))).toContain("without a word");
    const timeless = interpreter(
      "timeless",
      'console.log(\'{"ready":"x"}\\n{"other":1}\'); setTimeout(() => {}, 1e5);',
    );
    const peer = await startPeer(checkout("d"), onCpu(timeless, 1));
    expect(await refusal("peer-failed", () => peer.run(small, "step"))).toContain("it answered without a time.");
    peer.close();
  });

  it("must keep to its answers", async () => {
    const chatty = interpreter("chatty", `console.log("loading plugin");${ECHO}`);
    expect(await refusal("peer-failed", () => startPeer(checkout("e"), onCpu(chatty, 1)))).toContain(
      "it said what is no answer: loading plugin",
    );
  });
});

describe.skipIf(!hasPython)("bench/peer.py (needs python3)", () => {
  it("says that torch is missing", async () => {
    const directory = checkout("without-torch", { "torch.py": 'raise ImportError("no torch on this machine")\n' });
    expect(await refusal("peer-failed", () => startPeer(directory, onCpu("python3", 1)))).toContain(
      "torch cannot be imported: no torch on this machine",
    );
  });

  it("says what of the checkout is missing", async () => {
    const directory = checkout("without-networks", { "torch.py": "" });
    expect(await refusal("peer-failed", () => startPeer(directory, onCpu("python3", 1)))).toMatch(
      /without-networks cannot be imported: cannot import name/,
    );
  });

  it("runs the phases of a period in our order, each with its weight", async () => {
    const peer = await startPeer(checkout("stub", STUB), onCpu("python3", 2));
    expect(peer.description).toContain("torch stub (oneDNN 3.1.4, AVX2), 2 threads, cpu, ");
    expect(await peer.run({ ...small, name: "a" }, "period")).toBeGreaterThanOrEqual(0);
    const [step, lazy] = ["Gmain 1, Dmain 1", "Gmain 1, Greg 4, Dmain 1"];
    const steps = [`${lazy}, Dreg 16`, step, step, step, ...[1, 2, 3].flatMap(() => [lazy, step, step, step])];
    expect(
      readFileSync(join(folder, "stub", "seen"), "utf8")
        .trim()
        .split("\n")
        .join(", "),
    ).toBe(steps.join(", "));
    expect(await refusal("peer-failed", () => peer.run(small, "dance" as "step"))).toContain(
      "ValueError: unknown work 'dance'",
    );
    peer.close();
  });

  it("on a card waits for it, and in mixed precision takes its own: float16 at four resolutions, clamped", async () => {
    const directory = checkout("card", {
      ...STUB,
      "torch.py": `${STUB["torch.py"]}
nothing = types.SimpleNamespace
backends = nothing(cudnn=nothing(), cuda=nothing(matmul=nothing()))
import os
def synchronize():
    with open(os.path.join(os.path.dirname(__file__), "seen"), "a") as file:
        print("waited", file=file)
cuda = nothing(synchronize=synchronize)
`,
      "training/networks.py": `${STUB["training/networks.py"]}
import os, torch
class Discriminator(Network):
    def __init__(self, num_fp16_res, conv_clamp, **_):
        self.about = (num_fp16_res, conv_clamp)
    def to(self, device):
        with open(os.path.join(os.path.dirname(__file__), "..", "seen"), "a") as file:
            print(device, *self.about, torch.backends.cudnn.benchmark, file=file)
        return self
`,
    });
    for (const precision of ["bfloat16", "float32"] as const) {
      const card = { python: "python3", threads: 1, device: "cuda:0", variant: "plain" } as const;
      const peer = await startPeer(directory, { ...card, precision });
      expect(peer.description).toContain("cuda:0");
      await peer.run(small, "discriminator");
      peer.close();
    }
    const seen = readFileSync(join(directory, "seen"), "utf8");
    expect(seen).toBe("cuda:0 4 256 True\nwaited\nDmain 1\nwaited\ncuda:0 0 None True\nwaited\nDmain 1\nwaited\n");
  });
});
