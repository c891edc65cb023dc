import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { keys, VARIANT_FILES } from '../storage/keys.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { StoredFile, Variant } from '../contract/results.ts';

/** Puts a local file under its key of the store, which is the same for every attempt: repeating it changes nothing. */
export async function store(
  { to, videoId, variant, path }: { to: ObjectStore; videoId: string; variant: Variant; path: string },
  signal: AbortSignal,
): Promise<StoredFile> {
  const key = keys.variant(videoId, variant);
  const { contentType } = VARIANT_FILES[variant];
  const sha256 = await sha256OfFile(path, signal);
  const { bytes } = await to.putFile(key, path, { contentType, signal });
  return { key, bytes, sha256, contentType };
}

/** SHA-256 of a local file, hex. */
export async function sha256OfFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { signal });
  return hash.digest('hex');
}
