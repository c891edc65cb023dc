import { open } from 'node:fs/promises';
import { ModelFolderError } from './errors.ts';

/** Element types of Mochi's files (safetensors knows more). */
export const BYTES_PER_ELEMENT = { F32: 4, F16: 2, BF16: 2, I32: 4, I64: 8, U8: 1, BOOL: 1, F64: 8 } as const;
export type SafetensorsType = keyof typeof BYTES_PER_ELEMENT;

/** Where a tensor lies: enough to map it, nothing read. */
export interface TensorInfo {
  name: string;
  file: string;
  dtype: SafetensorsType;
  shape: number[];
  /** Of its first byte in the file. */
  offset: number;
  bytes: number;
}

const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads the header of a `.safetensors` file and checks every entry against the file's size.
 *
 * @throws ModelFolderError naming the file (and tensor) when it is no such file, or cut short.
 */
export async function readSafetensorsHeader(file: string): Promise<Map<string, TensorInfo>> {
  const bad = (why: string) => new ModelFolderError(`${file}: not a usable safetensors file: ${why}`);
  const handle = await open(file).catch((error: Error) => {
    throw new ModelFolderError(`${file}: ${error.message}`);
  });
  try {
    const { size } = await handle.stat();
    const start = Buffer.alloc(8);
    await handle.read(start, 0, 8, 0);
    const headerBytes = Number(start.readBigUInt64LE());
    if (size < 8 || headerBytes > Math.min(MAX_HEADER_BYTES, size - 8)) {
      throw bad(`its header would end at byte ${8 + headerBytes} of ${size}`);
    }
    const text = Buffer.alloc(headerBytes);
    await handle.read(text, 0, headerBytes, 8);
    let header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
    try {
      header = JSON.parse(text.toString('utf8')) as typeof header;
    } catch {
      throw bad('its header is not JSON');
    }
    const tensors = new Map<string, TensorInfo>();
    for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
      if (name === '__metadata__') continue;
      if (!Object.hasOwn(BYTES_PER_ELEMENT, dtype)) throw bad(`tensor ${name} has the type ${dtype}`);
      const type = dtype as SafetensorsType;
      const [begin, end] = data_offsets;
      const bytes = shape.reduce((product, n) => product * n, BYTES_PER_ELEMENT[type]);
      if (end - begin !== bytes) throw bad(`tensor ${name} of shape [${shape.join(', ')}] has ${end - begin} bytes`);
      if (8 + headerBytes + end > size) throw bad(`tensor ${name} ends after the file, which was cut short`);
      tensors.set(name, { name, file, dtype: type, shape, offset: 8 + headerBytes + begin, bytes });
    }
    return tensors;
  } finally {
    await handle.close();
  }
}

/** A tensor read into memory; F16 and BF16 are not offered here: weights are mapped by the runtime, never read. */
export interface Tensor {
  shape: number[];
  data: Float32Array | Int32Array | Uint8Array;
}

/** Reads every F32, I32 and U8 tensor of a file. */
export async function readSafetensors(file: string): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  const header = await readSafetensorsHeader(file);
  const handle = await open(file);
  try {
    for (const { name, dtype, shape, offset, bytes } of header.values()) {
      const data = new Uint8Array(bytes);
      await handle.read(data, 0, bytes, offset);
      if (dtype === 'F32') tensors.set(name, { shape, data: new Float32Array(data.buffer) });
      else if (dtype === 'I32') tensors.set(name, { shape, data: new Int32Array(data.buffer) });
      else if (dtype === 'U8') tensors.set(name, { shape, data });
      else throw new ModelFolderError(`${file}: tensor ${name} has the type ${dtype}, which is not read here`);
    }
    return tensors;
  } finally {
    await handle.close();
  }
}

/** The bytes of a `.safetensors` file that holds F32 tensors, with string metadata. */
export function writeSafetensors(
  tensors: Record<string, { shape: number[]; data: Float32Array }>,
  metadata: Record<string, string> = {},
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const text = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  const bodies = Object.values(tensors).map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  return Buffer.concat([size, text, ...bodies]);
}
