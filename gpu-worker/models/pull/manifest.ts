import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFile } from '../../../platform/fetch/cache.ts';
import { UserError } from '../../../platform/config/user-error.ts';
import { commitSchema, hubFileSchema } from './hub-file.ts';

/** Lies in the model's folder: what was pulled, and how its bytes can be told from broken ones. */
const MANIFEST = 'pulled.json';

const manifestSchema = z.object({
  repository: z.string(),
  /** What was asked for: a branch, a tag or a commit. */
  revision: z.string(),
  /** What that was when it was first asked for; later pulls stay with it. */
  commit: commitSchema,
  variant: z.string(),
  files: z.array(hubFileSchema),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** What an earlier pull, finished or not, noted in a folder. */
export async function readManifest(dir: string): Promise<Manifest | undefined> {
  const path = join(dir, MANIFEST);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError(`${path} is not readable: ${(error as Error).message}\nDelete it and pull again.`);
  }
}

export async function writeManifest(dir: string, manifest: Manifest): Promise<void> {
  await makeFile(join(dir, MANIFEST), (path) => writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`));
}
