import { open } from 'node:fs/promises';
import { ModelFolderError } from './errors.ts';
import { LONGEST_POINTER, pointerFault } from './model-file.ts';

/** Element types whose size is known; safetensors has more, and files hold tensors that no graph asks for. */
const BYTES_PER_ELEMENT = new Map(Object.entries({ F32: 4, F16: 2, BF16: 2, I32: 4, I64: 8, U8: 1, BOOL: 1, F64: 8 }));

/** Where a tensor lies: enough to map it, nothing read. */
export interface TensorInfo {
  name: string;
  file: string;
  /** E.g. `F32`, `BF16`. */
  dtype: string;
  shape: number[];
  /** Of its first byte in the file. */
  offset: number;
  bytes: number;
  /** True of what only stands for a tensor that could not be found. */
  unknown?: boolean;
}

/**
 * The format allows 100 MB, but parsed that takes 1.7 GB. A tensor has some 100 bytes of it: Mochi's files have 150 kB,
 * and no published model was found to have more than some MB.
 */
const MAX_HEADER_BYTES = 16 << 20;

/**
 * Reads the header of a `.safetensors` file and checks every entry against the file's size.
 *
 * @throws ModelFolderError naming the file (and tensor) when it is no such file, or cut short.
 */
export async function readSafetensorsHeader(file: string): Promise<Map<string, TensorInfo>> {
  const handle = await open(file).catch((error: Error) => {
    throw new ModelFolderError(`${file}: ${error.message}`);
  });
  try {
    const { size } = await handle.stat();
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(LONGEST_POINTER), 0, LONGEST_POINTER, 0);
    const start = buffer.subarray(0, bytesRead);
    const pointer = pointerFault(start);
    if (pointer) throw new ModelFolderError(`${file}: ${pointer}`);
    const text = Buffer.alloc(headerLength(file, start, size));
    await handle.read(text, 0, text.length, 8);
    return parseHeader(file, text, size).tensors;
  } finally {
    await handle.close();
  }
}

const unusable = (file: string, why: string) => new ModelFolderError(`${file}: not a usable safetensors file: ${why}`);

function headerLength(file: string, start: Buffer, size: number): number {
  const length = size < 8 ? 0n : start.readBigUInt64LE();
  if (size < 8 || length > size - 8) throw unusable(file, `its header would end at byte ${8n + length} of ${size}`);
  if (length > MAX_HEADER_BYTES) {
    throw unusable(file, `its header has ${length} bytes; more than ${MAX_HEADER_BYTES} are not read`);
  }
  return Number(length);
}

function parseHeader(file: string, text: Buffer, size: number) {
  let header: unknown;
  try {
    header = JSON.parse(text.toString('utf8'));
  } catch {
    throw unusable(file, 'its header is not JSON');
  }
  if (!isObject(header)) throw unusable(file, 'its header is not an object');
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = new Map<string, TensorInfo>();
  for (const [name, entry] of Object.entries(entries)) {
    if (!isEntry(entry)) throw unusable(file, `tensor ${name} is not described by a type, a shape and its bytes`);
    const { dtype, shape, data_offsets } = entry;
    const [begin, end] = data_offsets;
    const bytes = end - begin;
    const perElement = BYTES_PER_ELEMENT.get(dtype);
    if (bytes < 0 || (perElement !== undefined && bytes !== shape.reduce((product, n) => product * n, perElement))) {
      throw unusable(file, `tensor ${name} of shape [${shape.join(', ')}] has ${bytes} bytes`);
    }
    if (8 + text.length + end > size) throw unusable(file, `tensor ${name} ends after the file, which was cut short`);
    tensors.set(name, { name, file, dtype, shape, offset: 8 + text.length + begin, bytes });
  }
  return { tensors, metadata: metadata as unknown as Record<string, string> };
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Invalid lengths and offsets would read other parts of the file. */
function isEntry(value: unknown): value is HeaderEntry {
  if (!isObject(value)) return false;
  const { dtype, shape, data_offsets } = value;
  const areCounts = (list: unknown) => Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);
  return (
    typeof dtype === 'string' && areCounts(shape) && areCounts(data_offsets) && (data_offsets as number[]).length === 2
  );
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
    for (const info of header.values()) {
      const data = new Uint8Array(info.bytes);
      await handle.read(data, 0, info.bytes, info.offset);
      tensors.set(info.name, typed(info, data));
    }
    return tensors;
  } finally {
    await handle.close();
  }
}

/**
 * Every F32, I32 and U8 tensor of a file's bytes, copied, and its metadata.
 *
 * @param file what it is called in errors.
 * @throws ModelFolderError
 */
export function parseSafetensors(file: string, bytes: Uint8Array) {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = headerLength(file, buffer, bytes.length);
  const { tensors: header, metadata } = parseHeader(file, buffer.subarray(8, 8 + length), bytes.length);
  const tensors = new Map<string, Tensor>();
  for (const info of header.values()) {
    tensors.set(info.name, typed(info, new Uint8Array(bytes.subarray(info.offset, info.offset + info.bytes))));
  }
  return { tensors, metadata };
}

/** @param data of a buffer of its own. */
function typed({ name, file, dtype, shape }: TensorInfo, data: Uint8Array): Tensor {
  if (dtype === 'F32') return { shape, data: new Float32Array(data.buffer) };
  if (dtype === 'I32') return { shape, data: new Int32Array(data.buffer) };
  if (dtype === 'U8') return { shape, data };
  throw new ModelFolderError(`${file}: tensor ${name} has the type ${dtype}, which is not read here`);
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
