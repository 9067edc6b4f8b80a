import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { arange, ones, Rng, ScriptModule, TensorScope, tensorStats } from "./index.ts";
import { native } from "./native.ts";
import { writeTorchScript } from "./script.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "gandl-script-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const written = (body: readonly string[], parameters?: string) =>
  writeTorchScript(join(folder, `${count++}.pt`), body, parameters);

describe("ScriptModule", () => {
  it("runs forward on a tensor, without gradients, and leaks nothing", async () => {
    const file = await written(["return torch.mean(torch.mul(x, 3), [1])"]);
    const { live } = tensorStats();
    {
      using _scope = new TensorScope();
      using network = new ScriptModule(file);
      expect(network.argumentNames).toEqual(["x"]);
      const y = network.forward(arange(4).reshape([2, 2]).setRequiresGrad(true));
      expect([...y.toArray()]).toEqual([1.5, 7.5]);
      expect(y.requiresGrad).toBe(false);
    }
    expect(tensorStats().live).toBe(live);
  });
  it("sets named flags", async () => {
    const body = ["if return_features:", "  y = torch.add(x, 1)", "else:", "  y = torch.add(x, 5)", "return y"];
    using _scope = new TensorScope();
    using network = new ScriptModule(await written(body, "x: Tensor, return_features: bool=False"));
    expect(network.argumentNames).toEqual(["x", "return_features"]);
    expect(network.forward(ones([1])).item()).toBe(6);
    expect(network.forward(ones([1]), ["return_features"]).item()).toBe(2);
    expect(() => network.forward(ones([1]), ["nonsense"])).toThrow(/a tensor operation failed: .*nonsense/);
  });
  it("is in evaluation mode, though it was saved in training mode", async () => {
    const body = ["if self.training:", "  y = torch.add(x, 1)", "else:", "  y = torch.add(x, 5)", "return y"];
    using _scope = new TensorScope();
    using network = new ScriptModule(await written(body));
    expect(network.forward(ones([1])).item()).toBe(6);
  });
  it("turns what goes wrong in it into one error, and goes on", async () => {
    using _scope = new TensorScope();
    using network = new ScriptModule(await written(["return torch.matmul(x, torch.transpose(x, 0, 1))"]));
    expect(() => network.forward(ones([2]))).toThrow(/a tensor operation failed/);
    expect(
      network
        .forward(ones([2, 3]))
        .amax()
        .item(),
    ).toBe(3);
  });
  it("says so when the file is missing or is something else", () => {
    expect(() => new ScriptModule(join(folder, "none.pt"))).toThrow(
      /none\.pt cannot be loaded as TorchScript\.\n {2}why: .+\n {2}fix: save the network with torch\.jit\.save/,
    );
    const other = join(folder, "other.pt");
    writeFileSync(other, "not a zip");
    expect(() => new ScriptModule(other)).toThrow(/other\.pt cannot be loaded as TorchScript/);
  });
  it("refuses use after disposal, and other handles", async () => {
    const network = new ScriptModule(await written(["return x"]));
    network.dispose();
    network.dispose();
    using _scope = new TensorScope();
    expect(() => network.forward(ones([1]))).toThrow(/was disposed of before this use/);
    expect(() => native().runScript(new Rng(1).handle, ones([1]).handle, [])).toThrow(/not a TorchScript module/);
  });
});
