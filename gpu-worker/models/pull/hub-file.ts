import { z } from 'zod';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const FOLDERS = 'scheduler|text_encoder|tokenizer|transformer|vae';
const NAME = String.raw`[A-Za-z0-9_][A-Za-z0-9._-]*`;

/**
 * A file of a repository, as a hub lists it and a folder's manifest keeps it. Both come from outside, and become paths:
 * nothing but this form does.
 */
export const hubFileSchema = z.object({
  /** Relative to the repository, with `/`. */
  path: z
    .string()
    .max(200)
    .regex(new RegExp(`^((${FOLDERS})/)?${NAME}$`), "is no name of a file of a pipeline in diffusers' layout"),
  size: z.int().min(0),
  /** What its bytes hash to: large files have a SHA-256, the others git's id of a blob. */
  checksum: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('sha256'), value: z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256') }),
    z.object({ kind: z.literal('git'), value: z.string().regex(/^[0-9a-f]{40}$/, "is no git's id of a file") }),
  ]),
});
export type HubFile = z.infer<typeof hubFileSchema>;

/** 40 hex digits. */
export const commitSchema = z.string().regex(/^[0-9a-f]{40}$/, 'must be a commit, 40 hex digits');

/**
 * Whether a file's bytes are what the hub says they are.
 *
 * @param onBytes told of bytes that were read
 */
export async function isIntact(
  path: string,
  { size, checksum }: Pick<HubFile, 'size' | 'checksum'>,
  onBytes?: (bytes: number) => void,
): Promise<boolean> {
  const hash = createHash(checksum.kind === 'sha256' ? 'sha256' : 'sha1');
  // Git hashes a header before the content.
  if (checksum.kind === 'git') hash.update(`blob ${size}\0`);
  let read = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    read += chunk.length;
    onBytes?.(chunk.length);
  }
  return read === size && hash.digest('hex') === checksum.value;
}
