import { fileURLToPath } from 'node:url';
import type { S3Settings, StorageConfig } from './config.ts';
import { LocalStore } from './local.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * Opens the store that a URL names: `file:///absolute/folder` or `s3://bucket/prefix`.
 *
 * @param s3 how S3 is reached; unused for folders.
 */
export async function openStore(url: string, s3: S3Settings = {}): Promise<ObjectStore> {
  const { protocol, hostname: bucket, pathname } = new URL(url);
  if (protocol === 'file:') return new LocalStore(fileURLToPath(url));
  if (protocol === 's3:' && bucket) {
    // The AWS SDK takes a while to load, and a local set-up never needs it.
    const { S3Store } = await import('./s3.ts');
    return new S3Store({ bucket, prefix: pathname.replace(/^\/+|\/+$/g, ''), ...s3 });
  }
  throw new TypeError(`A store's URL must be file:///absolute/folder or s3://bucket/prefix, not ${url}`);
}

/** Opens both stores of a process. */
export async function openStores(config: StorageConfig): Promise<{ scratch: ObjectStore; artefacts: ObjectStore }> {
  const [scratch, artefacts] = await Promise.all([
    openStore(config.SCRATCH_URL, config),
    openStore(config.ARTEFACTS_URL, config),
  ]);
  return { scratch, artefacts };
}
