import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { OnnxGraph, readModel, withOutputs } from "./graph.ts";

/** Two ways from one input: `sum` = x + a, `scaled` = (x + a) · b, and `other` = x · c, which neither needs. */
function model(): Uint8Array {
  const graph = new OnnxGraph();
  const x = graph.input("x", ["n", 2]);
  const [a, b, c] = (["a", "b", "c"] as const).map((name, i) =>
    graph.constant(name, Float32Array.of(i + 1, i + 2), [2]),
  ) as [string, string, string];
  const sum = graph.node("Add", [x, a], {}, "sum");
  graph.node("Mul", [sum, b], {}, "scaled");
  graph.node("Mul", [x, c], {}, "other");
  for (const name of ["sum", "scaled", "other"]) graph.output(name, ["n", 2]);
  return graph.finish("test");
}

const contains = (bytes: Uint8Array, text: string) => Buffer.from(bytes).includes(text);

describe("withOutputs", () => {
  it("keeps what the outputs need and nothing else", async () => {
    const pruned = withOutputs(model(), ["scaled"]);
    const session = await InferenceSession.create(pruned, { intraOpNumThreads: 1 });
    expect(session.outputNames).toEqual(["scaled"]);
    const { scaled } = await session.run({ x: new Tensor("float32", [10, 20], [1, 2]) });
    expect(scaled?.data).toEqual(Float32Array.of(22, 66));
    await session.release();
    expect(contains(readModel(pruned).graph, "other")).toBe(false);
    expect(pruned.length).toBeLessThan(model().length);
  });

  it("is the same model when every output is wanted", () => {
    expect(withOutputs(model(), ["sum", "scaled", "other"])).toEqual(model());
  });

  it("says when the bytes are cut short", () => {
    expect(() => withOutputs(model().subarray(0, 40), ["sum"])).toThrow(RangeError);
  });
});
