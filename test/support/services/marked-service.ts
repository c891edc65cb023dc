import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { LONG_SHAPE, WholeService } from '../../../tools/harness/services/whole-service.ts';
import type { Receiver } from '../servers/receiver.ts';

/** A word that is nowhere else. */
export const MARKER = `marker${randomBytes(8).toString('hex')}`;
/** A video with that word in its prompts. */
export const MARKED = {
  prompt: `a red ${MARKER} moving right`,
  negative_prompt: `blurry ${MARKER}`,
  width: 64,
  height: 64,
  num_frames: 7,
  num_inference_steps: 4,
};
/** The same, but long enough for something to be done meanwhile. */
export const LONG_MARKED = { ...MARKED, ...LONG_SHAPE };

/** The service as it is run, with everything said that it can say. */
export const startTalkativeService = (receiver: Receiver, env: Record<string, string> = {}): Promise<WholeService> =>
  WholeService.start({
    CHECKPOINT_STEPS: '2',
    LOG_LEVEL: 'trace',
    WEBHOOK_URL: receiver.url,
    WEBHOOK_SECRETS: `whsec_${randomBytes(32).toString('base64')}`,
    WEBHOOK_ALLOW_PRIVATE: 'true',
    ...env,
  });

/** Names of the files below a folder that hold this text. */
export async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const found = await Promise.all(paths.map(async (path) => (await contentOf(path)).includes(text)));
  return paths.filter((_, i) => found[i]).map((path) => relative(folder, path));
}

/** Empty where the file is gone by now. */
const contentOf = (path: string): Promise<Buffer> =>
  readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
