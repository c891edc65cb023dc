import { createHash } from 'node:crypto';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Files up to this size are hashed whole: configs, tokenizers, small weights. */
const WHOLE_BYTES = 32 << 20;
/** Of larger ones, weights of tens of GB, evenly spread samples are: fine-tuning changes every tensor. */
const SAMPLES = 64;
const SAMPLE_BYTES = 64 << 10;

/** What a model is made of; profiles, licences and pictures do not change a pixel. */
const COMPONENTS = ['scheduler', 'text_encoder', 'tokenizer', 'transformer', 'vae'];

/**
 * Tells models apart by their content, wherever the folder lies and whenever it was copied.
 *
 * @returns SHA-256, hex.
 */
export async function modelIdentity(dir: string): Promise<string> {
  const files = ['model_index.json'];
  for (const component of COMPONENTS) {
    const names = await readdir(join(dir, component));
    files.push(...names.toSorted().map((name) => `${component}/${name}`));
  }
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${file}\0`);
    await addFile(hash, join(dir, file));
  }
  return hash.digest('hex');
}

async function addFile(hash: ReturnType<typeof createHash>, path: string): Promise<void> {
  const handle = await open(path);
  try {
    const found = await handle.stat();
    if (!found.isFile()) return;
    hash.update(`${found.size}\0`);
    const buffer = Buffer.alloc(SAMPLE_BYTES);
    const stride = found.size <= WHOLE_BYTES ? SAMPLE_BYTES : Math.floor((found.size - SAMPLE_BYTES) / (SAMPLES - 1));
    for (let at = 0; at < found.size; at += stride) {
      const { bytesRead } = await handle.read(buffer, 0, SAMPLE_BYTES, at);
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
