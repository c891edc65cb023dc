import { fromBinary } from '@bufbuild/protobuf';
import {
  type GraphProto,
  ModelProtoSchema,
  TensorProto_DataType as DataType,
} from '../../gpu-worker/inference/onnx/onnx_pb.ts';
import { elements, operations, outputShapes, type ValueShape } from './graph-shapes.ts';

const BYTES: Record<number, number> = {
  [DataType.FLOAT]: 4,
  [DataType.INT64]: 8,
  [DataType.FLOAT16]: 2,
  [DataType.BFLOAT16]: 2,
};

/** Operators whose output is their input's own memory. */
const VIEWS = new Set(['Identity', 'Reshape', 'Squeeze', 'Unsqueeze']);

/** A graph input: its size, and for int64 vectors of sizes their values. */
export interface GraphInput {
  dims: readonly number[];
  values?: readonly number[];
}

export interface GraphCost {
  nodes: number;
  /** Largest sum of values that are needed at one moment, inputs and outputs included, weights not. */
  peakBytes: number;
  /** The operator at that moment. */
  peakAt: string;
  /** Of matrix products, convolutions and attention; a multiplication and an addition are two. */
  operations: number;
  outputs: Record<string, readonly number[]>;
}

/**
 * What one run of a graph takes, found without running it, by following shapes through its nodes in their order.
 * Nothing is taken to be computed in place, and kernels' own workspaces are not known, so the peak is an estimate.
 *
 * @param foldsConstants whether what depends on weights alone is made once, at load, and so belongs to the weights
 * @throws Error for operators that the project's graphs do not have, and missing inputs
 */
export function graphCost(graph: Uint8Array, inputs: Record<string, GraphInput>, foldsConstants = true): GraphCost {
  const { graph: proto } = fromBinary(ModelProtoSchema, graph);
  const { values, constants } = known(proto!, inputs);
  const memory = new Memory(proto!);
  for (const { name } of proto!.input) memory.hold(name, values.get(name)!);

  const cost = { peakBytes: memory.bytes, peakAt: 'inputs', operations: 0 };
  for (const [index, node] of proto!.node.entries()) {
    const given = node.input.map((name) => values.get(name)!);
    const made = outputShapes(node, given);
    for (const [i, name] of node.output.entries()) values.set(name, made[i]!);
    if (foldsConstants && node.input.every((name) => constants.has(name))) {
      for (const name of node.output) constants.add(name);
      continue;
    }
    cost.operations += operations(node, given, made);
    if (VIEWS.has(node.opType)) memory.view(node.input[0]!, node.output[0]!);
    else for (const [i, name] of node.output.entries()) memory.hold(name, made[i]!);
    if (memory.bytes > cost.peakBytes) Object.assign(cost, { peakBytes: memory.bytes, peakAt: node.opType });
    memory.release(index);
  }
  const outputs = proto!.output.map(({ name }) => [name, values.get(name)!.dims] as const);
  return { nodes: proto!.node.length, ...cost, outputs: Object.fromEntries(outputs) };
}

function known(proto: GraphProto, inputs: Record<string, GraphInput>) {
  const values = new Map<string, ValueShape>();
  for (const { name, dims, dataType, int64Data } of proto.initializer) {
    values.set(name, { dims: dims.map(Number), type: dataType, values: int64Data.map(Number) });
  }
  const constants = new Set(values.keys());
  for (const { name, type } of proto.input) {
    if (inputs[name] === undefined) throw new Error(`the graph's input ${name} is not given`);
    const tensor = type!.value.value as { elemType: number };
    values.set(name, { type: tensor.elemType, ...inputs[name] });
  }
  return { values, constants };
}

/** Which values are held at a moment of the run. */
class Memory {
  bytes = 0;
  private readonly buffers = new Map<string, { names: Set<string>; bytes: number }>();
  private readonly lastUse = new Map<string, number>();
  private readonly endingAt = new Map<number, string[]>();

  constructor(proto: GraphProto) {
    for (const [index, { input, output }] of proto.node.entries()) {
      for (const name of [...output, ...input]) this.lastUse.set(name, index);
    }
    // The caller keeps inputs, and gets outputs when all is done.
    for (const { name } of [...proto.output, ...proto.input]) this.lastUse.delete(name);
    for (const [name, index] of this.lastUse) this.endingAt.set(index, [...(this.endingAt.get(index) ?? []), name]);
  }

  hold(name: string, { dims, type }: ValueShape): void {
    const buffer = { names: new Set([name]), bytes: elements(dims) * BYTES[type]! };
    this.buffers.set(name, buffer);
    this.bytes += buffer.bytes;
  }

  view(of: string, name: string): void {
    const buffer = this.buffers.get(of);
    if (buffer === undefined) return; // of a weight
    buffer.names.add(name);
    this.buffers.set(name, buffer);
  }

  /** Frees what is not needed after the node of that index. */
  release(index: number): void {
    for (const name of this.endingAt.get(index) ?? []) {
      const buffer = this.buffers.get(name);
      if (buffer?.names.delete(name) && buffer.names.size === 0) this.bytes -= buffer.bytes;
    }
  }
}
