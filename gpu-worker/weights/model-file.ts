import { open } from 'node:fs/promises';
import type { z } from 'zod';
import { ModelFolderError } from './errors.ts';

/** Real ones have a few kilobytes. */
const MAX_CONFIG_BYTES = 1 << 20;
const POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n[^]*\bsize (\d+)\n/;
/** The specification of Git LFS has pointers shorter than that. */
export const LONGEST_POINTER = 1024;

/**
 * What is wrong with a file of which a clone without Git LFS holds only the pointer.
 *
 * @param start its first {@link LONGEST_POINTER} bytes
 * @returns null where it is none
 */
export function pointerFault(start: Buffer): string | null {
  const [, bytes] = POINTER.exec(start.toString('latin1', 0, LONGEST_POINTER)) ?? [];
  return bytes === undefined
    ? null
    : `this is a Git LFS pointer, and the ${bytes} bytes that it stands for were not fetched. Run "git lfs pull" in that ` +
        'folder, or get the model anew with "npm run models:pull"';
}

/**
 * Reads a small file of a model folder, as configs and tokenizers are.
 *
 * @param maxBytes that no usable one has
 * @throws Error that says what is wrong, without the file's name; ENOENT and the like as they come
 */
export async function readModelFile(file: string, maxBytes: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size > maxBytes) throw new Error(`it has ${size} bytes; no usable one has more than ${maxBytes}`);
    const bytes = await handle.readFile();
    const fault = pointerFault(bytes);
    if (fault) throw new Error(fault);
    return bytes;
  } finally {
    await handle.close();
  }
}

/** @throws ModelFolderError naming the file and the field that is missing or not supported */
export async function readJson<T extends z.ZodType>(file: string, schema: T): Promise<z.infer<T>> {
  let value: unknown;
  try {
    value = JSON.parse((await readModelFile(file, MAX_CONFIG_BYTES)).toString('utf8'));
  } catch (error) {
    throw new ModelFolderError(`${file}: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ModelFolderError(`${file}: ${issue!.path.join('.') || 'the file'}: ${issue!.message}`);
}
