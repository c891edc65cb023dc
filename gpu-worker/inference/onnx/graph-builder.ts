import { realpathSync } from 'node:fs';
import { create, toBinary } from '@bufbuild/protobuf';
import type { TensorInfo } from '../../weights/safetensors.ts';
import type { ComputeType, TensorSource } from '../../weights/weights.ts';
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx_pb.ts';

/** Element types of graph values. */
export const TYPES = {
  float32: DataType.FLOAT,
  bfloat16: DataType.BFLOAT16,
  float16: DataType.FLOAT16,
  int64: DataType.INT64,
} as const;
export type ElementType = keyof typeof TYPES;

const STORED = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;

/** A value of the graph: a name and a type. */
export interface Value {
  readonly name: string;
  readonly type: ElementType;
}

export type Attributes = Record<string, number | string | readonly number[] | { float: number }>;

/** Fixed size, or the name of one that is known when the graph runs. */
export type Dimension = number | string;

const OPSET = 23;
const IR_VERSION = 11n;

/**
 * Writes an ONNX graph. TensorSource become initialisers that point into their safetensors files (external data, mapped by
 * the runtime), so a graph of ten billion parameters is a few hundred kilobytes.
 *
 * Values have the compute type unless said otherwise; `cast` does nothing where the type is right already, so one
 * description serves float32 and bfloat16.
 */
export class GraphBuilder {
  readonly computeType: ComputeType;
  private readonly nodes: NodeProto[] = [];
  private readonly initializers = new Map<string, TensorProto>();
  private readonly inputs: ValueInfoProto[] = [];
  private readonly outputs: ValueInfoProto[] = [];
  private readonly casts = new Map<string, Value>();
  private readonly weights: TensorSource;
  private count = 0;

  constructor(weights: TensorSource, computeType: ComputeType) {
    this.weights = weights;
    this.computeType = computeType;
  }

  input(name: string, shape: readonly Dimension[], type: ElementType = 'float32'): Value {
    this.inputs.push(valueInfo(name, type, shape));
    return { name, type };
  }

  /** Graph outputs are float32 unless `type` says otherwise: bfloat16 cannot cross the runtime's border. */
  output(name: string, value: Value, shape: readonly Dimension[], type: ElementType = 'float32'): void {
    const source = this.cast(value, type);
    this.node('Identity', [source], [name]);
    this.outputs.push(valueInfo(name, type, shape));
  }

  /** One node with one output of the type `type` (default: the type of its first input). */
  op(opType: string, inputs: readonly (Value | null)[], attributes: Attributes = {}, type?: ElementType): Value {
    const [output] = this.ops(opType, inputs, 1, attributes, type);
    return output!;
  }

  /** One node with several outputs. A name `domain::Op` takes the operator from another domain. */
  ops(
    opType: string,
    inputs: readonly (Value | null)[],
    outputCount: number,
    attributes: Attributes = {},
    type: ElementType = inputs[0]!.type,
  ): Value[] {
    const outputs = Array.from({ length: outputCount }, () => ({ name: this.fresh(opType), type }));
    this.node(
      opType,
      inputs,
      outputs.map((output) => output.name),
      attributes,
    );
    return outputs;
  }

  cast(value: Value, type: ElementType = this.computeType): Value {
    if (value.type === type) return value;
    const key = `${value.name}>${type}`;
    let result = this.casts.get(key);
    if (result === undefined) {
      result = this.op('Cast', [value], { to: TYPES[type] }, type);
      this.casts.set(key, result);
    }
    return result;
  }

  /**
   * A weight in `type` (default: the compute type).
   *
   * @param as dimensions to give it in the graph where they differ from the stored ones but hold as many elements
   * @throws ModelFolderError when it is missing or has another shape
   */
  weight(name: string, shape: readonly number[], type: ElementType = this.computeType, as = shape): Value {
    const { value } = this.stored(name, shape, as);
    return this.cast(value, type);
  }

  /**
   * One of `of` parts of equal size that a weight consists of along its first axis, in the compute type.
   *
   * @param shape of the whole
   * @throws ModelFolderError when it is missing or has another shape
   */
  partOfWeight(name: string, shape: readonly number[], { index, of }: { index: number; of: number }): Value {
    const info = this.weights.get(name, shape);
    const bytes = info.bytes / of;
    const dims = shape.with(0, shape[0]! / of);
    return this.cast(
      this.external(`${name}[${index}/${of}]`, dims, { ...info, offset: info.offset + index * bytes, bytes }),
    );
  }

  /** A weight in the type it is stored in, e.g. to gather rows of it without a copy of the whole in another type. */
  stored(name: string, shape: readonly number[], as = shape): { value: Value } {
    return { value: this.external(`${name}[${as.join()}]`, as, this.weights.get(name, shape)) };
  }

  private external(id: string, dims: readonly number[], info: TensorInfo): Value {
    const type = STORED[info.dtype as keyof typeof STORED];
    if (!this.initializers.has(id)) {
      // Below the root folder and without links: the runtime refuses what leaves the folder that it was given.
      const location = realpathSync(info.file).slice(1);
      const external = { location, offset: String(info.offset), length: String(info.bytes) };
      this.initializers.set(
        id,
        create(TensorProtoSchema, {
          name: id,
          dims: dims.map(BigInt),
          dataType: TYPES[type],
          dataLocation: TensorProto_DataLocation.EXTERNAL,
          externalData: Object.entries(external).map(([key, value]) => ({ key, value })),
        }),
      );
    }
    return { name: id, type };
  }

  /** A constant; in float32 unless `type` says otherwise. Scalars have no dimensions. */
  constant(data: number | readonly number[], type: ElementType = 'float32'): Value {
    const values = typeof data === 'number' ? [data] : data;
    const id = `${type}(${typeof data === 'number' ? data : `[${data.join()}]`})`;
    if (type === 'bfloat16' || type === 'float16') return this.cast(this.constant(data), type);
    if (!this.initializers.has(id)) {
      this.initializers.set(
        id,
        create(TensorProtoSchema, {
          name: id,
          dims: typeof data === 'number' ? [] : [BigInt(data.length)],
          dataType: TYPES[type],
          ...(type === 'int64' ? { int64Data: values.map(BigInt) } : { floatData: [...values] }),
        }),
      );
    }
    return { name: id, type };
  }

  /** The finished model as bytes. */
  build(name: string): Uint8Array {
    const graph: Partial<GraphProto> = {
      name,
      node: this.nodes,
      initializer: [...this.initializers.values()],
      input: this.inputs,
      output: this.outputs,
    };
    return toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        irVersion: IR_VERSION,
        producerName: 'kinora',
        opsetImport: [
          { domain: '', version: BigInt(OPSET) },
          { domain: 'com.microsoft', version: 1n },
        ],
        graph: graph as GraphProto,
      }),
    );
  }

  private node(
    opType: string,
    inputs: readonly (Value | null)[],
    outputs: string[],
    attributes: Attributes = {},
  ): void {
    const [domain, op] = opType.includes('::') ? opType.split('::') : ['', opType];
    this.nodes.push(
      create(NodeProtoSchema, {
        opType: op,
        domain,
        name: `${op}_${this.count++}`,
        input: inputs.map((input) => input?.name ?? ''),
        output: outputs,
        attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
      }),
    );
  }

  private fresh(opType: string): string {
    return `${opType.split('::').at(-1)}_${this.nodes.length}_${this.count++}`;
  }
}

function attribute(name: string, value: Attributes[string]): AttributeProto {
  const text = new TextEncoder();
  if (typeof value === 'string')
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: text.encode(value) });
  if (typeof value === 'number')
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  if ('float' in value) return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

function valueInfo(name: string, type: ElementType, shape: readonly Dimension[]): ValueInfoProto {
  const dim = shape.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: TYPES[type], shape: { dim } } } },
  });
}
