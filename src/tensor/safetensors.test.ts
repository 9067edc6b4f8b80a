import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  decodeSafetensors,
  encodeSafetensors,
  fromArray,
  readSafetensors,
  type StoredTensor,
  TensorScope,
  tensorFromStored,
  writeSafetensors,
} from "./index.ts";

const f32 = (...values: number[]): StoredTensor => ({
  dtype: "float32",
  shape: [values.length],
  data: new Float32Array(values),
});
const one = new Map([["w", f32(1, 2, 3)]]);

it("every tensor and note comes back as it was", () => {
  const stored = fc
    .tuple(
      fc.constantFrom("float32", "uint8", "int16"),
      fc.array(fc.nat(3), { maxLength: 3 }),
      fc.array(fc.nat(200), { minLength: 27, maxLength: 27 }),
    )
    .map(([dtype, shape, values]): StoredTensor => {
      const size = shape.reduce((a, b) => a * b, 1);
      const array = { float32: Float32Array, uint8: Uint8Array, int16: Int16Array }[dtype];
      return { dtype, shape, data: array.from(values.slice(0, size)) };
    });
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string().filter((s) => s !== "__metadata__"),
        stored,
      ),
      fc.dictionary(fc.constantFrom("a", "b"), fc.string()),
      (tensors, metadata) => {
        const back = decodeSafetensors(encodeSafetensors(new Map(Object.entries(tensors)), metadata), "x");
        expect(Object.fromEntries(back.tensors)).toEqual(tensors);
        expect(back.metadata).toEqual({ ...metadata });
      },
    ),
    { numRuns: 50 },
  );
});

it("has the layout of the format: length, JSON with offsets, aligned data", () => {
  const bytes = encodeSafetensors(one);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(length % 8).toBe(0);
  expect(JSON.parse(Buffer.from(bytes.buffer, 8, length).toString())).toEqual({
    w: { dtype: "F32", shape: [3], data_offsets: [0, 12] },
  });
  expect(new Float32Array(bytes.buffer, 8 + length)).toEqual(new Float32Array([1, 2, 3]));
});

it("any cut or flipped byte gives the same tensors or a clear error, never a crash", () => {
  const whole = encodeSafetensors(
    new Map([
      ["w", f32(1, 2, 3)],
      ["b", f32(4)],
    ]),
    { note: "x" },
  );
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), (at, value, cut) => {
      const bytes = cut ? whole.slice(0, at) : Uint8Array.from(whole, (b, i) => (i === at ? value : b));
      try {
        decodeSafetensors(bytes, "some.safetensors");
      } catch (error) {
        expect((error as Error).message).toMatch(/^some\.safetensors is not a whole safetensors file/);
      }
    }),
    { numRuns: 300 },
  );
});

const withHeader = (header: string, data = 0) => {
  const bytes = new Uint8Array(8 + header.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(Buffer.from(header), 8);
  return bytes;
};
for (const [name, bytes, message] of [
  ["too short for its length", new Uint8Array(3), /holds 3 bytes, fewer than the length field/],
  ["a header longer than the file", withHeader("{}").slice(0, 9), /header should take 2 bytes; the file holds 9/],
  ["a header that is not JSON", withHeader("{x"), /header is not JSON/],
  ["a header that is a list", withHeader("[]"), /header is not a JSON object/],
  [
    "an unknown dtype",
    withHeader('{"w":{"dtype":"F8","shape":[1],"data_offsets":[0,1]}}', 1),
    /tensor 'w' has the dtype F8/,
  ],
  ["no offsets", withHeader('{"w":{"dtype":"F32","shape":[1]}}'), /tensor 'w' has no proper shape and data_offsets/],
  [
    "a tensor cut short",
    withHeader('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 3),
    /tensor 'w' should end at byte 4 of the data, which has 3/,
  ],
  ["notes that are not text", withHeader('{"__metadata__":{"kimg":1}}'), /__metadata__ is not a record of strings/],
  [
    "a size that does not fit its shape",
    withHeader('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', 4),
    /tensor 'w' of shape \[2\] takes 4 bytes/,
  ],
] as const) {
  it(`is refused: ${name}`, () => expect(() => decodeSafetensors(bytes, "f")).toThrow(message));
}

it("elements that do not fit their shape are never written", () => {
  const wrong = { dtype: "float32", shape: [3], data: new Float32Array(2) } as const;
  expect(() => encodeSafetensors(new Map([["w", wrong]]))).toThrow(/internal: 'w' of shape \[3\] float32 has 8 bytes/);
});

it("any text may name a tensor", () => {
  const odd = new Map([
    ["__proto__", f32(1)],
    ["", f32(2)],
  ]);
  expect(decodeSafetensors(encodeSafetensors(odd), "x").tensors).toEqual(odd);
});

it("files are written in one step, with nothing left beside them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gandl-safe-"));
  const path = join(folder, "a.safetensors");
  using scope = new TensorScope();
  const live = scope.keep(fromArray(new Float32Array([5, 6]), [1, 2]));
  await writeSafetensors(path, new Map([["live", live]]), { kimg: "1" });
  expect(await readdir(folder)).toEqual(["a.safetensors"]);
  const { tensors, metadata } = await readSafetensors(path);
  expect(metadata).toEqual({ kimg: "1" });
  expect([...tensorFromStored(tensors.get("live")!).toFloat32Array()]).toEqual([5, 6]);
  await writeFile(join(folder, "taken"), "");
  await expect(writeSafetensors(join(folder, "taken", "x"), one)).rejects.toThrow();
  expect((await readdir(folder)).sort()).toEqual(["a.safetensors", "taken"]);
  await rm(folder, { recursive: true });
});
