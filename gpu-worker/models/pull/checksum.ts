import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { HubFile } from './hub-file.ts';

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
