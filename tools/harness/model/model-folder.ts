import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A complete Mochi pipeline folder with tiny random weights, and what diffusers computes with it. */
export const MOCHI_TINY = fileURLToPath(new URL('../../../../gpu-worker/models/mochi-tiny', import.meta.url));
export const RANDOM_MODEL = fileURLToPath(new URL('../../../../test/fixtures/mochi-tiny-random', import.meta.url));

/** A copy of {@link RANDOM_MODEL} that a test may spoil; removed by `remove`. */
export async function copyOfRandomModel(): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'kinora-model-'));
  await cp(RANDOM_MODEL, dir, { recursive: true });
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** Changes a JSON file of a model folder. */
export async function editJson(file: string, edit: (value: Record<string, unknown>) => void): Promise<void> {
  const value = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  edit(value);
  await writeFile(file, JSON.stringify(value));
}

/** Adds a tensor of any type at the end of a safetensors file. */
export async function addTensor(file: string, name: string, dtype: string, data: Buffer): Promise<void> {
  const bytes = await readFile(file);
  const length = Number(bytes.readBigUInt64LE());
  const body = bytes.subarray(8 + length);
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, unknown>;
  header[name] = { dtype, shape: [data.length], data_offsets: [body.length, body.length + data.length] };
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  await writeFile(file, Buffer.concat([size, text, body, data]));
}
