import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { EncryptionKey } from '../../temporal/encryption/keys-file.ts';

/** What is sealed: one kind never stands for the other. */
type Kind = 'checkpoint' | 'frames';

/**
 * Signs what an attempt leaves in the scratch store, so that the next one believes only what a worker has written, and
 * for this very video: write access to that store must not decide what a video shows.
 */
export interface Seal {
  /** @returns HMAC-SHA256 in hex, after the key's id; null without keys */
  sign(kind: Kind, content: string): string | null;
  /** True too where there are no keys. */
  holds(kind: Kind, content: string, signature: string | null | undefined): boolean;
}

/** @param keys the first signs, each verifies; without any, everything is believed */
export function sealOf(keys: readonly EncryptionKey[], videoId: string): Seal {
  const mac = ({ id, key }: EncryptionKey, kind: Kind, content: string) => {
    const derived = Buffer.from(hkdfSync('sha256', key, '', 'kinora scratch store', 32));
    const hex = createHmac('sha256', derived)
      .update(JSON.stringify([kind, videoId, content]))
      .digest('hex');
    return `${id}:${hex}`;
  };
  return {
    sign: (kind, content) => (keys[0] === undefined ? null : mac(keys[0], kind, content)),
    holds: (kind, content, signature) =>
      keys.length === 0 || keys.some((key) => equal(mac(key, kind, content), signature ?? '')),
  };
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
