// A small builder for ONNX graphs (field numbers of onnx.proto3). Weights go in as constants: ONNX Runtime then folds and
// packs them once, which was measured to be 18 % faster than feeding them.
import { type Field, fieldsOf, MessageWriter, readBytesField } from "./protobuf.ts";

const IR_VERSION = 8;
const OPSET_VERSION = 17;
const FLOAT = 1; // TensorProto.DataType and AttributeProto.AttributeType
const INT = 2;
const INTS = 7;
const GRAPH_FIELD = 7; // of ModelProto
const METADATA_FIELD = 14;
const NODE_FIELD = 1; // of GraphProto
const CONSTANT_FIELD = 5;
const OUTPUT_FIELD = 12;

/** An attribute: a whole number, a list of them, or (wrapped) a float. */
export type OnnxAttribute = number | readonly number[] | { readonly float: number };

/** The size of an axis: fixed, or a name where it may vary. */
export type OnnxAxis = number | string;

/**
 * Collects nodes and constants, and writes the model. Names are given by the caller and must be unique.
 * A constant's array is borrowed until `finish`.
 */
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
    this.#graph.message(CONSTANT_FIELD, tensor);
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
    this.#graph.message(NODE_FIELD, node);
    return output;
  }
  /** The model's bytes; call it once. */
  finish(name: string): Uint8Array {
    this.#graph.string(2, name);
    for (const input of this.#inputs) this.#graph.message(11, input);
    for (const output of this.#outputs) this.#graph.message(OUTPUT_FIELD, output);
    const opset = new MessageWriter().string(1, "").varint(2, OPSET_VERSION);
    const model = new MessageWriter().varint(1, IR_VERSION).string(2, "gan-dl");
    return model.message(GRAPH_FIELD, this.#graph).message(8, opset).finish();
  }
}

/** Properties as bytes that become part of a model when they follow it: the fields of a message may come in any order. */
export function encodeProperties(properties: Readonly<Record<string, string>>): Uint8Array {
  const fields = new MessageWriter();
  for (const [key, value] of Object.entries(properties))
    fields.message(METADATA_FIELD, new MessageWriter().string(1, key).string(2, value));
  return fields.finish();
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

/** A model's graph, weights included, as bytes (a view), and its properties. @throws RangeError when the bytes are cut short. */
export function readModel(model: Uint8Array): { graph: Uint8Array; properties: Map<string, string> } {
  const properties = readBytesField(model, METADATA_FIELD).map(
    (entry) => [text(readBytesField(entry, 1)[0]), text(readBytesField(entry, 2)[0])] as const,
  );
  return { graph: readBytesField(model, GRAPH_FIELD)[0] ?? new Uint8Array(), properties: new Map(properties) };
}

/**
 * A model that computes some outputs of another and nothing else: ONNX Runtime would run every node, asked for or not.
 * @param model borrowed. @returns new memory. @throws RangeError when the bytes are cut short.
 */
export function withOutputs(model: Uint8Array, outputs: readonly string[]): Uint8Array {
  const pruned = new MessageWriter();
  for (const { field, whole, value } of fieldsOf(model)) {
    if (field === GRAPH_FIELD && value) pruned.message(GRAPH_FIELD, prunedGraph(value, outputs));
    else pruned.raw(whole);
  }
  return pruned.finish();
}

function prunedGraph(graph: Uint8Array, outputs: readonly string[]): MessageWriter {
  const needed = new Set(outputs);
  const isNeeded = ({ field, value }: Field): boolean => {
    if (!value) return true;
    if (field === CONSTANT_FIELD) return needed.has(text(readBytesField(value, 8)[0]));
    if (field === OUTPUT_FIELD) return outputs.includes(text(readBytesField(value, 1)[0]));
    if (field !== NODE_FIELD) return true;
    if (!readBytesField(value, 2).some((name) => needed.has(text(name)))) return false;
    for (const name of readBytesField(value, 1)) needed.add(text(name));
    return true;
  };
  const fields = fieldsOf(graph);
  // From the end, so that a node is met after all that read it; constants last, when every reader is known.
  const nodes = fields.filter(({ field }) => field === NODE_FIELD);
  const kept = new Set(nodes.reverse().filter(isNeeded));
  const pruned = new MessageWriter();
  for (const field of fields) {
    if (field.field === NODE_FIELD ? kept.has(field) : isNeeded(field)) pruned.raw(field.whole);
  }
  return pruned;
}

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes ?? new Uint8Array());
