import { cp, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensorsHeader } from '../../../gpu-worker/weights/safetensors.ts';
import { MOCHI_TINY } from '../../../tools/harness/model/model-folder.ts';

/** In half precision. */
const BITS = { NaN: 0x7e00, infinite: 0x7c00 } as const;

/** A copy of mochi-tiny in which one weight, in the middle of a tensor, is no finite number. */
export async function plantedModel(
  file: string,
  tensor: string,
  value: keyof typeof BITS,
): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'kinora-planted-'));
  await cp(MOCHI_TINY, dir, { recursive: true });
  const path = join(dir, file);
  const { offset, bytes, dtype } = (await readSafetensorsHeader(path)).get(tensor)!;
  if (dtype !== 'F16') throw new Error(`${tensor} is of the type ${dtype}`);
  const handle = await open(path, 'r+');
  await handle.write(Buffer.from(Uint16Array.of(BITS[value]).buffer), 0, 2, offset + 2 * Math.floor(bytes / 4));
  await handle.close();
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}
