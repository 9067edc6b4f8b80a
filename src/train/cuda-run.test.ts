// A run on a device: its random state, a resume, pictures from its checkpoint. On a CUDA device where there is one; the same on the CPU.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { Rng, randn, readSafetensors, systemInfo, TensorScope } from "../tensor/index.ts";
import { listCheckpoints } from "./checkpoint.ts";
import { generateGrey, loadGenerator } from "./samples.ts";
import { temporaryFolder, tinyConfig, trained, writeTinyDataset } from "./train.fixture.ts";

const root = temporaryFolder();
let dataset: string;
beforeAll(async () => {
  mkdirSync(join(root, "source"));
  dataset = await writeTinyDataset(join(root, "source"));
});

for (const device of ["cpu", "cuda:0"])
  describe.skipIf(device !== "cpu" && systemInfo().cudaDevices === 0)(
    device === "cpu" ? "on the CPU:" : "on a CUDA device:",
    () => {
      const out = (name: string) => join(root, `${device.replace(":", "-")}-${name}`);
      const config = (steps: number) =>
        tinyConfig(dataset, steps, {
          ...{ device, cuda: { deterministic: true }, pathLength: { weight: 2 } },
          schedule: { checkpointEveryKimg: 0.004 },
        });
      const newest = async (run: string) => (await listCheckpoints(run)).checkpoints.at(-1)!;

      it("a generator goes on where its state was taken", () => {
        using _scope = new TensorScope();
        const rng = new Rng(3, device);
        randn([5], { rng });
        const again = Rng.fromState(rng.state(), device);
        const [a, b] = [rng, again].map((generator) => randn([100], { rng: generator }));
        expect(a!.device).toBe(device);
        expect([...a!.toFloat32Array()]).toEqual([...b!.toFloat32Array()]);
      });

      it("a resumed run equals an unbroken one, bit for bit where only repeatable operators are used", async () => {
        await trained({ config: config(4), out: out("unbroken") });
        await trained({ config: config(2), out: out("broken") });
        await trained({ config: config(4), out: out("broken"), resume: true });
        const [broken, unbroken] = [await newest(out("broken")), await newest(out("unbroken"))];
        expect((await readSafetensors(broken.weights)).tensors).toEqual(
          (await readSafetensors(unbroken.weights)).tensors,
        );
      });

      it("a checkpoint's generator makes the CPU's images", async () => {
        const { stem, header } = await newest(out("unbroken"));
        const [there, here] = await Promise.all([loadGenerator(stem, header, device), loadGenerator(stem, header)]);
        const [got, want] = [there, here].map((generator) => {
          const images = generateGrey(generator, { n: 2, seed: 5, maxLevel: 255 });
          generator.dispose();
          return images.data;
        });
        for (const [i, level] of want!.entries()) expect(Math.abs(got![i]! - level)).toBeLessThan(0.05);
      });
    },
  );
